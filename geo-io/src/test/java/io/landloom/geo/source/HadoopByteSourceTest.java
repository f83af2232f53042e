package io.landloom.geo.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.geo.tiff.TiffBytes;
import io.landloom.geo.tiff.TiffLimits;
import io.landloom.geo.tiff.TiffReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;

class HadoopByteSourceTest extends ByteSourceTest {
  @Override
  ByteSource open(Path file) throws IOException {
    FileSystem local = FileSystem.getLocal(new Configuration());
    return HadoopByteSource.open(local, new org.apache.hadoop.fs.Path(file.toUri()));
  }

  @Test
  void namesTheFile() throws IOException {
    Path file = Files.write(folder.resolve("named"), new byte[2]);
    try (ByteSource source = open(file)) {
      assertEquals("file:" + file, source.name());
    }
    assertThrows(FileNotFoundException.class, () -> open(folder.resolve("missing")));
  }

  @Test
  void servesATiff() throws IOException {
    byte[] pixels = {1, 2, 3, 4};
    byte[] tiff = TiffBytes.gray(java.nio.ByteOrder.LITTLE_ENDIAN, 2, 2, pixels).build();
    Path file = Files.write(folder.resolve("scene.tif"), tiff);
    try (TiffReader reader = TiffReader.open(open(file), TiffLimits.defaults())) {
      assertArrayEquals(pixels, reader.rows(0, 2).samples());
    }
  }
}
