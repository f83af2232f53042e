package io.landloom.synthesis.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PatchSamplerTest {
  @Test
  void theEightSymmetriesAreDifferentAndComplete() {
    Set<List<Integer>> symmetries = new HashSet<>();
    for (int symmetry = 0; symmetry < 8; symmetry++) {
      List<Integer> places = new ArrayList<>();
      for (int pixel = 0; pixel < 9; pixel++) {
        places.add(PatchSampler.source(pixel, 3, symmetry));
      }
      assertEquals(9, new HashSet<>(places).size());
      symmetries.add(places);
    }
    assertEquals(8, symmetries.size());
    assertTrue(symmetries.contains(List.of(6, 3, 0, 7, 4, 1, 8, 5, 2)), "a quarter turn");
  }
}
