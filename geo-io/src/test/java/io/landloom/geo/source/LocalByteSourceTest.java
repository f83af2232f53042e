package io.landloom.geo.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LocalByteSourceTest extends ByteSourceTest {
  @Override
  ByteSource open(Path file) throws IOException {
    return LocalByteSource.open(file);
  }

  @Test
  void namesTheFile() throws IOException {
    Path file = Files.write(folder.resolve("named"), new byte[2]);
    try (ByteSource source = open(file)) {
      assertEquals(file.toString(), source.name());
      EOFException end = assertThrows(EOFException.class, () -> source.read(1, new byte[2], 0, 2));
      assertEquals(file + ": ends at 2, before byte 3", end.getMessage());
    }
    assertThrows(NoSuchFileException.class, () -> open(folder.resolve("missing")));
  }

  @Test
  void nothingIsReadOfAClosedFile() throws IOException {
    Path file = Files.write(folder.resolve("closed"), new byte[9]);
    ByteSource source = open(file);
    source.close();
    assertThrows(IOException.class, () -> source.read(0, new byte[1], 0, 1));
  }
}
