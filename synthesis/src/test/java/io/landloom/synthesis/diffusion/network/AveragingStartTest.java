package io.landloom.synthesis.diffusion.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** An autoencoder that has learnt nothing yet gives back the means of cells. */
class AveragingStartTest {
  private static final int CELLS = 8;
  private static final int PIXELS = 4 * CELLS;
  private static final float[] COLOUR = {0.4f, -0.3f, 0.1f, 0.2f, -0.6f};

  static Stream<Arguments> sizes() {
    return Stream.of(
        Arguments.of("all signals in one group", sizes(3, 4, List.of(16, 32, 64), 2)),
        Arguments.of("a signal a group", sizes(3, 4, List.of(16, 32, 64), 4)),
        Arguments.of("two signals in the first group", sizes(3, 3, List.of(12, 12, 24), 2)),
        Arguments.of("no layer that changes the width", sizes(3, 8, List.of(16, 16, 16), 2)),
        Arguments.of("one band", sizes(1, 4, List.of(8, 8, 8), 2)),
        Arguments.of("five bands", sizes(5, 6, List.of(24, 24, 48), 4)));
  }

  private static AutoencoderSizes sizes(int bands, int latent, List<Integer> widths, int groups) {
    return new AutoencoderSizes(bands, latent, widths, 1, groups, 1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("sizes")
  void coloursComeBack(String name, AutoencoderSizes sizes) {
    try (NDManager manager = TorchEngine.newManager(Device.cpu());
        NativeScope scope = NativeScope.inference(manager);
        ParameterSet parameters = start(manager, sizes)) {
      float[] pixels = new float[sizes.bands() * PIXELS * PIXELS];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = COLOUR[i / (PIXELS * PIXELS)];
      }
      Autoencoder network = new Autoencoder(sizes, parameters);
      NDArray image = image(scope.manager(), pixels, sizes.bands());
      NDArray decoded = network.decode(network.encode(image).mean());
      for (int band = 0; band < sizes.bands(); band++) {
        float middle = decoded.getFloat(0, band, PIXELS / 2, PIXELS / 2);
        assertEquals(COLOUR[band], middle, 0.05, "band " + band);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("sizes")
  void theFirstLatentIsTheMeanOfItsCellAndNoneIsNoise(String name, AutoencoderSizes sizes) {
    SplittableRandom random = new SplittableRandom(11);
    float[] pixels = new float[sizes.bands() * PIXELS * PIXELS];
    for (int i = 0; i < pixels.length; i += 4) {
      Arrays.fill(pixels, i, i + 4, (float) random.nextDouble(-1, 1));
    }
    try (NDManager manager = TorchEngine.newManager(Device.cpu());
        NativeScope scope = NativeScope.inference(manager);
        ParameterSet parameters = start(manager, sizes)) {
      Autoencoder.Posterior posterior =
          new Autoencoder(sizes, parameters).encode(image(scope.manager(), pixels, sizes.bands()));
      double products = 0;
      double squares = 0;
      float worst = 0;
      for (int row = 0; row < CELLS; row++) {
        for (int col = 0; col < CELLS; col++) {
          float mean = posterior.mean().getFloat(0, 0, row, col);
          float wanted = meanOf(pixels, sizes.bands(), row, col);
          products += mean * wanted;
          squares += wanted * wanted;
          worst = Math.max(worst, Math.abs(mean - wanted));
        }
      }
      // all are as strong as they were
      assertEquals(1, products / squares, 0.05, "strength");
      assertTrue(worst < 0.05, "off by " + worst);
      assertEquals(-6, posterior.logVariance().max().getFloat());
      assertEquals(-6, posterior.logVariance().min().getFloat());
    }
  }

  /** Between the middles of two cells that differ, values rise evenly. */
  @Test
  void imagesAreEnlargedLinearly() {
    AutoencoderSizes sizes = sizes(1, 1, List.of(16, 16), 2);
    float[] pixels = new float[PIXELS * PIXELS];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = i % PIXELS < PIXELS / 2 ? -0.5f : 0.5f;
    }
    try (NDManager manager = TorchEngine.newManager(Device.cpu());
        NativeScope scope = NativeScope.inference(manager);
        ParameterSet parameters = start(manager, sizes)) {
      Autoencoder network = new Autoencoder(sizes, parameters);
      NDArray image = image(scope.manager(), pixels, 1);
      NDArray decoded = network.decode(network.encode(image).mean());
      float[] wanted = {-0.5f, -0.25f, 0.25f, 0.5f};
      for (int i = 0; i < wanted.length; i++) {
        float here = decoded.getFloat(0, 0, PIXELS / 2, PIXELS / 2 - 2 + i);
        assertEquals(wanted[i], here, 0.03, "pixel " + i);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"4, 3, 16, 16, 2", "3, 4, 16, 16, 8", "3, 4, 4, 4, 1", "3, 4, 16, 24, 2"})
  void sizesWithoutRoomAreRefused(
      int bands, int latentChannels, int width, int deepest, int groups) {
    AutoencoderSizes sizes = sizes(bands, latentChannels, List.of(width, deepest), groups);
    try (NDManager manager = TorchEngine.newManager(Device.cpu())) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> start(manager, sizes));
      assertTrue(refused.getMessage().contains("start = random"), refused.getMessage());
    }
  }

  private static ParameterSet start(NDManager manager, AutoencoderSizes sizes) {
    List<TensorSpec> layout = Autoencoder.layout(sizes);
    try (ParameterSet random = ParameterSet.initialized(manager, layout, 3)) {
      return ParameterSet.of(manager, layout, AveragingStart.of(sizes, random.toHost()));
    }
  }

  private static NDArray image(NDManager manager, float[] pixels, int bands) {
    return manager.create(pixels, new Shape(1, bands, PIXELS, PIXELS));
  }

  private static float meanOf(float[] pixels, int bands, int row, int col) {
    double sum = 0;
    for (int band = 0; band < bands; band++) {
      for (int y = 4 * row; y < 4 * row + 4; y++) {
        for (int x = 4 * col; x < 4 * col + 4; x++) {
          sum += pixels[(band * PIXELS + y) * PIXELS + x];
        }
      }
    }
    return (float) (sum / (16 * bands));
  }
}
