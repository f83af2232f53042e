package io.landloom.synthesis.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.SeededStream;
import io.landloom.synthesis.training.PatchOrder.Sampling;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PatchOrderTest {
  private static final LandCoverScheme SCHEME = LandCoverScheme.named("gid5");

  /** Masks of 2 x 2 pixels, by class index. */
  private record Masks(int... indices) implements TrainingSet {
    @Override
    public int size() {
      return indices.length / 4;
    }

    @Override
    public Raster image(int i) {
      throw new AssertionError("an order needs no image");
    }

    @Override
    public ClassMask mask(int i) {
      byte[] mask = new byte[4];
      for (int pixel = 0; pixel < 4; pixel++) {
        mask[pixel] = (byte) indices[4 * i + pixel];
      }
      return new ClassMask(2, 2, mask);
    }
  }

  private static PatchOrder order(Sampling sampling, Masks masks) {
    return PatchOrder.of(sampling, masks, new ClassPositions(SCHEME));
  }

  private static SeededStream stream(long epoch) {
    return SeededStream.of(List.of("order"), epoch);
  }

  @Test
  void uniformShowsEachOnceInAnOrderOfEachEpoch() {
    PatchOrder order = order(Sampling.UNIFORM, new Masks(new int[4 * 30]));
    Set<List<Integer>> orders = new HashSet<>();
    for (int epoch = 0; epoch < 5; epoch++) {
      int[] items = order.epoch(stream(epoch));
      orders.add(Arrays.stream(items).boxed().toList());
      assertArrayEquals(stream(epoch).permutation(30), items);
    }
    assertEquals(5, orders.size());
  }

  @Test
  void rareClassesAreShownByTheirShareOfAllThereIsOfThem() {
    int water = SCHEME.validClasses().get(0).index();
    int field = SCHEME.validClasses().get(1).index();
    int unknown = SCHEME.unknownIndex();
    Masks masks =
        new Masks(
            water, water, water, water, //
            water, water, water, water, //
            field, field, field, field, //
            water, water, field, field, //
            unknown, unknown, unknown, unknown);
    // water is 1 + 1 + 0 + 1/2, field 0 + 0 + 1 + 1/2 patches: 2/5, 2/5, 2/3, 1/5 + 1/3 of 2
    double[] expected = {5 * 0.2, 5 * 0.2, 5 / 3.0, 5 * (0.1 + 1 / 6.0), 0};
    PatchOrder order = order(Sampling.RARE_CLASSES, masks);
    int epochs = 3000;
    int[] shown = new int[5];
    for (int epoch = 0; epoch < epochs; epoch++) {
      int[] now = new int[5];
      int[] items = order.epoch(stream(epoch));
      assertEquals(5, items.length);
      for (int item : items) {
        now[item]++;
      }
      for (int item = 0; item < 5; item++) {
        assertTrue(
            now[item] >= Math.floor(expected[item] - 1e-9)
                && now[item] <= Math.ceil(expected[item] + 1e-9),
            "item " + item + " " + now[item] + " times in epoch " + epoch);
        shown[item] += now[item];
      }
    }
    for (int item = 0; item < 5; item++) {
      assertEquals(expected[item], (double) shown[item] / epochs, 0.04, "item " + item);
    }
  }

  @Test
  void anEpochIsAFunctionOfItsStream() {
    PatchOrder order = order(Sampling.RARE_CLASSES, new Masks(1, 1, 2, 2, 3, 3, 3, 3, 4, 5, 1, 2));
    assertArrayEquals(order.epoch(stream(3)), order.epoch(stream(3)));
  }

  @Test
  void refusesASetWithoutAnyClassAndUnknownNames() {
    int unknown = SCHEME.unknownIndex();
    assertEquals(
        "sampling = rareClasses: no pixel of the training set has a class",
        assertThrows(
                IllegalArgumentException.class,
                () -> order(Sampling.RARE_CLASSES, new Masks(unknown, unknown, unknown, unknown)))
            .getMessage());
    assertEquals(
        "sampling 'rare' is neither uniform nor rareClasses",
        assertThrows(IllegalArgumentException.class, () -> Sampling.of("rare")).getMessage());
  }
}
