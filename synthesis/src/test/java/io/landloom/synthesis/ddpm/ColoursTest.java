package io.landloom.synthesis.ddpm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.SeededStream;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.TorchEngine;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An image's own colours, and a head that sees them. */
class ColoursTest {
  private static final int EDGE = 32;

  private NDManager manager;

  @BeforeEach
  void open() {
    manager = TorchEngine.newManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private static NDArray image(NDManager manager, int count, int height, int width) {
    Shape shape = new Shape(count, 3, height, width);
    float[] values = SeededStream.of(List.of("image"), 1).normal((int) shape.size());
    return Operators.ownCopy(manager.create(values, shape));
  }

  /**
   * White left of the middle, black right of it, in the second of three bands; the others are 0.
   */
  @Test
  void areThoseOfThePixelsAroundThemAndOfTheWholeImage() {
    float[] values = new float[3 * EDGE * EDGE];
    for (int i = 0; i < EDGE * EDGE; i++) {
      values[EDGE * EDGE + i] = i % EDGE < EDGE / 2 ? 1 : i / EDGE == 0 ? -1 : -0.5f;
    }
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray colours = Colours.of(scope.manager().create(values, new Shape(1, 3, EDGE, EDGE)));
      assertEquals(new Shape(1, 9, EDGE / 2, EDGE / 2), colours.getShape());
      assertEquals(4, colours.getFloat(0, 1, 5, 7), 1e-5);
      assertEquals(-2, colours.getFloat(0, 1, 5, 8), 1e-5);
      assertEquals(-3, colours.getFloat(0, 1, 0, 8), 1e-5, "of two black and two grey pixels");
      // 7.5 of 16 cells' width is an eighth of a cell of 8 pixels before the middle
      assertEquals(-2 + 6 * 0.625, colours.getFloat(0, 4, 9, 7), 1e-5);
      assertEquals(4, colours.getFloat(0, 4, 9, 1), 1e-5);
      double black = (EDGE - 1.0) / EDGE * -2 + 1.0 / EDGE * -4;
      assertEquals((4 + black) / 2, colours.getFloat(0, 7, 3, 3), 1e-5);
      for (int other : new int[] {0, 2, 3, 5, 6, 8}) {
        assertEquals(0, colours.getFloat(0, other, 5, 5), "channel " + other);
      }
    }
  }

  @Test
  void ofAnImageAreTheSameBitsInAnyBatchAndOfTheSmallestOnesAsWell() {
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray images = image(scope.manager(), 3, 16, 24);
      float[] together = Colours.of(images).get(new NDIndex("1:2")).toFloatArray();
      assertArrayEquals(together, Colours.of(images.get(new NDIndex("1:2"))).toFloatArray());
      NDArray smallest = Colours.of(image(scope.manager(), 1, 2, 4));
      assertEquals(new Shape(1, 9, 1, 2), smallest.getShape());
      assertEquals(smallest.getFloat(0, 0, 0, 1), smallest.getFloat(0, 3, 0, 1));
    }
  }

  /** With maps that count nothing and no residual blocks, scores are those of a perceptron. */
  @Test
  void addAPerceptronToWhatAResidualHeadMakesOfTheMaps() {
    int width = 4;
    int classes = 2;
    ResidualHead.Sizes sizes = new ResidualHead.Sizes(List.of(8), 9, width, 0, classes);
    ParameterSet parameters =
        ParameterSet.initialized(manager, ResidualHead.layout(sizes), 20261129);
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray map = scope.manager().zeros(new Shape(1, 8, 4, 4));
      NDArray colours = Colours.of(image(scope.manager(), 1, 16, 16));
      NDArray logits =
          new ResidualHead(sizes, parameters).logits(List.of(map, colours), 8, 8).get(0);
      // two by two pixels each, so that the corners are those of the coarse scores
      NDArray coarse = Operators.resized(colours, 4, 4);
      float[] widen = parameters.get("colours.widen.weight").toFloatArray();
      float[] narrow = parameters.get("colours.narrow.weight").toFloatArray();
      float[] last = parameters.get("to_classes.weight").toFloatArray();
      for (int k = 0; k < classes; k++) {
        double score = 0;
        for (int out = 0; out < width; out++) {
          double sum = 0;
          for (int hidden = 0; hidden < 2 * width; hidden++) {
            double h = 0;
            for (int band = 0; band < 9; band++) {
              h += widen[hidden * 9 + band] * coarse.getFloat(0, band, 0, 0);
            }
            sum += narrow[out * 2 * width + hidden] * gelu(h);
          }
          score += last[k * width + out] * sum;
        }
        assertEquals(score, logits.getFloat(0, k, 0, 0), 1e-5);
      }
    }
  }

  private static double gelu(double x) {
    // the error function by its series, x is small
    double z = x / Math.sqrt(2);
    double term = z;
    double sum = z;
    for (int n = 1; n < 60; n++) {
      term *= -z * z / n;
      sum += term / (2 * n + 1);
    }
    return x / 2 * (1 + 2 / Math.sqrt(Math.PI) * sum);
  }
}
