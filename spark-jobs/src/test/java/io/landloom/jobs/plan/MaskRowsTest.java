package io.landloom.jobs.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.jobs.run.JobException;
import io.landloom.jobs.table.EncodedImage;
import io.landloom.jobs.table.MaskSource;
import io.landloom.jobs.table.PatchRow;
import io.landloom.jobs.table.PatchesTable;
import io.landloom.jobs.table.PixelFormat;
import io.landloom.jobs.table.TableFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskRowsTest {
  @TempDir private Path folder;
  private int files;

  private static PatchRow row(int column, String split, MaskSource source, long... counts) {
    EncodedImage nothing = new EncodedImage(new byte[1], "");
    return new PatchRow(
        "scene",
        0,
        column,
        0,
        0,
        split,
        nothing,
        source == null ? null : nothing,
        source,
        null,
        8,
        8,
        3,
        "uint8",
        source == null ? null : counts,
        null,
        null,
        null,
        null,
        null,
        "none",
        "none",
        "made");
  }

  private String file(PatchRow... rows) throws IOException {
    Path path = folder.resolve("part-" + files++ + ".parquet");
    try (TableFile<PatchRow> table =
        TableFile.create(
            new PatchesTable(PixelFormat.PNG, PixelFormat.PNG),
            new org.apache.hadoop.fs.Path(path.toUri()),
            0,
            "made",
            Map.of(),
            new Configuration())) {
      for (PatchRow row : rows) {
        table.append(row);
      }
    }
    return path.toUri().toString();
  }

  @Test
  void masksOfTrainingAreReadAndRowsOfOtherLengthsBetweenThemAreNot() throws IOException {
    String file =
        file(
            row(0, "train", MaskSource.LABELLED, 1, 2, 3),
            row(1, "val", MaskSource.LABELLED, 4, 5, 6, 7, 8),
            row(2, "train", null),
            row(3, "train", MaskSource.PREDICTED, 9, 0, 9));
    try (MaskRows rows = MaskRows.keyed(file, 3, new Configuration())) {
      assertTrue(rows.next());
      assertEquals(MaskSource.LABELLED, rows.source());
      assertArrayEquals(new long[] {1, 2, 3}, rows.pixels());
      assertTrue(rows.next());
      assertEquals(MaskSource.PREDICTED, rows.source());
      assertArrayEquals(new long[] {9, 0, 9}, rows.pixels());
      assertEquals("scene/0/3", rows.sceneId() + "/" + rows.row() + "/" + rows.column());
      assertFalse(rows.next());
    }
  }

  @Test
  void aFileWithoutRowsHasNoMasks() throws IOException {
    try (MaskRows rows = MaskRows.counts(file(), 3, new Configuration())) {
      assertFalse(rows.next());
    }
  }

  @Test
  void countsThatCannotBeAreRejected() throws IOException {
    String few = file(row(0, "train", MaskSource.LABELLED, 1, 2));
    assertTrue(
        rejection(few).endsWith(": a mask has counts of 2 classes, the scheme has 3"),
        rejection(few));
    String negative = file(row(0, "train", MaskSource.LABELLED, 1, -2, 3));
    assertTrue(rejection(negative).endsWith(": a mask has -2 pixels of a class"));
  }

  private static String rejection(String file) throws IOException {
    try (MaskRows rows = MaskRows.counts(file, 3, new Configuration())) {
      JobException thrown = assertThrows(JobException.class, rows::next);
      assertEquals(JobException.Kind.DATA, thrown.kind());
      return thrown.getMessage();
    }
  }
}
