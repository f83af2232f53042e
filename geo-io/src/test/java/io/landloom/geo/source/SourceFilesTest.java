package io.landloom.geo.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceFilesTest {
  private static final long SEED = 20261120;

  @TempDir private Path folder;

  private final byte[] content = new byte[300_001];
  private FileSystem fileSystem;

  @BeforeEach
  void fill() throws IOException {
    new Random(SEED).nextBytes(content);
    fileSystem = FileSystem.getLocal(new Configuration());
  }

  @Test
  void readsALocalFileWithoutHadoop() throws IOException {
    Path file = Files.write(folder.resolve("scene.tif"), content);
    try (ByteSource source = SourceFiles.open(fileSystem, path(file))) {
      assertInstanceOf(LocalByteSource.class, source);
      assertEquals(path(file).toString(), source.name());
      assertEquals(content.length, source.length());
      byte[] target = new byte[content.length + 10];
      source.read(3, target, 7, content.length - 3);
      assertArrayEquals(
          Arrays.copyOfRange(content, 3, content.length),
          Arrays.copyOfRange(target, 7, 7 + content.length - 3));
      EOFException end = assertThrows(EOFException.class, () -> source.read(300_000, target, 0, 2));
      assertTrue(end.getMessage().endsWith("ends at 300001, before byte 300002"), end::getMessage);
    }
  }

  @Test
  void comparesTheChecksumsThatHadoopKept() throws IOException {
    Path file = folder.resolve("scene.tif");
    try (FSDataOutputStream out = fileSystem.create(path(file))) {
      out.write(content);
    }
    content[100_000] ^= 1;
    Files.write(file, content);
    try (ByteSource source = SourceFiles.open(fileSystem, path(file))) {
      byte[] target = new byte[content.length];
      assertThrows(ChecksumException.class, () -> source.read(0, target, 0, content.length));
    }
  }

  private static org.apache.hadoop.fs.Path path(Path file) {
    return new org.apache.hadoop.fs.Path(file.toUri());
  }
}
