package io.landloom.synthesis.ddpm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.Operators;
import java.util.Arrays;
import java.util.List;

/** What the networks of an ensemble say together. */
final class Votes {
  private static final float TINY = 1e-12f;
  private static final int TENTH = 10;

  private Votes() {}

  /**
   * The class that most networks take for the most likely one, of classes with as many votes the
   * one they find more likely on average.
   *
   * @param logits (B, K, H, W), one a network
   * @return class positions (B, H, W), row-major
   */
  static byte[] positions(List<NDArray> logits) {
    if (logits.size() == 1) {
      return logits.get(0).argMax(1).toType(DataType.UINT8, false).toByteArray();
    }
    Shape shape = logits.get(0).getShape();
    int classes = (int) shape.get(1);
    NDArray likely = mean(logits.stream().map(one -> one.softmax(1)).toList());
    NDArray votes = likely; // below 1, so it only decides between equals
    for (NDArray one : logits) {
      NDArray first = one.argMax(1).expandDims(1); // (B, 1, H, W)
      NDArray numbers = one.getManager().arange(classes).toType(first.getDataType(), false);
      NDArray own = first.eq(numbers.reshape(new Shape(1, classes, 1, 1)));
      votes = votes.add(Operators.scaled(own.toType(DataType.FLOAT32, false), 2));
    }
    return votes.argMax(1).toType(DataType.UINT8, false).toByteArray();
  }

  /**
   * How much the networks disagree: the Jensen-Shannon divergence of what they find likely, H(mean
   * p) - mean H(p), in nats (Zhang et al., CVPR 2021, section 3.3).
   *
   * @param logits (B, K, H, W), one a network
   * @return (B, H, W)
   */
  static NDArray disagreement(List<NDArray> logits) {
    List<NDArray> likely = logits.stream().map(one -> one.softmax(1)).toList();
    return entropy(mean(likely)).sub(mean(likely.stream().map(Votes::entropy).toList()));
  }

  private static NDArray mean(List<NDArray> arrays) {
    return NDArrays.stack(new NDList(arrays)).mean(new int[] {0});
  }

  private static NDArray entropy(NDArray likely) {
    return likely.mul(likely.maximum(TINY).log()).sum(new int[] {1}).neg();
  }

  /** The uncertainty of an image: the mean of the tenth of its pixels with most disagreement. */
  static double uncertainty(float[] disagreement) {
    float[] sorted = disagreement.clone();
    Arrays.sort(sorted);
    int most = Math.max(1, sorted.length / TENTH);
    double sum = 0;
    for (int i = sorted.length - most; i < sorted.length; i++) {
      sum += sorted[i];
    }
    return sum / most;
  }
}
