package io.landloom.synthesis.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.function.BinaryOperator;

/**
 * Compares one small convolution of libtorch on the CPU with what it is.
 *
 * <p>oneDNN pads channels to whole vectors. Where an AMD processor hides the sizes of its caches,
 * as some virtual machines have it, oneDNN takes them for one byte, and the padding goes wrong:
 * numbers of channels that are not whole vectors are computed from what is in memory by chance. All
 * values here are integers, so that every right kernel gives exactly the same.
 */
final class ConvolutionCheck {
  private static final int IMAGES = 2; // one image alone may go another way
  private static final int CHANNELS = 17; // a vector of 4, 8 or 16 and a rest
  private static final int SIZE = 9;
  private static final int KERNELS = 16;
  private static final int KERNEL = 3;

  private ConvolutionCheck() {}

  /** Whether libtorch convolves rightly. */
  static boolean passes() {
    return passes((x, weight) -> Operators.convolution(x, weight, null, 1, KERNEL / 2));
  }

  /** Whether a convolution of x and a kernel, one cell of padding at each side, is right. */
  static boolean passes(BinaryOperator<NDArray> convolution) {
    float[] x = integers(IMAGES * CHANNELS * SIZE * SIZE, 7, 13);
    float[] weight = integers(KERNELS * CHANNELS * KERNEL * KERNEL, 5, 11);
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      NDArray actual =
          convolution.apply(
              manager.create(x, new Shape(IMAGES, CHANNELS, SIZE, SIZE)),
              manager.create(weight, new Shape(KERNELS, CHANNELS, KERNEL, KERNEL)));
      return Arrays.equals(expected(x, weight), actual.toFloatArray());
    }
  }

  private static float[] integers(int count, int step, int below) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i * step % below - below / 2;
    }
    return values;
  }

  private static float[] expected(float[] x, float[] weight) {
    float[] y = new float[IMAGES * KERNELS * SIZE * SIZE];
    for (int i = 0; i < y.length; i++) {
      int column = i % SIZE;
      int row = i / SIZE % SIZE;
      int kernel = i / SIZE / SIZE % KERNELS;
      int image = i / SIZE / SIZE / KERNELS;
      for (int channel = 0; channel < CHANNELS; channel++) {
        for (int u = 0; u < KERNEL; u++) {
          for (int v = 0; v < KERNEL; v++) {
            int from = row + u - KERNEL / 2;
            int to = column + v - KERNEL / 2;
            if (from >= 0 && to >= 0 && from < SIZE && to < SIZE) {
              y[i] +=
                  x[((image * CHANNELS + channel) * SIZE + from) * SIZE + to]
                      * weight[((kernel * CHANNELS + channel) * KERNEL + u) * KERNEL + v];
            }
          }
        }
      }
    }
    return y;
  }
}
