package io.landloom.jobs.tile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.scene.SceneId;
import io.landloom.geo.tiff.TiffLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeaderReadingTest {
  @TempDir Path folder;

  private static TileRule rule(int size) {
    return new TileRule(
        LandCoverScheme.named("gid15"),
        "auto",
        false,
        size,
        size,
        0.8,
        new SplitRule.ByScene(1, List.of(4.0, 1.0, 1.0)),
        PixelRule.plain());
  }

  /** A gray TIFF of sparse strips of 4 rows; both tables are the same zeros. */
  private static byte[] sparse(int width, int height) {
    int[][] entries = {
      {256, 4, 1, width},
      {257, 4, 1, height},
      {258, 3, 1, 8},
      {259, 3, 1, 1},
      {262, 3, 1, 1},
      {273, 1, height / 4, 122},
      {277, 3, 1, 1},
      {278, 4, 1, 4},
      {279, 1, height / 4, 122}
    };
    ByteBuffer file = ByteBuffer.allocate(122 + height / 4).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(8);
    file.putShort((short) entries.length);
    for (int[] entry : entries) {
      file.putShort((short) entry[0]).putShort((short) entry[1]).putInt(entry[2]).putInt(entry[3]);
    }
    return file.array();
  }

  private HeaderReading read(byte[] image, int size) throws IOException {
    Path file = Files.write(folder.resolve("wide.tif"), image);
    return HeaderReading.withoutChecksums(
        new SceneFile(new SceneId("wide"), file.toUri().toString(), null),
        rule(size),
        InputKeys.OF_JOBS,
        new Configuration(false));
  }

  @Test
  void aSceneTooWideForTheMemoryIsRefusedByItsHeader() throws IOException {
    byte[] file = sparse(1 << 22, 256);
    assertEquals(186, file.length);
    Refusal refusal = read(file, 256).refusal();
    assertEquals(Refusal.UNSUITABLE, refusal.reason());
    assertEquals(
        folder.resolve("wide.tif").toUri()
            + ": 256 rows of 4194304 pixels are 1073741824 bytes, more than the "
            + TiffLimits.defaults().requestBytes()
            + " that this memory allows at once; set a smaller patch.size, or give a larger heap",
        refusal.message());
    assertNull(read(file, 4).refusal());
  }

  @Test
  void aSceneOfSixtyThousandColumnsIsTaken() throws IOException {
    HeaderReading reading = read(sparse(60_000, 256), 256);
    assertNull(reading.refusal());
    assertEquals(60_000, reading.entry().width());
  }
}
