package io.landloom.synthesis.ddpm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.SeededStream;
import io.landloom.synthesis.ddpm.PixelUNet.Half;
import io.landloom.synthesis.ddpm.PixelUNet.MapSize;
import io.landloom.synthesis.diffusion.NoiseSchedule;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class NoisyFeaturesTest {
  private static final PixelUNetSizes TEST = PixelUNetSizes.named("test", 3);
  private static final NoiseSchedule LINEAR = NoiseSchedule.linear(1e-4, 0.02, 1000);

  /** Random weights throughout, as those of a fresh network let nothing pass. */
  private static ParameterSet parameters(NDManager manager) {
    List<TensorSpec> layout =
        PixelUNet.layout(TEST).stream()
            .map(
                spec ->
                    TensorSpec.trained(spec.name(), new TensorSpec.Start.Normal(0.2), spec.shape()))
            .toList();
    return ParameterSet.initialized(manager, layout, 5);
  }

  @Test
  void featuresOfAnImageAreTheSameBitsInAnyBatchAndAtAnyTime() {
    try (NDManager manager = TorchEngine.newManager(Device.cpu());
        NativeScope scope = NativeScope.inference(manager)) {
      NoisyFeatures features =
          new NoisyFeatures(
              new PixelUNet(TEST, parameters(manager)),
              LINEAR,
              new FeatureChoice(Half.DECODER, List.of(1, 4), List.of(0.97, 0.521)));
      assertEquals(List.of(50, 250), features.timesteps());
      float[] numbers = SeededStream.of(List.of("images"), 7).normal(5 * 3 * 16 * 16);
      NDArray images = scope.manager().create(numbers, new Shape(5, 3, 16, 16));
      List<NDArray> together = features.of(images);
      assertEquals(4, together.size());
      assertEquals(new Shape(5, 16, 8, 8), together.get(0).getShape());
      assertEquals(new Shape(5, 8, 16, 16), together.get(1).getShape());
      for (int i = 0; i < 5; i++) {
        List<NDArray> alone = features.of(images.get(new NDIndex(i + ":" + (i + 1))));
        for (int map = 0; map < 4; map++) {
          assertArrayEquals(alone.get(map).toFloatArray(), together.get(map).get(i).toFloatArray());
        }
      }
    }
  }

  /**
   * DDPM-CD's timesteps 50, 100 and 400 of 2000 steps that go up to a beta of 0.01 have the noise
   * of 20, 45 and 195 of the usual 1000.
   */
  @Test
  void noiseIsChosenByItsSignalWhateverTheSchedule() {
    NoiseSchedule long2000 = NoiseSchedule.linear(1e-6, 1e-2, 2000);
    List<Double> signals =
        List.of(50, 100, 400).stream().map(t -> long2000.level(t).signal()).toList();
    assertEquals(0.994, signals.get(0), 5e-4);
    assertEquals(0.975, signals.get(1), 5e-4);
    assertEquals(0.669, signals.get(2), 5e-4);
    FeatureChoice choice = new FeatureChoice(Half.DECODER, List.of(0), signals);
    assertEquals(List.of(50, 100, 400), choice.timesteps(long2000));
    assertEquals(List.of(20, 45, 195), choice.timesteps(LINEAR));
  }

  /**
   * Of the published networks for 256 pixels; five blocks at three timesteps have 8448 channels.
   */
  @Test
  void theMapsOfTheLargeNetworkHaveThePublishedSizes() {
    PixelUNetSizes published =
        new PixelUNetSizes(3, 1, 256, List.of(1, 1, 2, 2, 4, 4), 2, 3, 64, 32);
    String sizes =
        PixelUNet.sizesOf(published, Half.DECODER).stream()
            .map(map -> map.channels() / 256 + "x@" + 256 / map.stride())
            .collect(Collectors.joining(" "));
    assertEquals(
        "4x@8 4x@8 4x@16 4x@16 4x@16 4x@32 2x@32 2x@32 2x@64 2x@64 2x@64 2x@128 1x@128 1x@128"
            + " 1x@256 1x@256 1x@256 1x@256",
        sizes);
    FeatureChoice choice =
        new FeatureChoice(Half.DECODER, List.of(5, 6, 7, 8, 12), List.of(0.97, 0.786, 0.521));
    assertEquals(8448, choice.channels(published).stream().mapToInt(Integer::intValue).sum());
  }

  /** Those of DDPM-CD, which takes one map a scale of the same network. */
  @Test
  void withoutBlocksTheLastOfEveryLevelButTheFinestIsTaken() {
    PixelUNetSizes base = PixelUNetSizes.named("base", 3);
    assertEquals(List.of(2, 5, 8, 11, 14), unnamed(base, Half.DECODER));
    assertEquals(List.of(1, 3), unnamed(TEST, Half.DECODER));
    List<MapSize> down = PixelUNet.sizesOf(TEST, Half.ENCODER);
    List<MapSize> chosen = unnamed(TEST, Half.ENCODER).stream().map(down::get).toList();
    assertEquals(List.of(new MapSize(16, 2), new MapSize(16, 4)), chosen);
  }

  private static List<Integer> unnamed(PixelUNetSizes sizes, Half half) {
    return FeatureChoice.of(sizes, half, List.of(), List.of(0.97)).blocks();
  }

  @Test
  void namesWhatDoesNotFit() {
    assertEquals(
        "block 6 is outside 0..5 of the decoder of this model",
        refusal(() -> FeatureChoice.of(TEST, Half.DECODER, List.of(2, 6), List.of(0.9))));
    assertEquals(
        "signal 0.0 is not above 0 and at most 1",
        refusal(() -> new FeatureChoice(Half.ENCODER, List.of(1), List.of(0.0))));
    assertEquals(
        "no blocks or no signals: there are no features",
        refusal(() -> new FeatureChoice(Half.ENCODER, List.of(1), List.of())));
    assertEquals("half 'both' is neither encoder nor decoder", refusal(() -> Half.of("both")));
    assertEquals(
        "size 'huge' is none of base, cpu, test", refusal(() -> PixelUNetSizes.named("huge", 3)));
    try (NDManager manager = TorchEngine.newManager(Device.cpu());
        NativeScope scope = NativeScope.inference(manager)) {
      PixelUNet net = new PixelUNet(TEST, parameters(manager));
      NDArray odd = scope.manager().zeros(new Shape(1, 3, 16, 18));
      assertEquals(
          "images (1, 3, 16, 18), but the network reads (B, 3, H, W) with H and W multiples of 4",
          refusal(() -> net.forward(odd, new int[] {3})));
      NDArray even = scope.manager().zeros(new Shape(1, 3, 16, 16));
      assertEquals(
          "blocks [7] are not some of 0..5 of the encoder",
          refusal(() -> net.maps(even, new int[] {3}, Half.ENCODER, List.of(7))));
    }
  }

  private static String refusal(Runnable run) {
    return assertThrows(IllegalArgumentException.class, run::run).getMessage();
  }
}
