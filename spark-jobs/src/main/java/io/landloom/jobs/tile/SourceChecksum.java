package io.landloom.jobs.tile;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileChecksum;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** Checksum of a source file: the file system's own where it keeps one, else CRC-32C. */
final class SourceChecksum {
  private static final int BUFFER = 1 << 18;

  private SourceChecksum() {}

  static String of(String uri, Configuration configuration) throws IOException {
    Path path = new Path(uri);
    FileSystem fileSystem = path.getFileSystem(configuration);
    FileChecksum kept = fileSystem.getFileChecksum(path);
    if (kept != null) {
      return kept.getAlgorithmName() + ":" + HexFormat.of().formatHex(kept.getBytes());
    }
    if (fileSystem instanceof LocalFileSystem local) {
      return ofLocal(local.pathToFile(path).toPath());
    }
    CRC32C crc = new CRC32C();
    byte[] buffer = new byte[BUFFER];
    long length = 0;
    try (InputStream in = fileSystem.open(path, BUFFER)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        crc.update(buffer, 0, n);
        length += n;
      }
    }
    return text(crc, length);
  }

  /** Through one small buffer outside of the heap: the bytes are looked at, not kept. */
  private static String ofLocal(java.nio.file.Path file) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    long length = 0;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (int n = channel.read(buffer); n >= 0; n = channel.read(buffer)) {
        crc.update(buffer.flip());
        buffer.clear();
        length += n;
      }
    }
    return text(crc, length);
  }

  private static String text(CRC32C crc, long length) {
    return String.format(Locale.ROOT, "crc32c:%08x:%d", crc.getValue(), length);
  }
}
