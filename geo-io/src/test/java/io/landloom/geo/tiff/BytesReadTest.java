package io.landloom.geo.tiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.JdkImages;
import io.landloom.geo.image.Raster;
import io.landloom.geo.source.CountingByteSource;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageReader;
import javax.imageio.plugins.tiff.TIFFDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No more is read of a file than its blocks need, and not in more pieces than they lie in. */
class BytesReadTest {
  private static final Raster SCENE =
      JdkImages.raster(JdkImages.pattern(BufferedImage.TYPE_3BYTE_BGR, 1536, 1536, 3));

  @TempDir Path folder;

  private byte[] written(TiffWriter.Layout layout, TiffWriter.Compression compression)
      throws IOException {
    Path file = folder.resolve("scene.tif");
    TiffWriter.Options options =
        TiffWriter.Options.of(1536, 1536, 3).withLayout(layout).withCompression(compression);
    try (TiffWriter writer = TiffWriter.create(file, options)) {
      writer.writeRows(SCENE);
    }
    return Files.readAllBytes(file);
  }

  /** Stored bytes of some blocks, as the JDK finds them in the file. */
  private static long stored(byte[] file, int countsTag, int first, int blocks) throws IOException {
    ImageReader reader = JdkImages.reader(file, "tiff");
    try {
      TIFFDirectory ifd = TIFFDirectory.createFromMetadata(reader.getImageMetadata(0));
      long sum = 0;
      for (int block = first; block < first + blocks; block++) {
        sum += ifd.getTIFFField(countsTag).getAsLong(block);
      }
      return sum;
    } finally {
      reader.dispose();
    }
  }

  private static void readsAtMost(byte[] file, int y, int rows, long needed, int pieces)
      throws IOException {
    CountingByteSource source = new CountingByteSource("scene", file);
    try (TiffReader reader = TiffReader.open(source, TiffLimits.defaults())) {
      long header = source.bytesRead();
      int opening = source.reads();
      assertEquals(SCENE.crop(0, y, 1536, rows), reader.rows(y, rows));
      long read = source.bytesRead() - header;
      assertTrue(read <= needed * 1.05, read + " bytes for " + needed);
      assertTrue(
          source.reads() - opening <= pieces, source.reads() - opening + " reads, not " + pieces);
    }
  }

  @Test
  void aRowOfCompressedTilesIsReadAndNothingBehindIt() throws IOException {
    byte[] file = written(new TiffWriter.Layout.Tiles(256), TiffWriter.Compression.DEFLATE);
    long needed = stored(file, 325, 12, 6);
    assertTrue(needed < 1 << 20, needed + " bytes would fill a window anyway");
    readsAtMost(file, 512, 256, needed, 1);
  }

  @Test
  void rowsOfSmallCompressedStripsAreReadInOnePiece() throws IOException {
    byte[] file = written(new TiffWriter.Layout.Strips(8), TiffWriter.Compression.LZW);
    readsAtMost(file, 160, 64, stored(file, 279, 20, 8), 1);
  }

  @Test
  void partOfStoredTilesIsReadWithoutTheRest() throws IOException {
    byte[] file = written(new TiffWriter.Layout.Tiles(512), TiffWriter.Compression.NONE);
    // the upper 100 of 512 rows of three tiles, which do not touch in the file
    readsAtMost(file, 512, 100, 3L * 100 * 512 * 3, 3);
  }

  @Test
  void partOfAStoredStripIsReadWithoutTheRest() throws IOException {
    byte[] file = written(new TiffWriter.Layout.Strips(1536), TiffWriter.Compression.NONE);
    readsAtMost(file, 700, 50, 50L * 1536 * 3, 1);
  }

  @Test
  void allTilesReadRowByRowAreReadOnce() throws IOException {
    byte[] file = written(new TiffWriter.Layout.Tiles(256), TiffWriter.Compression.DEFLATE);
    CountingByteSource source = new CountingByteSource("scene", file);
    try (TiffReader reader = TiffReader.open(source, TiffLimits.defaults())) {
      long header = source.bytesRead();
      for (int y = 0; y < 1536; y += 256) {
        reader.rows(y, 256);
      }
      long needed = stored(file, 325, 0, 36);
      long read = source.bytesRead() - header;
      assertTrue(read <= needed * 1.05, read + " bytes for " + needed);
    }
  }
}
