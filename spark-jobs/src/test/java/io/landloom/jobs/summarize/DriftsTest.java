package io.landloom.jobs.summarize;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.table.ClassDriftTable;
import io.landloom.jobs.table.ClassDriftTable.ClassDrift;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which populations are compared, and by how much their shares differ. */
class DriftsTest {
  // unknown first, then five classes
  private static final LandCoverScheme SCHEME = LandCoverScheme.named("gid5");

  private final Drifts drifts =
      new Drifts(List.of("tile-b", "tile-a", "tile-c", "synthesize-a", "synthesize-b"));

  /** A population with so many pixels of the first two classes, and so many unknown. */
  private void add(String scope, String split, String scene, String run, long... pixels) {
    Population population = new Population(scope, split, scene, run);
    List<ClassSum> sums = new ArrayList<>();
    for (int position = SCHEME.size() - 1; position >= 0; position--) { // in any order
      sums.add(new ClassSum(position, position < pixels.length ? pixels[position] : 0, 4, 1));
    }
    drifts.add(population, ClassSum.proportions(population, sums, SCHEME));
  }

  /** The drifts of the first class: who is compared, and by how much in points. */
  private List<String> ofFirstClass() {
    List<ClassDrift> all = drifts.all();
    ClassDriftTable table = new ClassDriftTable();
    for (int i = 1; i < all.size(); i++) {
      assertEquals(-1, Integer.signum(table.key(all.get(i - 1)).compareTo(table.key(all.get(i)))));
    }
    return all.stream()
        .filter(drift -> drift.from().position() == 1)
        .map(
            drift ->
                String.join(
                    " ",
                    drift.from().split(),
                    drift.from().scope(),
                    String.valueOf(drift.fromRun()),
                    drift.to().scope(),
                    String.valueOf(drift.toRun()),
                    String.valueOf(drift(drift))))
        .toList();
  }

  private static Double drift(ClassDrift drift) {
    return drift.to().proportion() == null || drift.from().proportion() == null
        ? null
        : 100 * (drift.to().proportion() - drift.from().proportion());
  }

  @Test
  void realPatchesAreComparedWithPairsAndWithBoth() {
    add("real", "train", null, null, 8, 1, 3);
    add("synthetic", "train", null, null, 0, 3, 1);
    add("mixed", "train", null, null, 8, 4, 4);
    add("real", "train", "scene", null, 0, 1, 0); // one scene is not compared
    assertEquals(
        List.of("train real null mixed null 25.0", "train real null synthetic null 50.0"),
        ofFirstClass());
  }

  @Test
  void runsAreComparedWithTheOneBeforeOfTheirKindAndSplit() {
    add("real", "train", null, "tile-a", 0, 1, 1);
    add("real", "train", null, "tile-b", 0, 1, 3);
    add("real", "train", null, "tile-c", 0, 1, 0);
    add("real", "val", null, "tile-b", 0, 0, 2);
    add("real", "val", null, "tile-c", 0, 2, 0); // tile-a has nothing of val
    add("synthetic", "train", null, "synthesize-a", 0, 1, 1);
    add("synthetic", "train", null, "synthesize-b", 0, 1, 1);
    assertEquals(
        List.of(
            "train real tile-a real tile-c 50.0",
            "train real tile-b real tile-a 25.0",
            "train synthetic synthesize-a synthetic synthesize-b 0.0",
            "val real tile-b real tile-c 100.0"),
        ofFirstClass());
  }

  @Test
  void aShareThatIsNotThereHasNoDrift() {
    add("real", "train", null, null, 4);
    add("mixed", "train", null, null, 4, 1);
    assertEquals(List.of("train real null mixed null null"), ofFirstClass());
  }

  @Test
  void aPopulationThatIsAloneIsNotCompared() {
    add("real", "train", null, null, 0, 1);
    add("real", "train", null, "tile-a", 0, 1);
    add("synthetic", "val", null, null, 0, 1);
    assertEquals(List.of(), ofFirstClass());
  }
}
