package io.landloom.synthesis.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdamTest {
  private static final List<TensorSpec> LAYOUT =
      List.of(TensorSpec.trained("a", Layers.ONE, 2), TensorSpec.buffer("b", Layers.ONE, 1));

  /** The first step of Adam is the rate, whatever the gradient; decay comes before it. */
  @Test
  void weightsDecayApartFromTheGradient() {
    try (NDManager manager = TorchEngine.newManager(Device.cpu())) {
      ParameterSet set = ParameterSet.initialized(manager, LAYOUT, 1);
      set.unfreeze();
      Adam adam = new Adam(set, 0.9, 0.999, 0.5);
      try (NativeScope scope = NativeScope.training(manager)) {
        NDArray weights = scope.manager().create(new float[] {3, 0});
        Operators.backward(set.get("a").mul(weights).sum());
        adam.step(0.1);
      }
      assertArrayEquals(new float[] {0.95f - 0.1f, 0.95f}, set.get("a").toFloatArray(), 1e-6f);
      assertEquals(1, set.get("b").getFloat(), "buffers do not");
    }
  }

  @Test
  void dropoutIsThatOfItsSeed() {
    try (NDManager manager = TorchEngine.newManager(Device.cpu());
        NativeScope scope = NativeScope.inference(manager)) {
      NDArray ones = scope.manager().ones(new Shape(100, 100));
      TorchEngine.seed(5);
      NDArray first = Operators.dropout(ones, 0.2);
      NDArray second = Operators.dropout(ones, 0.2);
      TorchEngine.seed(5);
      assertArrayEquals(first.toFloatArray(), Operators.dropout(ones, 0.2).toFloatArray());
      assertEquals(1, first.mean().getFloat(), 0.02f);
      assertEquals(0.2, first.eq(0).toType(ones.getDataType(), false).mean().getFloat(), 0.02);
      assertFalse(Arrays.equals(first.toFloatArray(), second.toFloatArray()), "it goes on");
    }
  }
}
