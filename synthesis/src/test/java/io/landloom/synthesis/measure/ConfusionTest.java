package io.landloom.synthesis.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.synthesis.measure.Confusion.Over;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ConfusionTest {
  private static final double EXACT = 1e-12;

  @Test
  void agreesWithScikitLearn() throws IOException {
    Oracle oracle = Oracle.open();
    Confusion confusion = new Confusion(5);
    confusion.add(oracle.bytes("confusion.truth"), oracle.bytes("confusion.predicted"));
    double[] matrix = oracle.numbers("confusion.matrix");
    for (int i = 0; i < matrix.length; i++) {
      assertEquals((long) matrix[i], confusion.at(i / 5, i % 5));
    }
    double[] ious = oracle.numbers("confusion.iou");
    for (int position = 0; position < ious.length; position++) {
      assertEquals(ious[position], confusion.iou(position), EXACT);
    }
    assertEquals(oracle.number("confusion.meanIouSeen"), confusion.meanIou(Over.SEEN), EXACT);
    assertEquals(oracle.number("confusion.meanIouTrue"), confusion.meanIou(Over.TRUE), EXACT);
    assertEquals(oracle.number("confusion.meanF1Seen"), confusion.meanF1(Over.SEEN), EXACT);
    assertEquals(oracle.number("confusion.meanF1True"), confusion.meanF1(Over.TRUE), EXACT);
    assertEquals(5, confusion.counted(Over.SEEN));
    assertEquals(4, confusion.counted(Over.TRUE));
    assertEquals(
        oracle.number("confusion.weightedBySklearn"), confusion.frequencyWeightedIou(), EXACT);
    assertEquals(oracle.number("confusion.accuracy"), confusion.accuracy(), EXACT);
  }

  @Test
  void countsUnknownPixelsNowhereAndLeavesAbsentClassesOutOfMeans() {
    Confusion confusion = new Confusion(3);
    confusion.add(new byte[] {0, 0, 1, 3, 3}, new byte[] {0, 1, 1, 2, 0});
    assertEquals(3, confusion.total());
    assertEquals(1 / 2.0, confusion.iou(0), EXACT); // 1 of {2 true, 1 predicted}
    assertEquals(1 / 2.0, confusion.iou(1), EXACT); // 1 of {1 true, 2 predicted}
    assertTrue(Double.isNaN(confusion.iou(2)));
    assertEquals(2, confusion.counted(Over.SEEN));
    assertEquals(0.5, confusion.meanIou(Over.SEEN), EXACT);
    assertEquals(2 / 3.0, confusion.meanF1(Over.SEEN), EXACT);
    assertEquals(2 / 3.0, confusion.accuracy(), EXACT);
  }

  @Test
  void partsOfASetSumToTheWhole() {
    Confusion first = new Confusion(2);
    first.add(new byte[] {0, 1}, new byte[] {0, 0});
    Confusion second = new Confusion(2);
    second.add(new byte[] {1, 1}, new byte[] {1, 0});
    first.add(second);
    assertEquals("Confusion of 2 classes [1, 0, 2, 1]", first.toString());
  }

  @Test
  void namesAPixelOutsideTheClassesAndCountsNothingOfItsImage() {
    Confusion confusion = new Confusion(2);
    String predictedUnknown =
        assertThrows(
                IllegalArgumentException.class,
                () -> confusion.add(new byte[] {0, 1}, new byte[] {0, 2}))
            .getMessage();
    assertEquals(
        "pixel 1: true class 1, predicted class 2, but there are 2 classes", predictedUnknown);
    String beyondUnknown =
        assertThrows(
                IllegalArgumentException.class,
                () -> confusion.add(new byte[] {(byte) 255}, new byte[] {0}))
            .getMessage();
    assertEquals(
        "pixel 0: true class 255, predicted class 0, but there are 2 classes", beyondUnknown);
    assertEquals(0, confusion.total());
    assertTrue(Double.isNaN(confusion.meanIou(Over.SEEN)));
    assertEquals(
        "1 true pixels, 2 predicted",
        assertThrows(
                IllegalArgumentException.class,
                () -> confusion.add(new byte[] {0}, new byte[] {0, 1}))
            .getMessage());
  }
}
