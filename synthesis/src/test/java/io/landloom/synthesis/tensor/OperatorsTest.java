package io.landloom.synthesis.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OperatorsTest {
  /**
   * The gradient of 50 sums of 3 x is 150. With DJL's own product by a number it was whatever the
   * collector had left where the numbers were.
   */
  @Test
  void aFactorOutlivesAGarbageCollectionBeforeTheBackwardPass() {
    try (NDManager manager = TorchEngine.newManager(Device.cpu());
        NativeScope scope = NativeScope.training(manager)) {
      NDArray x = scope.manager().ones(new Shape(2));
      x.setRequiresGradient(true);
      NDArray sum = Operators.scaled(x, 3);
      for (int i = 1; i < 50; i++) {
        sum = sum.add(Operators.scaled(x, 3));
      }
      NDArray scalar = sum.sum();
      overwriteFreedBuffers();
      Operators.backward(scalar);
      try (NDArray gradient = x.getGradient()) {
        assertArrayEquals(new float[] {150, 150}, gradient.toFloatArray());
      }
    }
  }

  private static void overwriteFreedBuffers() {
    List<ByteBuffer> buffers = new ArrayList<>();
    for (int collection = 0; collection < 3; collection++) {
      System.gc();
      for (int i = 0; i < 2000; i++) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(Float.BYTES).order(ByteOrder.nativeOrder());
        buffers.add(buffer.putFloat(0, -7));
      }
    }
  }
}
