package io.landloom.synthesis.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.MemoryByteSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelBundleTest {
  private static final LandCoverScheme GID5 = LandCoverScheme.named("gid5");
  private static final NamedTensors TENSORS =
      new NamedTensors(
          Map.of(
              "a", new HostTensor(new long[] {2}, new float[] {0.1f, -70}),
              "b", new HostTensor(new long[] {1, 1}, new float[] {3})));

  private static ModelCard card(String name, int nf) {
    return new ModelCard(
        name,
        "csebgan",
        ModelCard.SchemeClasses.of(GID5),
        64,
        3,
        new TreeMap<>(Map.of("nf", nf, "adapters.rank", 2)),
        "plain",
        new ModelCard.Training(12, -5, "patches \"of\" nowhere", "CC0-1.0"));
  }

  private static ModelBundle reread(ModelBundle bundle) throws IOException {
    ByteArrayOutputStream card = new ByteArrayOutputStream();
    ByteArrayOutputStream weights = new ByteArrayOutputStream();
    bundle.write(card, weights);
    return ModelBundle.read(
        new MemoryByteSource("card.json", card.toByteArray()),
        new MemoryByteSource("weights.safetensors", weights.toByteArray()));
  }

  @Test
  void singlePrecisionComesBackExactly() throws IOException {
    ModelBundle bundle = ModelBundle.of(card("m", 8), TENSORS, Precision.F32);
    ModelBundle read = reread(bundle);
    assertEquals(TENSORS, read.tensors());
    assertEquals(bundle.card(), read.card());
    assertEquals(bundle.digest(), read.digest());
  }

  @Test
  void halfPrecisionIsRoundedBeforeItIsStored() throws IOException {
    ModelBundle bundle = ModelBundle.of(card("m", 8), TENSORS, Precision.F16);
    ModelBundle read = reread(bundle);
    assertEquals(bundle.tensors(), read.tensors());
    assertEquals(bundle.digest(), read.digest());
    assertEquals(Precision.F16, read.precision());
    assertArrayEquals(new float[] {0.1f, -70}, read.tensors().get("a").values(), 5e-5f);
  }

  @Test
  void aDirectoryHoldsCardAndWeights(@TempDir Path directory) throws IOException {
    ModelBundle bundle = ModelBundle.of(card("m", 8), TENSORS, Precision.F32);
    bundle.write(directory.resolve("model"));
    byte[] card = Files.readAllBytes(directory.resolve("model/card.json"));
    byte[] weights = Files.readAllBytes(directory.resolve("model/weights.safetensors"));
    ModelBundle read =
        ModelBundle.read(new MemoryByteSource("c", card), new MemoryByteSource("w", weights));
    assertEquals(bundle.digest(), read.digest());
  }

  @Test
  void theDigestFollowsWhatDrawsAndNotTheName() {
    String digest = ModelBundle.of(card("m", 8), TENSORS, Precision.F32).digest();
    assertEquals(64, digest.length());
    assertEquals(digest, ModelBundle.of(card("other", 8), TENSORS, Precision.F32).digest());
    assertNotEquals(digest, ModelBundle.of(card("m", 9), TENSORS, Precision.F32).digest());
    assertNotEquals(digest, ModelBundle.of(card("m", 8), TENSORS, Precision.F16).digest());
  }

  @Test
  void metricsAreOfTheCardAndNotOfTheDigest() throws IOException {
    ModelBundle bundle = ModelBundle.of(card("m", 8), TENSORS, Precision.F32);
    Map<String, Double> metrics = Map.of("val.mIoU", 0.625, "val.acc", 1.0);
    ModelBundle read = reread(bundle.withMetrics(metrics));
    assertEquals(metrics, read.card().training().metrics());
    assertEquals(bundle.digest(), read.digest());
    assertEquals(Map.of(), reread(bundle).card().training().metrics());
  }

  @Test
  void refusesWeightsOfAnotherCard() throws IOException {
    ByteArrayOutputStream card = new ByteArrayOutputStream();
    ByteArrayOutputStream weights = new ByteArrayOutputStream();
    ModelBundle.of(card("m", 8), TENSORS, Precision.F32).write(card, weights);
    byte[] changed = weights.toByteArray();
    changed[changed.length - 1] ^= 1;
    ModelException e =
        assertThrows(
            ModelException.class,
            () ->
                ModelBundle.read(
                    new MemoryByteSource("card.json", card.toByteArray()),
                    new MemoryByteSource("w", changed)));
    assertEquals(
        "w: SHA-256 is "
            + Safetensors.read(new MemoryByteSource("w", changed)).sha256()
            + ", its card says "
            + Safetensors.read(new MemoryByteSource("w", weights.toByteArray())).sha256(),
        e.getMessage());
  }

  @Test
  void refusesCardsThatAreNone() {
    assertCard("c: not a model card: nested deeper than 16", "[".repeat(100_000));
    assertCard(
        "c: not a model card: c: 1: No configuration setting found for key 'sizes'",
        "{\"name\":1}");
  }

  private static void assertCard(String message, String json) {
    MemoryByteSource card = new MemoryByteSource("c", json.getBytes(StandardCharsets.UTF_8));
    ModelException e =
        assertThrows(
            ModelException.class,
            () -> ModelBundle.read(card, new MemoryByteSource("w", new byte[0])));
    assertEquals(message, e.getMessage());
  }

  @Test
  void refusesAnotherScheme() {
    ModelException e =
        assertThrows(
            ModelException.class, () -> card("m", 8).requireScheme(LandCoverScheme.named("mbrsc")));
    assertEquals(
        "model 'm': draws scheme gid5 v1 [built-up, farmland, forest, meadow, water, unknown], not"
            + " mbrsc v1 [water, land, road, building, vegetation, unlabelled]; choose a model"
            + " trained for this scheme",
        e.getMessage());
  }

  @Test
  void listsEveryTensorThatDoesNotFit() {
    ModelException e =
        assertThrows(
            ModelException.class,
            () ->
                TENSORS.requireShapes(
                    "model 'm'", Map.of("a", new long[] {3}, "c", new long[] {2, 2})));
    assertEquals(
        "model 'm': 3 tensors do not fit: misshapen a (2) instead of (3); extra b (1, 1); missing c"
            + " (2, 2)",
        e.getMessage());
  }
}
