package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.landloom.geo.image.Raster;
import io.landloom.geo.source.LocalByteSource;
import io.landloom.jobs.table.PixelDecoder;
import io.landloom.synthesis.ddpm.DdpmFeatures;
import io.landloom.synthesis.ddpm.FeatureChoice;
import io.landloom.synthesis.ddpm.PixelUNet;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code features}, of a diffusion model that was hardly trained. */
class ExtractFeaturesTest extends SparkTest {
  private static Path root;
  private static Path bundle;

  @BeforeAll
  static void train() throws IOException {
    root = shared.resolve("dataset");
    succeed(
        "simulate",
        "output.root=" + root,
        "simulate.scenes=2",
        "simulate.width=160",
        "simulate.height=100",
        "simulate.block=64");
    succeed(
        "tile",
        "output.root=" + root,
        "input.scenes=" + root + "/images",
        "input.labels=" + root + "/labels",
        "splits.block=1",
        "output.bucketRows=8",
        "patch.size=32");
    List<String> keys = new ArrayList<>(Arrays.asList(TinyNetworks.of("ddpm")));
    keys.addAll(List.of("output.root=" + root, "ddpm.steps=2"));
    succeed("train", keys.toArray(String[]::new));
    bundle = run("train").resolve("bundle");
  }

  private static Path run(String job) throws IOException {
    try (Stream<Path> runs = Files.list(root)) {
      return runs.filter(run -> run.getFileName().toString().startsWith("run_id=" + job + "-"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static String run(String printed, Path dataset) {
    String id = printed.substring(printed.indexOf("run: ") + 5).split("\\s")[0];
    return dataset.resolve("run_id=" + id).toString();
  }

  private static float[] floats(byte[] values) {
    float[] floats = new float[values.length / 4];
    ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
    return floats;
  }

  @Test
  void everyMapOfEveryPatchIsARow() throws IOException {
    String made =
        run(
            succeed(
                "features",
                "output.root=" + root,
                "model=" + bundle,
                "extract.dtype=float32",
                // the model's schedule has more noise at later timesteps; rows are by timestep
                "extract.signals=[0.5, 0.9]"),
            root);
    Dataset<Row> patches = spark.read().parquet(root + "/run_id=tile-*/patches");
    Dataset<Row> features = spark.read().parquet(made + "/features");
    ModelBundle model =
        ModelBundle.read(
            LocalByteSource.open(bundle.resolve("card.json")),
            LocalByteSource.open(bundle.resolve("weights.safetensors")));
    FeatureChoice choice =
        DdpmFeatures.choice(model.card(), PixelUNet.Half.DECODER, List.of(), List.of(0.5, 0.9));
    List<DdpmFeatures.Kind> kinds = DdpmFeatures.kinds(model.card(), choice);
    assertTrue(kinds.get(0).timestep() < kinds.get(kinds.size() - 1).timestep());
    assertEquals(0.9, kinds.get(0).signal(), 0.01);
    assertEquals(patches.count() * kinds.size(), features.count());
    assertEquals(
        patches.count(), features.select("scene_id", "row", "col", "split").distinct().count());
    Row patch = patches.orderBy("scene_id", "row", "col").first();
    Row image = patch.getAs("image");
    Raster pixels =
        new PixelDecoder()
            .image(image.getAs("bytes"), new PixelDecoder.Shape("png", "uint8", 32, 32, 3));
    List<Row> rows =
        features
            .where("scene_id = 'scene-0000' AND row = 0 AND col = 0")
            .orderBy("timestep", "block")
            .collectAsList();
    try (DdpmFeatures net = DdpmFeatures.load(model, choice, Device.cpu())) {
      List<DdpmFeatures.FeatureMap> maps = net.of(pixels);
      assertEquals(maps.size(), rows.size());
      for (int i = 0; i < maps.size(); i++) {
        DdpmFeatures.FeatureMap map = maps.get(i);
        assertEquals(map.kind().timestep(), rows.get(i).<Integer>getAs("timestep"));
        assertEquals(map.kind().block(), rows.get(i).<Integer>getAs("block"));
        assertEquals(map.height(), rows.get(i).<Integer>getAs("height"));
        assertEquals(
            map.kind().channels() * map.height() * map.width(), map.values().length, "values");
        assertArrayEquals(map.values(), floats(rows.get(i).getAs("values")));
      }
      assertTrue(Arrays.hashCode(maps.get(0).values()) != Arrays.hashCode(maps.get(1).values()));
    }
    succeed("verify", "output.root=" + root);
    assertTrue(
        succeed(
                "features",
                "output.root=" + root,
                "model=" + bundle,
                "extract.dtype=float32",
                "extract.signals=[0.5, 0.9]",
                "run.partitions=1")
            .contains("nothing to do"));
  }

  @Test
  void aNightsPatchesAreLookedAtOnceWhereverTheirScenesComeInOrder() throws IOException {
    Path dataset = folder.resolve("nights");
    String[] keys = {
      "output.root=" + dataset, "model=" + bundle, "extract.blocks=[1]", "extract.signals=[0.9]"
    };
    // the scene of the second run lies between those of the first
    tile(dataset, "first", "a", "c");
    tile(dataset, "second", "b");
    succeed("features", keys);
    assertEquals(
        spark.read().parquet(dataset + "/run_id=tile-*/patches").count(),
        spark.read().parquet(dataset + "/run_id=*/features").count());
    assertTrue(succeed("features", keys).contains("nothing new, nothing to do"));

    tile(dataset, "third", "aa");
    succeed("features", keys);
    Dataset<Row> all = spark.read().parquet(dataset + "/run_id=*/features");
    assertEquals(spark.read().parquet(dataset + "/run_id=tile-*/patches").count(), all.count());
    assertEquals(all.count(), all.select("scene_id", "row", "col").distinct().count());
    succeed("verify", "output.root=" + dataset);
  }

  /** Tiles copies of a simulated scene under other names. */
  private void tile(Path dataset, String night, String... scenes) throws IOException {
    for (String part : List.of("images", "labels")) {
      Path folderOf = Files.createDirectories(folder.resolve(night + "-" + part));
      for (String scene : scenes) {
        Files.copy(root.resolve(part + "/scene-0000.tif"), folderOf.resolve(scene + ".tif"));
      }
    }
    succeed(
        "tile",
        "output.root=" + dataset,
        "input.scenes=" + folder.resolve(night + "-images"),
        "input.labels=" + folder.resolve(night + "-labels"),
        "splits.block=1",
        "patch.size=32");
  }

  @Test
  void halvesAreHalfAsLargeAndSplitsAreLeftOut() {
    String made =
        run(
            succeed(
                "features",
                "output.root=" + root,
                "model=" + bundle,
                "extract.half=encoder",
                "extract.blocks=[1]",
                "extract.signals=[0.9]",
                "extract.splits=[val]"),
            root);
    Dataset<Row> features = spark.read().parquet(made + "/features");
    assertEquals(
        spark.read().parquet(root + "/run_id=tile-*/patches").where("split = 'val'").count(),
        features.count());
    assertEquals(0, features.where("split <> 'val'").count());
    assertEquals(0, features.where("length(values) <> 2 * channels * height * width").count());
    assertEquals(0, features.where("dtype <> 'float16' OR half <> 'encoder'").count());
  }

  @Test
  void whatGivesNoFeaturesIsRefused() {
    Ended gan = landloom("features", "output.root=" + root, "model=csebgan-demo");
    assertEquals(2, gan.code(), gan.err());
    assertTrue(gan.err().contains("model 'csebgan-demo': is csebgan"), gan.err());
    Ended twice =
        landloom(
            "features", "output.root=" + root, "model=" + bundle, "extract.signals=[0.9, 0.9]");
    assertEquals(2, twice.code(), twice.err());
    assertTrue(twice.err().contains("give a map twice"), twice.err());
    Ended block =
        landloom("features", "output.root=" + root, "model=" + bundle, "extract.blocks=[99]");
    assertEquals(2, block.code(), block.err());
    assertTrue(block.err().contains("block 99 is outside 0.."), block.err());
    Ended split =
        landloom("features", "output.root=" + root, "model=" + bundle, "extract.splits=[all]");
    assertEquals(2, split.code(), split.err());
    assertTrue(split.err().contains("extract.splits = [all]: expected some of"), split.err());
  }
}
