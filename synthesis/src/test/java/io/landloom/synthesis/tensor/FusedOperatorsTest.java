package io.landloom.synthesis.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** libtorch's kernels against the formulas. */
class FusedOperatorsTest {
  private NDManager manager;
  private NativeScope scope;

  @BeforeEach
  void open() {
    manager = TorchEngine.newManager(Device.cpu());
    scope = NativeScope.inference(manager);
  }

  @AfterEach
  void close() {
    scope.close();
    manager.close();
  }

  @Test
  void groupsAreNormalisedOneByOne() {
    float[] values = numbers(1, 2 * 6 * 5);
    float[] scale = numbers(2, 6);
    float[] shift = numbers(3, 6);
    float[] normalised = new float[values.length];
    for (int image = 0; image < 2; image++) {
      for (int group = 0; group < 3; group++) {
        int from = (image * 6 + 2 * group) * 5;
        double mean = 0;
        double square = 0;
        for (int i = from; i < from + 10; i++) {
          mean += values[i] / 10.0;
          square += (double) values[i] * values[i] / 10;
        }
        for (int i = from; i < from + 10; i++) {
          int channel = i / 5 % 6;
          double unit = (values[i] - mean) / Math.sqrt(square - mean * mean + 0.25);
          normalised[i] = (float) (unit * scale[channel] + shift[channel]);
        }
      }
    }
    NDArray x = array(values, 2, 6, 5, 1);
    NDArray byChannel = array(scale, 6);
    NDArray added = array(shift, 6);
    // a program is optimised after it has run for the first time
    for (int run = 0; run < 4; run++) {
      NDArray result = FusedOperators.groupNorm(x, 3, byChannel, added, 0.25);
      assertArrayEquals(normalised, result.toFloatArray(), 1e-5f);
      NDArray activated = FusedOperators.groupNormSilu(x, 3, byChannel, added, 0.25);
      assertArrayEquals(Operators.silu(result).toFloatArray(), activated.toFloatArray(), 1e-6f);
    }
  }

  /** Channels last in memory, as attention leaves them: libtorch's own gradient crashed on them. */
  @Test
  void groupNormalisationTrainsWhateverTheOrderInMemory() {
    float[] values = numbers(8, 2 * 20 * 6);
    float[] plain = gradient(values, false);
    assertArrayEquals(plain, gradient(values, true), 1e-5f);
    NDArray last = channelsLast(array(values, 2, 20, 6));
    NDArray ones = scope.manager().ones(new Shape(6));
    float[] inOrder =
        FusedOperators.groupNorm(Operators.ownCopy(last), 3, ones, ones, 1e-5).toFloatArray();
    NDArray here = FusedOperators.groupNorm(last, 3, ones, ones, 1e-5);
    assertArrayEquals(inOrder, here.toFloatArray(), 1e-5f);
  }

  private float[] gradient(float[] values, boolean channelsLast) {
    try (NativeScope training = NativeScope.training(manager)) {
      NDArray cells = training.manager().create(values, new Shape(2, 20, 6));
      cells.setRequiresGradient(true);
      NDArray x = channelsLast(cells);
      NDArray input = channelsLast ? x : x.flatten().reshape(x.getShape());
      NDArray ones = training.manager().ones(new Shape(6));
      NDArray result = Operators.groupNormSilu(input, 3, ones, ones, 1e-5);
      Operators.backward(result.square().sum());
      try (NDArray gradient = cells.getGradient()) {
        return gradient.toFloatArray();
      }
    }
  }

  private static NDArray channelsLast(NDArray cells) {
    return cells.swapAxes(1, 2).reshape(new Shape(2, 6, 5, 4));
  }

  @Test
  void scoresInPartsAreTheSame() {
    NDArray queries = array(numbers(9, 2 * 3 * 150 * 4), 2, 3, 150, 4);
    NDArray keys = array(numbers(10, 2 * 3 * 4 * 7), 2, 3, 4, 7);
    NDArray values = array(numbers(11, 2 * 3 * 7 * 4), 2, 3, 7, 4);
    NDArray mask = array(numbers(12, 150 * 7), 150, 7);
    for (NDArray added : new NDArray[] {null, mask}) {
      float[] whole = Operators.attended(queries, keys, values, added, 150).toFloatArray();
      float[] parts = Operators.attended(queries, keys, values, added, 64).toFloatArray();
      assertArrayEquals(whole, parts, 1e-6f);
    }
  }

  @Test
  void attentionIsThatOfTheFormula() {
    NDArray query = array(numbers(4, 3 * 70 * 12), 3, 70, 12);
    NDArray key = array(numbers(5, 3 * 9 * 12), 3, 9, 12);
    NDArray value = array(numbers(6, 3 * 9 * 12), 3, 9, 12);
    NDArray nothingMasked = scope.manager().zeros(new Shape(70, 9));
    float[] wanted = Operators.attention(query, key, value, 4, nothingMasked).toFloatArray();
    for (int run = 0; run < 4; run++) {
      float[] here = Operators.attention(query, key, value, 4, null).toFloatArray();
      assertArrayEquals(wanted, here, 1e-5f);
    }
  }

  @Test
  void anImageDoesNotDependOnTheOthersOfItsBatchNorOnThreads() {
    NDArray all = array(numbers(7, 5 * 300 * 32), 5, 300, 32);
    float[] together = FusedOperators.attention(all, all, all, 2).toFloatArray();
    List<float[]> alone =
        IntStream.range(0, 5)
            .parallel()
            .mapToObj(
                image -> {
                  try (NativeScope own = NativeScope.inference(manager)) {
                    NDArray one = all.get(new NDIndex(image + ":" + (image + 1)));
                    return FusedOperators.attention(one, one, one, 2).toFloatArray();
                  }
                })
            .toList();
    for (int image = 0; image < 5; image++) {
      float[] ofBatch = Arrays.copyOfRange(together, image * 300 * 32, (image + 1) * 300 * 32);
      assertArrayEquals(ofBatch, alone.get(image), "image " + image);
    }
  }

  private NDArray array(float[] values, long... shape) {
    return scope.manager().create(values, new Shape(shape));
  }

  private static float[] numbers(long seed, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-2, 2);
    }
    return values;
  }
}
