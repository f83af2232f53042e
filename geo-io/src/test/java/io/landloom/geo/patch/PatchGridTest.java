package io.landloom.geo.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.geo.scene.SceneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class PatchGridTest {
  @Test
  void cutsAGidSceneAsThePaperDoes() {
    PatchGrid grid = new PatchGrid(7200, 6800, 256, 256);
    assertEquals(26, grid.rows());
    assertEquals(28, grid.columns());
    assertEquals(728, grid.patches());
    assertEquals(new PatchWindow(6912, 6400, 256, 256), grid.window(25, 27));
  }

  @Test
  void overlapsWithASmallerStride() {
    PatchGrid grid = new PatchGrid(10, 6, 4, 2);
    assertEquals(2, grid.rows());
    assertEquals(4, grid.columns());
    assertEquals(new PatchWindow(6, 2, 4, 4), grid.window(1, 3));
  }

  @Test
  void aSceneSmallerThanAPatchHasNone() {
    assertEquals(0, new PatchGrid(223, 224, 224, 224).patches());
    assertEquals(1, new PatchGrid(224, 224, 224, 224).patches());
  }

  @Test
  void refusesWindowsOutside() {
    PatchGrid grid = new PatchGrid(10, 6, 4, 2);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> grid.window(2, 0));
    assertEquals("patch 2, 0 of a grid of 2 x 4", e.getMessage());
  }

  @Test
  void ordersKeysBySceneThenRowThenColumn() {
    PatchId first = new PatchId(new SceneId("a"), 9, 9);
    PatchId second = new PatchId(new SceneId("b"), 0, 10);
    PatchId third = new PatchId(new SceneId("b"), 2, 0);
    List<PatchId> ids = new ArrayList<>(List.of(third, second, first));
    Collections.sort(ids);
    assertEquals(List.of(first, second, third), ids);
    assertEquals("b/2/0", third.toString());
  }
}
