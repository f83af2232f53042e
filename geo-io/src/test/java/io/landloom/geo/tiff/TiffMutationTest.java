package io.landloom.geo.tiff;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.landloom.geo.JdkImages;
import io.landloom.geo.format.SceneReaders;
import io.landloom.geo.image.Raster;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.CountingByteSource;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Files with random damage either read or are refused with an {@code IOException}. Replay a seed
 * with {@code -Dlandloom.seed=N}.
 */
class TiffMutationTest {
  private static final int MUTATIONS = 600;
  private static final int MUTATIONS_OF_FIXTURES = 60;
  private static final TiffLimits LIMITS =
      new TiffLimits(1 << 20, 32, 4096, 1 << 20, 1 << 22, 1 << 26, 1 << 26, 1100, 1500);

  private static List<byte[]> seeds() throws IOException {
    List<byte[]> files = new ArrayList<>();
    BufferedImage color = JdkImages.pattern(BufferedImage.TYPE_3BYTE_BGR, 40, 24, 1);
    BufferedImage wide = JdkImages.pattern(BufferedImage.TYPE_USHORT_GRAY, 40, 24, 2);
    for (String compression : new String[] {null, "LZW", "ZLib", "PackBits"}) {
      files.add(TiffReaderTest.jdkTiff(color, compression, 0));
      files.add(TiffReaderTest.jdkTiff(wide, compression, 16));
    }
    files.add(JdkImages.write(color, "png", param -> {}));
    files.add(JdkImages.write(color, "jpeg", param -> {}));
    return files;
  }

  /** What GDAL wrote: every type, compression and layout, masks and sparse blocks. */
  private static List<byte[]> fixtures() throws IOException {
    List<byte[]> files = new ArrayList<>();
    for (GdalFixture fixture : GdalFixture.all()) {
      files.add(fixture.bytes());
    }
    return files;
  }

  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS)
  void damageIsRefusedOrHarmless() throws IOException {
    damageIsRefusedOrHarmless(seeds(), MUTATIONS);
  }

  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS)
  void damageOfWhatGdalWroteIsRefusedOrHarmless() throws IOException {
    damageIsRefusedOrHarmless(fixtures(), MUTATIONS_OF_FIXTURES);
  }

  private static void damageIsRefusedOrHarmless(List<byte[]> files, int mutations)
      throws IOException {
    long seed = Long.getLong("landloom.seed", 20261120L);
    System.out.println("TiffMutationTest seed " + seed);
    Random random = new Random(seed);
    int refused = 0;
    int read = 0;
    for (byte[] file : files) {
      for (int i = 0; i < mutations; i++) {
        byte[] mutant = mutate(file, random);
        try {
          readSome(mutant);
          read++;
        } catch (IOException expected) {
          assertTrue(expected.getMessage().startsWith("mutant: "), expected.getMessage());
          refused++;
        } catch (RuntimeException | Error e) {
          fail("seed " + seed + ": " + HexFormat.of().formatHex(mutant), e);
        }
      }
    }
    assertTrue(refused > mutations && read > mutations, refused + " refused, " + read + " read");
  }

  private static byte[] mutate(byte[] file, Random random) {
    byte[] mutant = file.clone();
    int near = random.nextBoolean() ? file.length : Math.min(file.length, 300);
    boolean tail = random.nextBoolean();
    for (int change = random.nextInt(4); change >= 0; change--) {
      int at = random.nextInt(near);
      int place = tail ? file.length - 1 - at : at;
      mutant[place] =
          switch (random.nextInt(4)) {
            case 0 -> (byte) random.nextInt();
            case 1 -> (byte) (mutant[place] ^ 1 << random.nextInt(8));
            case 2 -> (byte) 0xFF;
            default -> 0;
          };
    }
    return random.nextInt(8) == 0
        ? Arrays.copyOf(mutant, random.nextInt(mutant.length + 1))
        : mutant;
  }

  private static void readSome(byte[] file) throws IOException {
    CountingByteSource source = new CountingByteSource("mutant", file);
    try (SceneReader reader = SceneReaders.open(source, LIMITS)) {
      SceneHeader header = reader.header();
      // as many as a row of patches has
      readRows(reader, 0, Math.min(header.height(), 256));
      int step = Math.min(header.height(), 10);
      for (int y = 0; y + step <= Math.min(header.height(), 200); y += step) {
        readRows(reader, y, step);
      }
    }
  }

  private static void readRows(SceneReader reader, int y, int count) throws IOException {
    Raster rows = reader.rows(y, count);
    assertTrue(rows.width() == reader.header().width() && rows.height() == count);
    reader
        .validity(y, rows)
        .ifPresent(validity -> assertTrue(validity.count() < validity.width() * count));
  }
}
