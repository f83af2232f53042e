package io.landloom.geo.tiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.geo.image.Raster;
import io.landloom.geo.source.CountingByteSource;
import io.landloom.geo.source.SceneFormatException;
import java.io.IOException;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** Rows as wide as a few bytes can claim are refused before there is space for them. */
class WideSceneTest {
  private static final TiffLimits IN_A_GIBIBYTE =
      new TiffLimits(
          1 << 24, 32, 4096, 1 << 23, 1 << 30, TiffLimits.requestBytes(1L << 30), 1L << 34, 1, 1);

  private static TiffReader open(byte[] file) throws IOException {
    return TiffReader.open(new CountingByteSource("wide.tif", file), IN_A_GIBIBYTE);
  }

  /** A scene of sparse strips of 4 rows, whose tables are of single bytes. */
  private static TiffBytes sparse(int width, int height) {
    return TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 1, 1, new byte[0])
        .longs(256, width)
        .longs(257, height)
        .shorts(278, 4)
        .tag(273, 1, new double[height / 4])
        .tag(279, 1, new double[height / 4]);
  }

  @Test
  void aFewBytesCannotClaimAGibibyteOfRows() throws IOException {
    try (TiffReader reader = open(sparse(1 << 22, 256).build())) {
      assertEquals(
          "wide.tif: IFD 0: 256 rows of 4194304 pixels are 1073741824 bytes, more than the"
              + " 134217728 that this memory allows at once; ask for fewer rows, or give a larger"
              + " heap",
          assertThrows(SceneFormatException.class, () -> reader.rows(0, 256)).getMessage());
      assertThrows(SceneFormatException.class, () -> reader.rows(100, 33));
      assertEquals(4, reader.rows(252, 4).height());
    }
  }

  @Test
  void sixtyThousandColumnsFitAGibibyte() throws IOException {
    byte[] file = sparse(60_000, 256).shorts(277, 3).shorts(262, 2).build();
    try (TiffReader reader = open(file)) {
      Raster rows = reader.rows(0, 256);
      assertEquals(60_000 * 256 * 3, rows.samples().length);
    }
  }
}
