package io.landloom.synthesis.segment;

import ai.djl.ndarray.NDArray;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * The stem and four stages of ResNet-18 (He et al., CVPR 2016), of which the last ones may keep
 * their size and dilate their kernels instead (Chen et al., 2017, section 3.1).
 *
 * @param stride pixels of the image for one cell of the last stage: 8, 16 or 32
 */
record DilatedStages(int stride) {
  private static final String PREFIX = "backbone.";
  private static final int STAGES = 4;
  private static final int BLOCKS = 2;
  private static final int STEM_KERNEL = 7;
  private static final int FIRST_STRIDE = 4;

  /** Channels of a stage, counted from 0. */
  static int channels(int width, int stage) {
    return width << stage;
  }

  /** Channels of the last stage. */
  static int deepest(int width) {
    return channels(width, STAGES - 1);
  }

  static void addTo(List<TensorSpec> layout, int bands, int width) {
    NormalizedConvolutions.addTo(layout, PREFIX + "stem", bands, width, STEM_KERNEL);
    int in = width;
    for (int stage = 0; stage < STAGES; stage++) {
      int out = channels(width, stage);
      for (int block = 0; block < BLOCKS; block++) {
        String name = block(stage, block);
        NormalizedConvolutions.addTo(layout, name + ".first", in, out, 3);
        NormalizedConvolutions.addTo(layout, name + ".second", out, out, 3);
        if (block == 0 && stage > 0) {
          NormalizedConvolutions.addTo(layout, name + ".shortcut", in, out, 1);
        }
        in = out;
      }
    }
  }

  private static String block(int stage, int block) {
    return PREFIX + "stage_" + stage + ".block_" + block;
  }

  /**
   * The maps of the stages.
   *
   * @param image (B, bands, H, W)
   * @return (B, C, H / s, W / s); s is 4 for the first and {@link #stride} for the last
   */
  List<NDArray> maps(NDArray image, NormalizedConvolutions convolutions) {
    NDArray x =
        NativeScope.resultOf(
            () ->
                Operators.halvedByOverlappingMaximum(
                    Operators.relu(convolutions.strided(PREFIX + "stem", image, 2))));
    List<NDArray> maps = new ArrayList<>();
    int reached = FIRST_STRIDE;
    int dilation = 1;
    for (int stage = 0; stage < STAGES; stage++) {
      boolean halves = stage > 0 && reached < stride;
      reached *= halves ? 2 : 1;
      dilation *= stage > 0 && !halves ? 2 : 1;
      for (int block = 0; block < BLOCKS; block++) {
        Step step = new Step(halves && block == 0 ? 2 : 1, dilation);
        String name = block(stage, block);
        NDArray input = x;
        x = NativeScope.resultOf(() -> step.residual(name, input, convolutions));
      }
      maps.add(x);
    }
    return maps;
  }

  /**
   * How a block walks over its input.
   *
   * @param stride of its first convolution
   * @param dilation of the others
   */
  private record Step(int stride, int dilation) {
    NDArray residual(String name, NDArray input, NormalizedConvolutions convolutions) {
      NDArray x =
          stride > 1
              ? convolutions.strided(name + ".first", input, stride)
              : convolutions.dilated(name + ".first", input, dilation);
      x = convolutions.dilated(name + ".second", Operators.relu(x), dilation);
      String shortcut = name + ".shortcut";
      boolean widens = convolutions.parameters().contains(shortcut + ".conv.weight");
      NDArray kept = widens ? convolutions.strided(shortcut, input, stride) : input;
      return Operators.relu(kept.add(x));
    }
  }
}
