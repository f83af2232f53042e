package io.landloom.synthesis.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class GradientNormTest {
  private static final List<TensorSpec> LAYOUT =
      List.of(
          TensorSpec.trained("a", Layers.ONE, 2),
          TensorSpec.trained("b", Layers.ONE, 1),
          TensorSpec.buffer("c", Layers.ONE, 1));

  /** The gradients of 3 a0 + 4 b are 3, 0 and 4: their norm is 5. */
  @Test
  void scalesAllGradientsTogether() {
    try (NDManager manager = TorchEngine.newManager(Device.cpu())) {
      ParameterSet set = ParameterSet.initialized(manager, LAYOUT, 1);
      set.unfreeze();
      assertGradients(set, 10, 3, 0, 4);
      assertGradients(set, 1, 0.6f, 0, 0.8f);
    }
  }

  private static void assertGradients(ParameterSet set, double most, float... expected) {
    try (NativeScope scope = NativeScope.training(set.manager())) {
      var weights = scope.manager().create(new float[] {3, 0});
      var sum = set.get("a").mul(weights).sum().add(Operators.scaled(set.get("b").sum(), 4));
      Operators.backward(sum);
      assertEquals(5, GradientNorm.clip(set, most), 1e-6);
      float[] ofA = set.get("a").getGradient().toFloatArray();
      float[] found = {ofA[0], ofA[1], set.get("b").getGradient().toFloatArray()[0]};
      assertArrayEquals(expected, found, 1e-5f);
      new Adam(set, 0.9, 0.999).step(0.1); // clears them
    }
  }
}
