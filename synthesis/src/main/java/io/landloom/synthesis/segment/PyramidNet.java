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
 * PSPNet (Zhao et al., CVPR 2017) on the stages of ResNet-18: means of the last map over 1, 4, 9
 * and 36 cells join it; without the auxiliary loss and dropout.
 */
final class PyramidNet implements SegmentationNet {
  /** Pixels of the image for one cell of the coarsest map. */
  static final int STRIDE = 8;

  /** What the width is a multiple of. */
  static final int UNIT = 1;

  private static final DilatedStages STAGES = new DilatedStages(STRIDE);
  private static final int[] CELLS = {1, 2, 3, 6};

  private final ParameterSet parameters;

  PyramidNet(ParameterSet parameters) {
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
    int quarter = deepest / 4;
    for (int cells : CELLS) {
      NormalizedConvolutions.addTo(layout, pyramid(cells), deepest, quarter, 1);
    }
    NormalizedConvolutions.addTo(layout, "merged", 2 * deepest, quarter, 3);
    NormalizedConvolutions.addScores(layout, quarter, classes);
    return layout;
  }

  private static String pyramid(int cells) {
    return "pyramid_" + cells;
  }

  @Override
  public NDArray forward(NDArray image, Statistics statistics) {
    NormalizedConvolutions convolutions = new NormalizedConvolutions(parameters, statistics);
    List<NDArray> maps = STAGES.maps(image, convolutions);
    NDArray deep = maps.get(maps.size() - 1); // (B, 8 width, H / 8, W / 8)
    Shape size = deep.getShape();
    NDArray merged =
        NativeScope.resultOf(
            () -> {
              NDList joined = new NDList(deep);
              for (int cells : CELLS) {
                NDArray means = Operators.cellMeans(deep, cells);
                NDArray narrow = convolutions.rectified(pyramid(cells), means);
                joined.add(Operators.resized(narrow, size.get(2), size.get(3)));
              }
              return convolutions.rectified("merged", NDArrays.concat(joined, 1));
            });
    return convolutions.scores(merged, image.getShape().get(2), image.getShape().get(3));
  }
}
