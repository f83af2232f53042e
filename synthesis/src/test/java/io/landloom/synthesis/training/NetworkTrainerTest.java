package io.landloom.synthesis.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.MemoryByteSource;
import io.landloom.synthesis.segment.FeatureNetSettings;
import io.landloom.synthesis.segment.FeatureNetTrainer;
import io.landloom.synthesis.segment.SegmenterSettings;
import io.landloom.synthesis.segment.SegmenterTrainer;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.Precision;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds of the training of either network. */
class NetworkTrainerTest {
  private static final LandCoverScheme SCHEME = LandCoverScheme.named("gid5");
  private static final TrainingSet SET = new Checkerboards(SCHEME, 5, 32);
  private static final String TINY =
      "width=8,batch=2,patchSize=32,steps=200,decayFrom=1,learningRate=0.01";

  /**
   * A network to train.
   *
   * @param name its name
   * @param trainer makes a trainer of keys in HOCON
   */
  private record Network(String name, Function<String, NetworkTrainer> trainer) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Network> networks() {
    return Stream.of(
        new Network("segmenter", NetworkTrainerTest::segmenter),
        new Network("features", NetworkTrainerTest::features));
  }

  private static NetworkTrainer segmenter(String more) {
    return new SegmenterTrainer(
        SegmenterSettings.of(
            ConfigFactory.parseString(more).withFallback(ConfigFactory.parseString(TINY))),
        SCHEME,
        SET,
        Device.cpu());
  }

  private static NetworkTrainer features(String more) {
    return new FeatureNetTrainer(
        FeatureNetSettings.of(
            ConfigFactory.parseString(more)
                .withFallback(ConfigFactory.parseString(TINY + ",blocks=1"))),
        SCHEME,
        SET,
        Device.cpu());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void learnsAndNothingLeaks(Network network) {
    try (NetworkTrainer trainer = network.trainer().apply("")) {
      List<Float> losses = new ArrayList<>();
      trainer.step();
      int arrays = trainer.nativeArrays();
      for (int i = 0; i < 60; i++) {
        losses.add(trainer.step().get("cross_entropy"));
      }
      assertEquals(61, trainer.steps());
      assertEquals(arrays, trainer.nativeArrays());
      double before = mean(losses.subList(0, 5));
      double after = mean(losses.subList(55, 60));
      assertTrue(after < 0.7 * before, before + " to " + after);
    }
  }

  private static double mean(List<Float> values) {
    return values.stream().mapToDouble(Float::floatValue).sum() / values.size();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void theSameSeedGivesTheSameModel(Network network) {
    assertEquals(trained(network, "seed=3").digest(), trained(network, "seed=3").digest());
    assertFalse(trained(network, "seed=3").digest().equals(trained(network, "seed=4").digest()));
  }

  private static ModelBundle trained(Network network, String more) {
    try (NetworkTrainer trainer = network.trainer().apply(more)) {
      trainer.step();
      trainer.step();
      return trainer.bundle("tiny", "checkerboards", "CC0-1.0", Precision.F32);
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void aResumedTrainingEndsLikeAnUninterruptedOne(Network network) throws IOException {
    ByteArrayOutputStream checkpoint = new ByteArrayOutputStream();
    try (NetworkTrainer trainer = network.trainer().apply("");
        NetworkTrainer resumed = network.trainer().apply("")) {
      trainer.step();
      trainer.step();
      trainer.save(checkpoint);
      Map<String, Float> expected = trainer.step();
      resumed.resume(new MemoryByteSource("step-2", checkpoint.toByteArray()));
      assertEquals(2, resumed.steps());
      assertEquals(expected, resumed.step());
      assertEquals(
          trainer.bundle("a", "d", "l", Precision.F32).digest(),
          resumed.bundle("b", "d", "l", Precision.F32).digest());
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void refusesACheckpointOfOtherSettings(Network network) throws IOException {
    ByteArrayOutputStream checkpoint = new ByteArrayOutputStream();
    try (NetworkTrainer trainer = network.trainer().apply("seed=1");
        NetworkTrainer other = network.trainer().apply("seed=2")) {
      trainer.save(checkpoint);
      MemoryByteSource source = new MemoryByteSource("step-0", checkpoint.toByteArray());
      String message = assertThrows(ModelException.class, () -> other.resume(source)).getMessage();
      assertTrue(message.startsWith("step-0: a checkpoint of "), message);
      assertTrue(message.matches(".*seed=1.*, not of .*seed=2.*"), message);
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void aDivergedTrainingStopsWithAdvice(Network network) {
    try (NetworkTrainer trainer = network.trainer().apply("learningRate=1e30")) {
      String message =
          assertThrows(
                  TrainingDivergedException.class,
                  () -> {
                    for (int i = 0; i < 5; i++) {
                      trainer.step();
                    }
                  })
              .getMessage();
      assertTrue(message.matches("training diverged at step [2-5]: \\{cross_entropy=.*"), message);
      assertTrue(
          message.endsWith(
              "start again with half the learning rates, and look for"
                  + " constant images or masks of a single class in the training set"),
          message);
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void stopsAfterTheLastStep(Network network) {
    try (NetworkTrainer trainer = network.trainer().apply("steps=1")) {
      trainer.step();
      assertEquals(
          "all 1 steps are taken",
          assertThrows(IllegalStateException.class, trainer::step).getMessage());
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void namesKeysThatAreUnknownOrOutOfRange(Network network) {
    assertEquals(
        "unknown key 'wide' of "
            + network
            + "; known are "
            + (network.name().equals("features")
                ? "bands, batch, blocks, "
                : "architecture, bands, batch, classWeights, "),
        refusal(network, "wide=3").replaceAll("decayFrom, .*", ""));
    assertEquals("patchSize 40 is not a multiple of 16", refusal(network, "patchSize=40"));
    assertEquals("batch 0 is below 1", refusal(network, "batch=0"));
    assertEquals("decayFrom 1.5 is outside 0..1", refusal(network, "decayFrom=1.5"));
    assertEquals("learningRate 0.0 is not above 0", refusal(network, "learningRate=0"));
    assertTrue(refusal(network, "width=x").startsWith(network + ": "), "names the system");
  }

  private static String refusal(Network network, String keys) {
    return assertThrows(IllegalArgumentException.class, () -> network.trainer().apply(keys).close())
        .getMessage();
  }
}
