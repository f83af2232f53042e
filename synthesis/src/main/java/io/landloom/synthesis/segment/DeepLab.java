package io.landloom.synthesis.segment;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * DeepLabV3+ (Chen et al., ECCV 2018) on the stages of ResNet-18: kernels of several dilations see
 * the last map, and the first map refines what they find; without dropout.
 */
final class DeepLab implements SegmentationNet {
  /** Pixels of the image for one cell of the coarsest map. */
  static final int STRIDE = 16;

  /** What the width is a multiple of. */
  static final int UNIT = 4;

  private static final DilatedStages STAGES = new DilatedStages(STRIDE);
  private static final int[] DILATIONS = {6, 12, 18};

  private final ParameterSet parameters;

  DeepLab(ParameterSet parameters) {
    this.parameters = parameters;
  }

  /**
   * The tensors.
   *
   * @param width channels of the first stage; 64 are the paper's
   */
  static List<TensorSpec> layout(int bands, int width, int classes) {
    List<TensorSpec> layout = new ArrayList<>();
    DilatedStages.addTo(layout, bands, width);
    int deepest = DilatedStages.deepest(width);
    int seen = 4 * width;
    int shallow = 3 * width / 4;
    NormalizedConvolutions.addTo(layout, "seen_1", deepest, seen, 1);
    for (int dilation : DILATIONS) {
      NormalizedConvolutions.addTo(layout, "seen_" + dilation, deepest, seen, 3);
    }
    NormalizedConvolutions.addTo(layout, "image", deepest, seen, 1);
    NormalizedConvolutions.addTo(layout, "joined", (2 + DILATIONS.length) * seen, seen, 1);
    NormalizedConvolutions.addTo(layout, "shallow", width, shallow, 1);
    NormalizedConvolutions.addTo(layout, "refined_0", seen + shallow, seen, 3);
    NormalizedConvolutions.addTo(layout, "refined_1", seen, seen, 3);
    NormalizedConvolutions.addScores(layout, seen, classes);
    return layout;
  }

  @Override
  public NDArray forward(NDArray image, Statistics statistics) {
    NormalizedConvolutions convolutions = new NormalizedConvolutions(parameters, statistics);
    List<NDArray> maps = STAGES.maps(image, convolutions);
    NDArray shallow = maps.get(0); // (B, width, H / 4, W / 4)
    NDArray joined = seen(maps.get(maps.size() - 1), convolutions);
    Shape size = shallow.getShape();
    NDArray refined =
        NativeScope.resultOf(
            () -> {
              NDArray deep = Operators.resized(joined, size.get(2), size.get(3));
              NDArray side = convolutions.rectified("shallow", shallow);
              NDArray x = NDArrays.concat(new NDList(deep, side), 1);
              x = convolutions.rectified("refined_0", x);
              return convolutions.rectified("refined_1", x);
            });
    return convolutions.scores(refined, image.getShape().get(2), image.getShape().get(3));
  }

  /** Atrous spatial pyramid pooling: (B, C, h, w) to (B, 4 width, h, w). */
  private static NDArray seen(NDArray deep, NormalizedConvolutions convolutions) {
    Shape size = deep.getShape();
    return NativeScope.resultOf(
        () -> {
          NDList all = new NDList(convolutions.rectified("seen_1", deep));
          for (int dilation : DILATIONS) {
            all.add(Operators.relu(convolutions.dilated("seen_" + dilation, deep, dilation)));
          }
          NDArray mean = convolutions.rectified("image", Operators.cellMeans(deep, 1));
          all.add(Operators.resized(mean, size.get(2), size.get(3)));
          return convolutions.rectified("joined", NDArrays.concat(all, 1));
        });
  }
}
