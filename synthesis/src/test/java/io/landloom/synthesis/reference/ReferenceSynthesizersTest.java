package io.landloom.synthesis.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.training.Checkerboards;
import io.landloom.synthesis.training.TrainingSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReferenceSynthesizersTest {
  private static final LandCoverScheme SCHEME = LandCoverScheme.named("gid5");
  private static final int SIZE = 64;
  private static final TrainingSet SET = new Checkerboards(SCHEME, 8, SIZE);
  // the checkerboards' noise is uniform over 0..29: its mean, and the mean distance from that
  private static final double NOISE_MEAN = 14.5;
  private static final double NOISE_DISTANCE = 7.5;

  private static Condition condition(int copy) {
    return new Condition("board", copy, 0, new Checkerboards(SCHEME, 1, SIZE).mask(0));
  }

  private static Raster draw(Synthesizer synthesizer, int copy) {
    return synthesizer.synthesize(List.of(condition(copy))).get(0).image();
  }

  private static double expected(int pixel, int band) {
    int index = condition(0).mask().indices()[pixel] & 0xFF;
    return index * (37 + 40 * band) % 200 + NOISE_MEAN;
  }

  @Test
  void classMeansArePaintedWithTheSpreadOfTheirClass() {
    try (Synthesizer synthesizer = ClassMeanSynthesizer.of(SET, SCHEME, 4, 3)) {
      Raster image = draw(synthesizer, 0);
      double sum = 0;
      double squares = 0;
      int counted = 0;
      for (int i = 0; i < image.samples().length; i++) {
        double expected = expected(i / 3, i % 3);
        if (expected > 45 && expected < 210) { // no noise is cut off at 0 or 255
          double noise = (image.samples()[i] & 0xFF) - expected;
          sum += noise;
          squares += noise * noise;
          counted++;
        }
      }
      assertTrue(counted > 4000);
      assertEquals(0, sum / counted, 0.5);
      // a uniform whole number of 30 has variance (30 * 30 - 1) / 12
      assertEquals(Math.sqrt(899 / 12.0), Math.sqrt(squares / counted), 0.3);
      assertEquals(image, draw(synthesizer, 0));
      assertNotEquals(image, draw(synthesizer, 1));
      assertEquals("class-mean", synthesizer.name());
    }
  }

  @Test
  void regressionLearnsTheMiddleOfWhatIsThereAndDrawsItEveryTime() {
    RegressionSynthesizer.Training training =
        new RegressionSynthesizer.Training(4, 2, 500, 0.01, 1);
    try (Synthesizer synthesizer =
        RegressionSynthesizer.train(SET, SCHEME, training, 4, Device.cpu())) {
      Raster image = draw(synthesizer, 0);
      double distance = 0;
      for (int i = 0; i < image.samples().length; i++) {
        distance += Math.abs((image.samples()[i] & 0xFF) - expected(i / 3, i % 3));
      }
      // nearer to the classes' middles than the noise it was shown
      assertTrue(distance / image.samples().length < NOISE_DISTANCE, "distance " + distance);
      assertEquals(image, draw(synthesizer, 1));
    }
  }

  @Test
  void regressionIsTheSameForTheSameSeed() {
    RegressionSynthesizer.Training training = new RegressionSynthesizer.Training(2, 2, 3, 0.01, 1);
    try (Synthesizer first = RegressionSynthesizer.train(SET, SCHEME, training, 4, Device.cpu());
        Synthesizer second = RegressionSynthesizer.train(SET, SCHEME, training, 4, Device.cpu())) {
      assertEquals(first.modelDigest(), second.modelDigest());
    }
  }

  @Test
  void refusesMoreConditionsThanABatch() {
    try (Synthesizer synthesizer = ClassMeanSynthesizer.of(SET, SCHEME, 1, 3)) {
      assertEquals(
          "2 conditions in a call, outside 1..1",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> synthesizer.synthesize(List.of(condition(0), condition(1))))
              .getMessage());
    }
  }
}
