package io.landloom.synthesis.tensor;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.index.NDIndex;
import io.landloom.synthesis.tensor.LibtorchSwitches.Switch;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kernels that are turned off, and what a libtorch that computes wrongly leads to. */
class LibtorchSwitchesTest {
  @BeforeAll
  static void startEngine() {
    TorchEngine.newManager(Device.cpu()).close();
  }

  @Test
  void theEngineStartsWithRightConvolutionsAndWithoutNnpack() {
    assertTrue(ConvolutionCheck.passes());
    assertFalse(LibtorchSwitches.isOn(Switch.NNPACK));
  }

  @ParameterizedTest
  @EnumSource(Switch.class)
  void convolutionsAreTheSameWithoutKernels(Switch kernels) {
    boolean before = LibtorchSwitches.isOn(kernels);
    try {
      assertTrue(LibtorchSwitches.set(kernels, false));
      assertFalse(LibtorchSwitches.isOn(kernels));
      assertTrue(ConvolutionCheck.passes());
    } finally {
      LibtorchSwitches.set(kernels, before);
    }
    assertEquals(before, LibtorchSwitches.isOn(kernels));
  }

  /** As oneDNN did where it took the caches for one byte. */
  @Test
  void aConvolutionThatForgetsTheLastChannelsIsFound() {
    NDIndex first = new NDIndex(":, :16");
    assertFalse(
        ConvolutionCheck.passes(
            (x, weight) -> Operators.convolution(x.get(first), weight.get(first), null, 1, 1)));
  }

  @Test
  void oneDnnIsTurnedOffOnlyWhereThatHelps() {
    assertDoesNotThrow(() -> TorchEngine.requireRight(results(true), results()));
    assertDoesNotThrow(() -> TorchEngine.requireRight(results(false, true), results(true)));
    for (BooleanSupplier without : List.of(results(true), results(false))) {
      assertEquals(
          "libtorch computes convolutions wrongly on this processor, and oneDNN could not be turned"
              + " off or was not why; ONEDNN_MAX_CPU_ISA=SSE41 in the environment may help",
          assertThrows(
                  EngineException.class,
                  () -> TorchEngine.requireRight(results(false, false), without))
              .getMessage());
    }
  }

  /** Gives each result once, and fails when asked for more. */
  private static BooleanSupplier results(Boolean... results) {
    Deque<Boolean> left = new ArrayDeque<>(List.of(results));
    return left::pop;
  }
}
