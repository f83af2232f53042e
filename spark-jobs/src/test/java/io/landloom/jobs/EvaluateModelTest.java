package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.landcover.LandCoverScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Measures networks of a few steps: the numbers are bad, but they are there and repeat. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EvaluateModelTest extends SparkTest {
  private static final String REAL = "\"real, left out\"";

  private static String root;
  private static String model;
  private static String segmenter;
  private static String features;

  @BeforeAll
  static void trainNetworks() throws IOException {
    root = shared.resolve("dataset").toString();
    succeed(
        "simulate",
        "output.root=" + root,
        "simulate.width=320",
        "simulate.height=288",
        "simulate.block=64");
    succeed(
        "tile",
        "output.root=" + root,
        "input.scenes=" + root + "/images",
        "input.labels=" + root + "/labels",
        "splits.block=1",
        "splits.shares=[1, 1, 1]",
        "patch.size=32");
    model =
        train(
            "model=csebgan",
            "csebgan.nf=1",
            "csebgan.ndf=2",
            "csebgan.conductor.width=2",
            "csebgan.batch=2",
            "csebgan.calibrationBatches=1",
            "csebgan.steps=2");
    segmenter = train("model=segmenter", "segmenter.width=2", "segmenter.steps=2");
    features =
        train(
            "model=features",
            "features.width=8",
            "features.blocks=1",
            "features.batch=2",
            "features.steps=2");
  }

  /** Trains a network and gives the folder of its bundle. */
  private static String train(String... keys) throws IOException {
    Set<Path> before = Set.copyOf(runs("run_id=train-"));
    List<String> all = new ArrayList<>(Arrays.asList(keys));
    all.addAll(List.of("output.root=" + root, "patch.size=32", "train.sheetSteps=0"));
    all.add("train.name=" + keys[0].substring("model=".length()));
    succeed("train", all.toArray(String[]::new));
    List<Path> added = runs("run_id=train-").stream().filter(run -> !before.contains(run)).toList();
    assertEquals(1, added.size());
    return added.get(0).resolve("bundle").toString();
  }

  private static List<Path> runs(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(root))) {
      return files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
    }
  }

  private static String[] keys(String... more) {
    return Stream.concat(
            Stream.of(
                "output.root=" + root,
                "model=" + model,
                "evaluate.segmenter=" + segmenter,
                "evaluate.features=" + features,
                "evaluate.images=20",
                "evaluate.classifierSteps=3",
                "evaluate.regressionSteps=3",
                "evaluate.regressionWidth=2",
                "evaluate.diversityMasks=2",
                "evaluate.redrawMasks=2",
                "evaluate.copies=3",
                "evaluate.pairs=2"),
            Stream.of(more))
        .toArray(String[]::new);
  }

  private static Path onlyEvaluation() throws IOException {
    List<Path> runs = runs("run_id=evaluate-");
    assertEquals(1, runs.size());
    return runs.get(0);
  }

  @Test
  @Order(1)
  void numbersStandBesideTheFloorTheReferencesAndWhatTheyAreMeasuredWith() throws IOException {
    String out = succeed("evaluate", keys());
    assertTrue(out.contains("Distance over that of real images, csebgan: FD-Seg "), out);
    Config results = ConfigFactory.parseFile(onlyEvaluation().resolve("results.json").toFile());
    Config facts = results.getConfig("facts");
    assertTrue(facts.getString("model").startsWith("csebgan, 2 steps, seed 1, digest "));
    assertTrue(facts.getString("segmenter").startsWith("segmenter, digest "));
    assertTrue(facts.getString("features").startsWith("features, digest "));
    assertTrue(
        facts
            .getString("images")
            .startsWith("20 a set of 32 x 32 x 3: masks of validation, compared with test; "),
        facts.getString("images"));
    Config tables = results.getConfig("tables");
    Config distances = tables.getConfig("\"Distance to other real images\"");
    assertEquals(
        Set.of("real, left out", "csebgan", "class-mean", "l1-regression"),
        distances.root().keySet());
    Config ratios = tables.getConfig("\"Distance over that of real images\"");
    for (String measure : List.of("FD-Seg", "FD-style", "FD-stat", "SWD")) {
      assertEquals(1, ratios.getDouble(REAL + "." + measure), measure);
      assertEquals(
          distances.getDouble("csebgan." + measure) / distances.getDouble(REAL + "." + measure),
          ratios.getDouble("csebgan." + measure),
          1e-9);
    }
    // one colour a class with white noise cannot have the detail of simulated scenes
    assertTrue(ratios.getDouble("class-mean.FD-stat") > 2);
    assertEquals(1, tables.getDouble("\"Seg-consistency\"." + REAL + ".\"mIoU ratio\""));
    assertTrue(tables.getDouble("\"Diversity\"." + REAL + ".\"D-LPIPS\"") > 0);
  }

  @Test
  @Order(2)
  void aClassThatPatchesShowHasADistanceOfItsOwn() throws IOException {
    Config tables =
        ConfigFactory.parseFile(onlyEvaluation().resolve("results.json").toFile())
            .getConfig("tables");
    Config real = tables.getConfig("\"FD-style by class\"." + REAL);
    Config drawn = tables.getConfig("\"FD-style by class\".class-mean");
    int classes = 0;
    for (String name : real.root().keySet()) {
      if (!real.getIsNull("\"" + name + "\"")) {
        assertTrue(real.getDouble("\"" + name + "\"") > 0, name);
        assertTrue(drawn.getDouble("\"" + name + "\"") > 0, name);
        classes++;
      }
    }
    assertTrue(classes > 2, classes + " classes");
    assertTrue(classes < real.root().size(), "a class that no patch shows has no distance");
  }

  @Test
  @Order(2)
  void everyClassOfTheSchemeIsDrawnAnewWhereItIs() throws IOException {
    Config tables =
        ConfigFactory.parseFile(onlyEvaluation().resolve("results.json").toFile())
            .getConfig("tables");
    Config byClass = tables.getConfig("\"One class drawn anew\"");
    List<String> names =
        LandCoverScheme.named("gid15").validClasses().stream().map(each -> each.name()).toList();
    assertEquals(Set.copyOf(names), byClass.root().keySet());
    double inside = 0;
    int classes = 0;
    for (String name : names) {
      Config row = byClass.getConfig("\"" + name + "\"");
      if (row.getInt("masks") > 0) {
        assertTrue(row.getInt("masks") <= 2);
        inside += row.getDouble("\"D inside (map)\"");
        classes++;
      } else {
        assertTrue(row.getIsNull("selectivity"), name);
      }
    }
    assertTrue(classes > 2, classes + " classes");
    assertEquals(
        inside / classes, tables.getDouble("\"Class-specific diversity\".\"map mean\".mCSD"), 1e-9);
  }

  @Test
  @Order(3)
  void theSameInputsGiveTheSameNumbers() throws IOException {
    Path run = onlyEvaluation();
    assertTrue(succeed("evaluate", keys()).contains(" is already published with the same inputs"));
    String json = Files.readString(run.resolve("results.json"));
    String page = Files.readString(run.resolve("results.md"));
    assertTrue(page.startsWith("# Evaluation of csebgan\n"));
    assertTrue(page.contains("| l1-regression | "), page);
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    succeed("evaluate", keys());
    assertEquals(json, Files.readString(onlyEvaluation().resolve("results.json")));
  }

  @Test
  @Order(4)
  void refusesWhatIsNoSegmenterAndWhatIsNotThere() {
    Ended swapped = landloom("evaluate", keys("evaluate.segmenter=" + model));
    assertEquals(2, swapped.code(), swapped.err());
    assertTrue(
        swapped
            .err()
            .contains(
                "model 'csebgan': is csebgan (spectral norm folded into kernels, statistics into"
                    + " rows, float32 NCHW), not segmenter (batch norm with running statistics,"
                    + " float32 NCHW)"),
        swapped.err());
    Ended missing = landloom("evaluate", "output.root=" + root, "model=" + model);
    assertEquals(2, missing.code());
    assertTrue(
        missing.err().contains("evaluate.segmenter is not set; give --set evaluate.segmenter=..."),
        missing.err());
    Ended otherScheme = landloom("evaluate", keys("scheme=gid5"));
    assertEquals(2, otherScheme.code());
    assertTrue(
        otherScheme.err().contains("holds no patches of scheme gid5; run tile first"),
        otherScheme.err());
  }

  @Test
  @Order(7)
  void aModelOfDiffusionIsMeasuredByTheSameMeasures() throws IOException {
    String autoencoder = tiny("autoencoder");
    String images =
        tiny(
            "denoiser",
            "denoiser.content=images",
            "denoiser.space=latents",
            "denoiser.autoencoder=" + autoencoder);
    String control = tiny("controlnet", "controlnet.denoiser=" + images);
    String out = succeed("evaluate", keys("model=" + control, "evaluate.regressionSteps=0"));
    assertTrue(out.contains("Distance over that of real images, controlnet: FD-Seg "), out);
  }

  @Test
  @Order(8)
  void aModelOfMasksIsMeasuredByItsSharesAndByRealMasks() throws IOException {
    Set<Path> before = Set.copyOf(runs("run_id=evaluate-"));
    String masks = tiny("denoiser");
    String[] keys = {
      "output.root=" + root, "model=" + masks, "evaluate.images=20", "patch.size=32"
    };
    String out = succeed("evaluate", keys);
    assertTrue(out.contains("Errors of shares, as drawn: mCPE "), out);
    Path run =
        runs("run_id=evaluate-").stream()
            .filter(each -> !before.contains(each))
            .findFirst()
            .orElseThrow();
    Config results = ConfigFactory.parseFile(run.resolve("results.json").toFile());
    assertTrue(
        results.getString("facts.masks").startsWith("20 of 32 x 32, "),
        results.getString("facts.masks"));
    Config shares = results.getConfig("tables.\"Errors of shares\"");
    List<String> classes =
        LandCoverScheme.named("gid15").validClasses().stream().map(each -> each.name()).toList();
    for (String row : List.of("\"as drawn\"", "cleaned", "exact")) {
      Config numbers = shares.getConfig(row);
      double mean =
          classes.stream()
              .mapToDouble(name -> numbers.getDouble("\"" + name + "\""))
              .average()
              .orElseThrow();
      assertEquals(mean, numbers.getDouble("mCPE"), 1e-9, row);
    }
    assertTrue(shares.getDouble("\"as drawn\".mCPE") > 0.5, "two steps learn nothing");
    // a pixel of 1,024 more or less, in percent
    assertTrue(shares.getDouble("exact.mCPE") < 0.1);
    Config unlike = results.getConfig("tables.\"Unlikeness to real masks\"");
    assertTrue(unlike.getDouble(REAL + ".adjacency") < unlike.getDouble("\"as drawn\".adjacency"));
    Config ratios = results.getConfig("tables.\"Unlikeness over that before\"");
    for (String measure : List.of("adjacency", "regions", "boundary")) {
      assertEquals(
          unlike.getDouble("exact." + measure) / unlike.getDouble("cleaned." + measure),
          ratios.getDouble("\"exact over cleaned\"." + measure),
          1e-9,
          measure);
    }
    assertTrue(Files.readString(run.resolve("results.md")).contains("| real, left out | "));
    assertTrue(succeed("evaluate", keys).contains(" is already published with the same inputs"));
    String large = folder.resolve("large").toString();
    succeed(
        "tile",
        "output.root=" + large,
        "input.scenes=" + root + "/images",
        "input.labels=" + root + "/labels",
        "splits.block=1",
        "splits.shares=[1, 1, 1]",
        "patch.size=64");
    Ended ended = landloom("evaluate", "output.root=" + large, "model=" + masks);
    assertEquals(2, ended.code());
    assertTrue(
        ended.err().contains(": patches of 64 pixels, and the model's masks have 32"), ended.err());
  }

  private static String tiny(String system, String... more) throws IOException {
    return train(
        Stream.of(TinyNetworks.of(system), new String[] {system + ".steps=2"}, more)
            .flatMap(Arrays::stream)
            .toArray(String[]::new));
  }

  @Test
  @Order(6)
  void refusesSetsThatAreTooSmallToMeasure() {
    String other = folder.resolve("few").toString();
    succeed(
        "tile",
        "output.root=" + other,
        "input.scenes=" + root + "/images",
        "input.labels=" + root + "/labels",
        "splits.block=1",
        "splits.shares=[40, 1, 1]",
        "patch.size=32");
    Ended ended = landloom("evaluate", keys("output.root=" + other));
    assertEquals(2, ended.code());
    assertTrue(
        Pattern.compile(
                "split val.* has [0-9]+ labelled patches; at least 16 are needed to measure"
                    + " anything, and some hundred to trust it")
            .matcher(ended.err())
            .find(),
        ended.err());
  }

  @Test
  @Order(5)
  void withoutTestPatchesHalvesOfValidationAreCompared() throws IOException {
    String other = folder.resolve("two splits").toString();
    succeed(
        "tile",
        "output.root=" + other,
        "input.scenes=" + root + "/images",
        "input.labels=" + root + "/labels",
        "splits.block=1",
        "splits.shares=[1, 2, 0]",
        "patch.size=32");
    succeed("evaluate", keys("output.root=" + other, "evaluate.regressionSteps=0"));
    try (Stream<Path> files = Files.walk(Path.of(other))) {
      Path json = files.filter(file -> file.endsWith("results.json")).findFirst().orElseThrow();
      Config results = ConfigFactory.parseFile(json.toFile());
      assertTrue(
          results
              .getString("facts.images")
              .contains("masks of the first half of validation, compared with the second"));
      assertEquals(
          Set.of("real, left out", "csebgan", "class-mean"),
          results.getConfig("tables.\"Distance to other real images\"").root().keySet());
    }
  }
}
