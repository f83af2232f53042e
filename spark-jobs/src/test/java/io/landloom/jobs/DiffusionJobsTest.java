package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Latent diffusion, from patches to pairs, with the smallest networks. */
class DiffusionJobsTest extends SparkTest {
  private static Path tiled;
  private static Path autoencoder;
  private static Path layouts;
  private static Path images;
  private static Path control;

  @BeforeAll
  static void train() throws IOException {
    tiled = shared.resolve("diffusion");
    succeed(
        "simulate",
        "output.root=" + tiled,
        "simulate.scenes=1",
        "simulate.width=192",
        "simulate.height=160",
        "simulate.block=64");
    succeed(
        "tile",
        "output.root=" + tiled,
        "input.scenes=" + tiled + "/images",
        "input.labels=" + tiled + "/labels",
        "splits.block=1",
        "patch.size=32");
    autoencoder = trained("autoencoder");
    layouts = trained("denoiser");
    images =
        trained(
            "denoiser",
            "denoiser.content=images",
            "denoiser.space=latents",
            "denoiser.autoencoder=" + autoencoder);
    control = trained("controlnet", "controlnet.denoiser=" + images);
  }

  /** The bundle of a training of three steps. */
  private static Path trained(String model, String... more) throws IOException {
    List<Path> before = runs();
    List<String> keys = new ArrayList<>(Arrays.asList(TinyNetworks.of(model)));
    keys.addAll(List.of("output.root=" + tiled, model + ".steps=3", "train.sheetSteps=3"));
    keys.addAll(Arrays.asList(more));
    succeed("train", keys.toArray(String[]::new));
    List<Path> made = runs();
    made.removeAll(before);
    assertEquals(1, made.size(), made.toString());
    assertTrue(Files.exists(made.get(0).resolve("sheets/step-00000003.png")), made.toString());
    assertTrue(Files.exists(made.get(0).resolve("losses.png")), made.toString());
    return made.get(0).resolve("bundle");
  }

  private static List<Path> runs() throws IOException {
    try (Stream<Path> files = Files.list(tiled)) {
      return new ArrayList<>(
          files.filter(file -> file.getFileName().toString().startsWith("run_id=train-")).toList());
    }
  }

  private static Config card(Path bundle) {
    return ConfigFactory.parseFile(bundle.resolve("card.json").toFile());
  }

  @Test
  void theCardsSayWhatWasMeasured() {
    Config ofAutoencoder = card(autoencoder);
    assertEquals("autoencoder", ofAutoencoder.getString("architecture"));
    assertTrue(ofAutoencoder.getDouble("training.metrics.\"latent scale\"") > 0);
    assertTrue(ofAutoencoder.getDouble("training.metrics.\"grey levels off\"") > 0);
    Config ofLayouts = card(layouts);
    assertEquals("denoiser", ofLayouts.getString("architecture"));
    double error = ofLayouts.getDouble("training.metrics.mCPE");
    assertTrue(error > 0 && error < 100, "mCPE " + error);
    // a mask has 1024 pixels, so a share is met to half a pixel: 0.05 points
    double exact = ofLayouts.getDouble("training.metrics.\"mCPE exact\"");
    assertTrue(exact <= 0.05, "mCPE exact " + exact);
    assertTrue(ofLayouts.hasPath("training.metrics.\"boundary cleaned\""), "realism, cleaned");
    double novelty = ofLayouts.getDouble("training.metrics.novelty");
    double least = ofLayouts.getDouble("training.metrics.\"novelty least\"");
    assertTrue(0 <= least && least <= novelty && novelty <= 1, least + " to " + novelty);
    assertEquals("latent-diffusion", card(control).getString("architecture"));
  }

  @Test
  void adaptersAreTrainedOnADenoiserOfMasks() throws IOException {
    Path adapted = trained("adapters", "adapters.denoiser=" + layouts);
    assertEquals(2, card(adapted).getInt("sizes.\"adapters.rank\""));
    Ended refused =
        landloom(
            "train",
            Stream.concat(
                    Arrays.stream(TinyNetworks.of("adapters")),
                    Stream.of("output.root=" + tiled, "adapters.denoiser=" + control))
                .toArray(String[]::new));
    assertEquals(2, refused.code(), refused.err());
    assertTrue(
        refused.err().contains("draws images; adapters are for one of masks"), refused.err());
  }

  @Test
  void aSegmenterMayLookAtWhatAControlNetDraws() throws IOException {
    String segmenter = "controlnet.consistency.segmenter=";
    Path judge = trained("segmenter");
    Path judged = trained("controlnet", "controlnet.denoiser=" + images, segmenter + judge);
    assertEquals("latent-diffusion", card(judged).getString("architecture"));
    String losses = Files.readString(judged.resolveSibling("losses.csv"));
    assertTrue(losses.startsWith("step,noise,consistency"), losses.lines().findFirst().toString());
    Ended missing =
        landloom(
            "train",
            "output.root=" + tiled,
            "model=controlnet",
            "controlnet.denoiser=" + images,
            segmenter + tiled + "/nothing");
    assertEquals(2, missing.code(), missing.err());
    assertTrue(missing.err().contains(segmenter.replace("=", " = ") + tiled), missing.err());
  }

  /** A model that reads captions reads those of the file, in training and in drawing. */
  @Test
  void captionsComeFromAFile() throws IOException {
    String root = copyRuns(tiled, folder.resolve("captioned"), "tile");
    List<String> keys =
        spark
            .read()
            .parquet(root + "/run_id=*/patches")
            .selectExpr("concat_ws('/', scene_id, row, col) AS id")
            .as(Encoders.STRING())
            .collectAsList();
    Path file = folder.resolve("captions.csv");
    Files.writeString(
        file,
        keys.stream()
            .map(key -> key + ",\"a harbour, \"\"old\"\", with boats\"\n")
            .collect(Collectors.joining("", "id,text\n", "")));
    String[] denoiser = {
      "denoiser.content=images",
      "denoiser.space=latents",
      "denoiser.condition=prompt",
      "denoiser.text.captions=rules",
      "denoiser.autoencoder=" + autoencoder
    };
    Path byRules = trained("denoiser", denoiser);
    String[] more = Arrays.copyOf(denoiser, denoiser.length + 1);
    more[denoiser.length] = "captions.file=" + file;
    Path byFile = trained("denoiser", more);
    assertFalse(
        Arrays.equals(weights(byRules), weights(byFile)), "training does not read the file");
    Path captioned = trained("controlnet", "controlnet.denoiser=" + byFile);
    succeed("plan", "output.root=" + root, "patch.size=32");
    String other = copyRuns(Path.of(root), folder.resolve("uncaptioned"), "tile", "plan");
    Ended made = synthesize(root, "model=" + captioned, "captions.file=" + file);
    assertEquals(0, made.code(), made.err());
    Ended without = synthesize(other, "model=" + captioned);
    assertEquals(0, without.code(), without.err());
    assertTrue(record(root, "synthesize").getString("gates").contains(" captions="));
    assertFalse(record(other, "synthesize").getString("gates").contains(" captions="));
    String images = "/run_id=synthesize-*/pairs";
    assertTrue(
        spark
                .read()
                .parquet(root + images)
                .select("condition", "image.bytes")
                .except(spark.read().parquet(other + images).select("condition", "image.bytes"))
                .count()
            > 0,
        "drawing does not read the file");
  }

  private static byte[] weights(Path bundle) throws IOException {
    return Files.readAllBytes(bundle.resolve("weights.safetensors"));
  }

  @Test
  void imagesAreDrawnForTheMasksOfAPlan() {
    succeed("plan", "output.root=" + tiled, "patch.size=32");
    Ended made = synthesize(tiled.toString());
    assertEquals(0, made.code(), made.err());
    succeed("summarize", "output.root=" + tiled);
    succeed("verify", "output.root=" + tiled);
    Dataset<Row> pairs = spark.read().parquet(tiled + "/run_id=synthesize-*/pairs");
    assertEquals(
        spark.read().parquet(tiled + "/run_id=*/patches").where("split = 'train'").count(),
        pairs.count());
    assertEquals(32, pairs.first().<Integer>getAs("width"));
    succeed("report", "output.root=" + tiled);
  }

  /** Each finish that was asked for is measured, and the last one is exact to a pixel. */
  @Test
  void layoutsAreDrawnForATargetAndImagesForThem() throws IOException {
    String root = copyRuns(tiled, folder.resolve("layouts"), "tile");
    String planned =
        succeed("plan", "output.root=" + root, "patch.size=32", "plan.layouts=5", "plan.copies=2");
    assertTrue(planned.contains("layouts"), planned);
    Ended unset = synthesize(root);
    assertEquals(2, unset.code(), unset.err());
    assertTrue(
        unset.err().contains("asks for layouts; give --set layouts.model=<bundle of a denoiser>"),
        unset.err());
    Ended wrong = synthesize(root, "layouts.model=" + control);
    assertEquals(2, wrong.code(), wrong.err());
    assertTrue(wrong.err().contains("masks are drawn by a denoiser of content"), wrong.err());
    Ended made =
        synthesize(root, "layouts.model=" + layouts, "layouts.attempts=2", "layouts.guidance=1");
    assertEquals(0, made.code(), made.err());
    Dataset<Row> pairs = spark.read().parquet(root + "/run_id=synthesize-*/pairs");
    assertEquals(10, pairs.count());
    assertEquals(5, pairs.select("condition").distinct().count());
    assertEquals(5, pairs.select("mask.bytes").distinct().count(), "copies share their mask");
    Config run = record(root, "synthesize");
    assertEquals(5, run.getDouble("layouts.count"));
    assertTrue(run.getDouble("layouts.mCPE.guided") >= 0, run.getConfig("layouts").toString());
    assertTrue(run.getDouble("layouts.mCPE.exact") < 0.1, run.getConfig("layouts").toString());
    succeed("summarize", "output.root=" + root);
    succeed("verify", "output.root=" + root);
    succeed("report", "output.root=" + root);
  }

  /** More pairs than masks, each to be used once: layouts are the rest of one plan. */
  @Test
  void layoutsStandInWhereMasksRunOut() throws IOException {
    String root = copyRuns(tiled, folder.resolve("mixed"), "tile");
    long masks = spark.read().parquet(root + "/run_id=*/patches").where("split = 'train'").count();
    String[] wanted = {
      "output.root=" + root,
      "patch.size=32",
      "plan.layouts=auto",
      "plan.target=real",
      "plan.eps=0.05",
      "plan.maxReuse=1",
      "plan.count=" + (masks + 7)
    };
    String planned = succeed("plan", wanted);
    assertTrue(planned.contains(" where masks run out or miss the target"), planned);
    assertTrue(planned.contains("real, met: "), planned);
    // as many as masks are short of, or a few more where so few cannot have the shares
    int asked = record(root, "plan").getInt("counts.layouts");
    assertTrue(asked >= 7 && asked <= 7 + masks / 4, asked + " layouts");
    Ended estimate = command("synthesize", "--dry-run", "--set", "output.root=" + root);
    assertEquals(0, estimate.code(), estimate.err());
    assertTrue(
        estimate.out().contains("layouts: " + asked + " masks are drawn first, by layouts.model"),
        estimate.out());
    Ended made = synthesize(root, "layouts.model=" + layouts, "layouts.attempts=1");
    assertEquals(0, made.code(), made.err());
    Dataset<Row> pairs = spark.read().parquet(root + "/run_id=synthesize-*/pairs");
    assertEquals(masks + 7, pairs.count());
    assertEquals(asked, pairs.where("scene_id = 'layout'").count());
    assertEquals(masks + 7, pairs.select("condition").distinct().count());
    assertEquals(asked, record(root, "synthesize").getDouble("layouts.count"));
    succeed("summarize", "output.root=" + root);
    succeed("verify", "output.root=" + root);
    succeed("report", "output.root=" + root);
    String again = succeed("plan", wanted);
    assertTrue(again.contains("nothing new to plan"), again);
    Ended unbounded =
        landloom("plan", "output.root=" + root, "plan.layouts=auto", "plan.target=uniform");
    assertEquals(2, unbounded.code(), unbounded.err());
    assertTrue(
        unbounded
            .err()
            .contains("with plan.alpha or plan.count; give both, or a number of layouts"),
        unbounded.err());
  }

  @Test
  void layoutsStandInForMasksOfPeopleAlone() throws IOException {
    String root = copyRuns(tiled, folder.resolve("refused"), "tile");
    Ended redrawn =
        landloom(
            "plan",
            "output.root=" + root,
            "plan.layouts=auto",
            "plan.target=real",
            "plan.alpha=1",
            "plan.redraw=pond");
    assertEquals(2, redrawn.code(), redrawn.err());
    assertTrue(
        redrawn.err().contains("auto draws all of a layout; plan.redraw = pond is for masks"),
        redrawn.err());
    Ended predicted =
        landloom(
            "plan",
            "output.root=" + root,
            "plan.layouts=auto",
            "plan.masks=predicted",
            "plan.target=real",
            "plan.alpha=1");
    assertEquals(2, predicted.code(), predicted.err());
    assertTrue(
        predicted.err().contains("plan.layouts asks for masks that are not there"),
        predicted.err());
  }

  private static Ended synthesize(String root, String... more) {
    List<String> keys =
        new ArrayList<>(
            List.of(
                "output.root=" + root,
                "patch.size=32",
                "model=" + control,
                "synthesize.batch=4",
                "gates.leastRange=0",
                "gates.mostSaturated=1"));
    keys.addAll(Arrays.asList(more));
    return landloom("synthesize", keys.toArray(String[]::new));
  }

  private static Config record(String root, String job) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(root))) {
      Path run =
          files
              .filter(file -> file.getFileName().toString().startsWith("run_id=" + job + "-"))
              .findFirst()
              .orElseThrow();
      return ConfigFactory.parseFile(run.resolve("run.json").toFile());
    }
  }

  @Test
  void aModelThatDrawsNoImagesOfMasksIsRefused() {
    succeed("plan", "output.root=" + tiled, "patch.size=32");
    Ended refused =
        landloom("synthesize", "output.root=" + tiled, "patch.size=32", "model=" + layouts);
    assertEquals(2, refused.code(), refused.err());
    assertTrue(
        refused
            .err()
            .contains(
                "is denoiser, which draws no images of masks; give a csebgan or a"
                    + " latent-diffusion"),
        refused.err());
  }

  @Test
  void aTrainingWithoutTheOneBeforeIsRefused() {
    Ended missing =
        landloom(
            "train",
            "output.root=" + tiled,
            "model=controlnet",
            "controlnet.denoiser=" + tiled + "/nothing");
    assertEquals(2, missing.code(), missing.err());
    assertTrue(missing.err().contains("controlnet.denoiser = " + tiled), missing.err());
    Ended unset = landloom("train", "output.root=" + tiled, "model=adapters");
    assertEquals(2, unset.code(), unset.err());
    assertTrue(
        unset.err().contains("adapters: adapters change a denoiser; give the folder of its bundle"),
        unset.err());
  }
}
