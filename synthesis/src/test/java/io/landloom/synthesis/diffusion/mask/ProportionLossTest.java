package io.landloom.synthesis.diffusion.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.diffusion.mask.ProportionLoss.Distance;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.TorchEngine;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProportionLossTest {
  private static final ProportionLoss LOSS = new ProportionLoss(new ClassCodes(6), 200);

  private NDManager manager;

  @BeforeEach
  void open() {
    manager = TorchEngine.newManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void softClassesAreTheSoftmaxOfDistances() {
    float[] pixel = {0.3f, -0.8f, 0.5f};
    double[] expected = new double[6];
    double sum = 0;
    double temperature = 4 / Math.log(5 / 0.002);
    for (int k = 0; k < 6; k++) {
      double distance = 0;
      for (int bit = 0; bit < 3; bit++) {
        distance += Math.pow(pixel[bit] - ((k >> bit & 1) == 1 ? 1 : -1), 2);
      }
      expected[k] = Math.exp(-distance / temperature);
      sum += expected[k];
    }
    float[] soft = LOSS.softClasses(manager.create(pixel, new Shape(1, 3, 1, 1))).toFloatArray();
    for (int k = 0; k < 6; k++) {
      assertEquals(expected[k] / sum, soft[k], 1e-6, "class " + k);
    }
  }

  /** A rare class of 2 % is read as 2 %, as the temperature's rule promises. */
  @Test
  void aCleanMasksProportionsAreReadWithinAFifthOfAPerCent() {
    byte[] positions = new byte[400];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = (byte) (i < 8 ? 4 : i < 100 ? 1 : 2);
    }
    NDArray decoded = manager.create(new ClassCodes(6).encode(positions), new Shape(1, 3, 20, 20));
    NDArray valid = manager.ones(new Shape(1, 1, 20, 20));
    float[] read = ProportionLoss.proportions(LOSS.softClasses(decoded), valid).toFloatArray();
    assertArrayEquals(new float[] {0, 0.23f, 0.75f, 0, 0.02f, 0}, read, 0.002f);
  }

  @Test
  void onlyValidPixelsAndEarlyTimestepsCount() {
    ProportionLoss loss = new ProportionLoss(new ClassCodes(2), 200);
    NDArray soft = manager.create(new float[] {1, 0, 0, 1, 0, 1, 1, 0}, new Shape(1, 2, 2, 2));
    NDArray valid = manager.create(new float[] {1, 1, 0, 0}, new Shape(1, 1, 2, 2));
    assertArrayEquals(
        new float[] {0.5f, 0.5f}, ProportionLoss.proportions(soft, valid).toFloatArray());
    NDArray drawn = manager.create(new float[] {0.5f, 0.5f, 0.9f, 0.1f}, new Shape(2, 2));
    NDArray asked = manager.create(new float[] {0.7f, 0.3f, 0.5f, 0.5f}, new Shape(2, 2));
    assertEquals(0.2, loss.of(drawn, asked, new int[] {200, 201}).getFloat(), 1e-6);
    assertEquals(0.3, loss.of(drawn, asked, new int[] {0, 100}).getFloat(), 1e-6);
    assertEquals(0, loss.of(drawn, asked, new int[] {201, 999}).getFloat());
  }

  /** Of 0.7 drawn and 0.5 asked: 0.2 and 0.04; the divergences are 0.5 ln(0.5 / 0.7) and so on. */
  @Test
  void distancesAndWeightsAreAsTheySay() {
    NDArray drawn = manager.create(new float[] {0.7f, 0.3f}, new Shape(1, 2));
    NDArray asked = manager.create(new float[] {0.5f, 0.5f}, new Shape(1, 2));
    assertEquals(0.2, of(Distance.L1, 1, 1, drawn, asked), 1e-6);
    assertEquals(0.04, of(Distance.L2, 1, 1, drawn, asked), 1e-6);
    double divergence = 0.5 * Math.log(0.5 / 0.7) + 0.5 * Math.log(0.5 / 0.3);
    assertEquals(divergence / 2, of(Distance.KL, 1, 1, drawn, asked), 1e-6);
    assertEquals((0.5 * 0.2 + 1.5 * 0.2) / 2, of(Distance.L1, 0.5, 1.5, drawn, asked), 1e-6);
    // mean shares of 0.49 and 0.09 count 2 and 10, of mean 6
    List<Double> rare = ProportionLoss.rareClasses(new double[] {0.49, 0.09});
    assertEquals(2 / 6.0, rare.get(0), 1e-12);
    assertEquals(10 / 6.0, rare.get(1), 1e-12);
  }

  private static double of(
      Distance distance, double first, double second, NDArray drawn, NDArray asked) {
    ProportionLoss loss =
        new ProportionLoss(new ClassCodes(2), distance, List.of(first, second), 100);
    return loss.of(drawn, asked, new int[] {100}).getFloat();
  }

  @Test
  void followingTheGradientBringsTheProportionsNearer() {
    try (NativeScope scope = NativeScope.training(manager)) {
      NDArray decoded = scope.manager().zeros(new Shape(1, 3, 4, 4));
      decoded.setRequiresGradient(true);
      NDArray valid = scope.manager().ones(new Shape(1, 1, 4, 4));
      NDArray asked = scope.manager().create(new float[] {0.9f, 0.1f, 0, 0, 0, 0}, new Shape(1, 6));
      NDArray before = loss(decoded, valid, asked);
      Operators.backward(before);
      NDArray after = loss(decoded.sub(decoded.getGradient().mul(0.5f)), valid, asked);
      assertTrue(
          after.getFloat() < before.getFloat(), after.getFloat() + " after " + before.getFloat());
    }
  }

  private static NDArray loss(NDArray decoded, NDArray valid, NDArray asked) {
    NDArray drawn = ProportionLoss.proportions(LOSS.softClasses(decoded), valid);
    return LOSS.of(drawn, asked, new int[] {50});
  }
}
