package io.landloom.jobs.tile;

import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileChecksum;
import org.apache.hadoop.fs.FileSystem;
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
    CRC32C crc = new CRC32C();
    byte[] buffer = new byte[BUFFER];
    long length = 0;
    try (InputStream in = fileSystem.open(path, BUFFER)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        crc.update(buffer, 0, n);
        length += n;
      }
    }
    return String.format(Locale.ROOT, "crc32c:%08x:%d", crc.getValue(), length);
  }
}
