package io.landloom.jobs.tile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceChecksumTest {
  @TempDir private Path folder;

  private String of(byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("file"), content);
    return SourceChecksum.of(file.toUri().toString(), new Configuration());
  }

  /** The check value of the polynomial, and RFC 3720's for 32 bytes of 0. */
  @Test
  void localFilesHaveTheirCrc32cAndLength() throws IOException {
    assertEquals(
        "crc32c:e3069283:9", of("123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    assertEquals("crc32c:8a9136aa:32", of(new byte[32]));
    assertEquals("crc32c:00000000:0", of(new byte[0]));
  }

  @Test
  void allOfALargeFileCounts() throws IOException {
    byte[] content = new byte[700_001];
    new Random(3).nextBytes(content);
    CRC32C crc = new CRC32C();
    crc.update(content);
    assertEquals(String.format("crc32c:%08x:700001", crc.getValue()), of(content));
  }
}
