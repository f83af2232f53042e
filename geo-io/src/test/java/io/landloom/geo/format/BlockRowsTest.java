package io.landloom.geo.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.landloom.geo.JdkImages;
import io.landloom.geo.image.Raster;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.LocalByteSource;
import io.landloom.geo.source.MemoryByteSource;
import io.landloom.geo.tiff.TiffLimits;
import io.landloom.geo.tiff.TiffWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many rows have to be decoded for one. */
class BlockRowsTest {
  @TempDir Path folder;

  private int ofTiff(TiffWriter.Layout layout, TiffWriter.Compression compression)
      throws IOException {
    Path file = folder.resolve("scene.tif");
    TiffWriter.Options options =
        TiffWriter.Options.of(100, 90, 3).withLayout(layout).withCompression(compression);
    try (TiffWriter writer = TiffWriter.create(file, options)) {
      writer.writeRows(Raster.ofBytes(100, 90, 3, new byte[27_000]));
    }
    try (SceneReader reader =
        SceneReaders.open(LocalByteSource.open(file), TiffLimits.defaults())) {
      return reader.blockRows();
    }
  }

  @Test
  void compressedBlocksOfTiffsAreDecodedFromTheirTop() throws IOException {
    assertEquals(32, ofTiff(new TiffWriter.Layout.Tiles(32), TiffWriter.Compression.DEFLATE));
    assertEquals(7, ofTiff(new TiffWriter.Layout.Strips(7), TiffWriter.Compression.LZW));
    assertEquals(90, ofTiff(new TiffWriter.Layout.Strips(5000), TiffWriter.Compression.DEFLATE));
  }

  @Test
  void rowsOfStoredBlocksAreReadByThemselves() throws IOException {
    assertEquals(1, ofTiff(new TiffWriter.Layout.Tiles(32), TiffWriter.Compression.NONE));
    assertEquals(1, ofTiff(new TiffWriter.Layout.Strips(5000), TiffWriter.Compression.NONE));
  }

  @Test
  void pngsAndJpegsAreDecodedFromTheirTop() throws IOException {
    BufferedImage image = JdkImages.pattern(BufferedImage.TYPE_3BYTE_BGR, 65, 43, 4);
    for (String format : new String[] {"png", "jpeg"}) {
      byte[] file = JdkImages.write(image, format, param -> {});
      try (SceneReader reader =
          SceneReaders.open(new MemoryByteSource(format, file), TiffLimits.defaults())) {
        assertEquals(43, reader.blockRows());
      }
    }
  }
}
