package io.landloom.synthesis.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelShareTest {
  private static final LandCoverScheme SCHEME = LandCoverScheme.named("gid5");
  private static final ClassPositions POSITIONS = new ClassPositions(SCHEME);

  /** 200 patches: 120 of class 1, 60 of class 2, 18 of class 3; two also show 4 and one 5. */
  private record Patches() implements TrainingSet {
    @Override
    public int size() {
      return 200;
    }

    @Override
    public Raster image(int i) {
      return Raster.ofBytes(4, 4, 3, new byte[48]);
    }

    @Override
    public ClassMask mask(int i) {
      byte[] indices = new byte[16];
      Arrays.fill(indices, (byte) (i < 122 ? 1 : i < 182 ? 2 : 3));
      if (i == 7 || i == 130) {
        indices[3] = 4;
      }
      if (i == 8) {
        indices[3] = 5;
      }
      return new ClassMask(4, 4, indices);
    }
  }

  @ParameterizedTest
  @CsvSource({"0.05, 10", "0.10, 20", "0.25, 50", "0.5, 100", "1, 200"})
  void everyClassOccursAndPrevailingClassesKeepTheirShares(double fraction, int count) {
    for (long draw = 0; draw < 3; draw++) {
      List<Integer> items = new LabelShare(fraction, draw).items(new Patches(), POSITIONS);
      assertEquals(count, items.size());
      assertEquals(count, new TreeSet<>(items).size());
      assertEquals(new TreeSet<>(List.of(1, 2, 3, 4, 5)), classes(items), "draw " + draw);
      long ofFirst = items.stream().filter(item -> item < 122).count();
      assertEquals(0.61 * count, ofFirst, 3, "draw " + draw);
    }
  }

  private static TreeSet<Integer> classes(List<Integer> items) {
    TreeSet<Integer> classes = new TreeSet<>();
    for (int item : items) {
      for (byte index : new Patches().mask(item).indices()) {
        classes.add((int) index);
      }
    }
    return classes;
  }

  /** One percent of 200 patches are two, but five classes are in no two of them. */
  @Test
  void aSmallShareStillShowsEveryClass() {
    List<Integer> items = new LabelShare(0.01, 1).items(new Patches(), POSITIONS);
    assertEquals(new TreeSet<>(List.of(1, 2, 3, 4, 5)), classes(items));
    assertTrue(items.size() <= 5, items.toString());
    assertTrue(items.contains(8), "the only patch that shows class 5");
  }

  @Test
  void drawsDifferAndSmallSharesAreAmongLargerOnes() {
    List<Integer> ten = new LabelShare(0.1, 4).items(new Patches(), POSITIONS);
    assertEquals(ten, new LabelShare(0.1, 4).items(new Patches(), POSITIONS));
    assertNotEquals(ten, new LabelShare(0.1, 5).items(new Patches(), POSITIONS));
    assertTrue(new LabelShare(0.25, 4).items(new Patches(), POSITIONS).containsAll(ten));
  }

  @Test
  void aFractionOfNothingIsRefused() {
    assertEquals(
        "fraction 0.0 is not above 0 and at most 1",
        assertThrows(IllegalArgumentException.class, () -> new LabelShare(0, 1)).getMessage());
  }

  @Test
  void aScribbleIsALineOfAFewPixelsOfEveryClassThatIsThere() {
    Checkerboards boards = new Checkerboards(SCHEME, 3, 64);
    SparseLabels sparse = new SparseLabels(boards, SCHEME, 9, 2);
    for (int i = 0; i < 3; i++) {
      byte[] whole = boards.mask(i).indices();
      byte[] left = sparse.mask(i).indices();
      for (LandCoverClass labelled : SCHEME.validClasses()) {
        List<Integer> line =
            java.util.stream.IntStream.range(0, left.length)
                .filter(pixel -> left[pixel] == labelled.index())
                .boxed()
                .toList();
        assertTrue(line.size() >= 2 && line.size() <= 9, labelled.name() + " " + line);
        for (int pixel : line) {
          assertEquals(whole[pixel], left[pixel]);
          assertTrue(line.stream().anyMatch(other -> touches(pixel, other)), pixel + " of " + line);
        }
      }
      assertEquals(boards.image(i), sparse.image(i));
      assertEquals(sparse.mask(i), sparse.mask(i), "the same on every call");
    }
    assertNotEquals(sparse.mask(0), new SparseLabels(boards, SCHEME, 9, 3).mask(0));
  }

  private static boolean touches(int pixel, int other) {
    return pixel != other
        && Math.abs(pixel % 64 - other % 64) <= 1
        && Math.abs(pixel / 64 - other / 64) <= 1;
  }

  @Test
  void whatIsSeenIsSomePatchesAndOfTheirMasksScribbles() {
    Patches all = new Patches();
    assertSame(all, new SeenLabels(new LabelShare(1, 0), 0).of(all, SCHEME));
    LabelShare share = new LabelShare(0.05, 0);
    TrainingSet some = new SeenLabels(share, 0).of(all, SCHEME);
    assertEquals(10, some.size());
    int first = share.items(all, POSITIONS).get(0);
    assertArrayEquals(all.mask(first).indices(), some.mask(0).indices());
    TrainingSet scribbles = new SeenLabels(share, 2).of(all, SCHEME);
    for (int i = 0; i < 10; i++) {
      long labelled =
          Arrays.stream(scribbles.mask(i).counts(SCHEME).pixels()).sum()
              - scribbles.mask(i).counts(SCHEME).pixels()[SCHEME.position(SCHEME.unknownIndex())];
      assertTrue(labelled >= 1 && labelled <= 4, labelled + " pixels of at most two classes");
    }
    assertEquals(
        "labels.pixels -1 is below 0",
        assertThrows(IllegalArgumentException.class, () -> new SeenLabels(share, -1)).getMessage());
  }
}
