package io.landloom.synthesis.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.landloom.geo.image.Raster;
import io.landloom.synthesis.SeededStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TwoSampleTestTest {
  private static final int SIZE = 32;
  private static final TwoSampleTest.Training TRAINING =
      new TwoSampleTest.Training(150, 8, 2e-3, 5);

  /** Noise of one spread everywhere: sets of different seeds are samples of one distribution. */
  private static ImageSet noise(int count, double spread, long seed) {
    List<Raster> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] normal = SeededStream.of(List.of("noise"), seed, i).normal(SIZE * SIZE * 3);
      byte[] samples = new byte[normal.length];
      for (int k = 0; k < samples.length; k++) {
        samples[k] = (byte) (int) Math.min(255, Math.max(0, 128 + spread * normal[k]));
      }
      images.add(Raster.ofBytes(SIZE, SIZE, 3, samples));
    }
    return new ImageSet(images);
  }

  @Test
  void tellsSetsOfDifferentSpreadApart() {
    TwoSampleTest result =
        TwoSampleTest.of(noise(40, 20, 1), noise(40, 35, 2), TRAINING, Device.cpu());
    assertTrue(result.auc() > 0.95, result.toString());
    assertTrue(result.accuracy() > 0.85, result.toString());
    assertEquals(40, result.trained());
    assertEquals(40, result.heldOut());
  }

  @Test
  void cannotTellSamplesOfOneDistributionApart() {
    TwoSampleTest result =
        TwoSampleTest.of(noise(80, 20, 1), noise(80, 20, 2), TRAINING, Device.cpu());
    assertEquals(Math.sqrt(0.25 / 80), result.chance(), 1e-12);
    // three standard deviations; that of the AUC is about sqrt((2 * 40 + 1) / (12 * 40 * 40))
    assertEquals(0.5, result.accuracy(), 3 * result.chance());
    assertEquals(0.5, result.auc(), 3 * Math.sqrt(81 / 19200.0));
  }

  @Test
  void isTheSameForTheSameSeed() {
    ImageSet real = noise(12, 20, 1);
    ImageSet fake = noise(12, 22, 2);
    assertEquals(
        TwoSampleTest.of(real, fake, TRAINING, Device.cpu()),
        TwoSampleTest.of(real, fake, TRAINING, Device.cpu()));
  }

  @Test
  void needsEqualNumbers() {
    assertEquals(
        "6 real and 5 fake images: expected equal numbers, from 4",
        assertThrows(
                IllegalArgumentException.class,
                () -> TwoSampleTest.of(noise(6, 20, 1), noise(5, 20, 2), TRAINING, Device.cpu()))
            .getMessage());
  }
}
