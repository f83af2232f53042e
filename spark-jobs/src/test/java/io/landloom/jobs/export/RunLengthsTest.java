package io.landloom.jobs.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.landloom.geo.landcover.ClassMask;
import java.util.Random;
import org.junit.jupiter.api.Test;

public class RunLengthsTest {
  /** By hand: down the columns 0 0 1, 1 1 0 are runs of 2, 3 and 1. */
  @Test
  void runsGoDownTheColumns() {
    ClassMask mask = new ClassMask(2, 3, new byte[] {0, 1, 0, 1, 1, 0});
    RunLengths runs = RunLengths.of(mask, 1);
    assertEquals("231", runs.counts());
    assertEquals(3, runs.area());
    assertEquals("0 0 2 3", runs.x() + " " + runs.y() + " " + runs.width() + " " + runs.height());
  }

  /** pycocotools 2.0.11: mask.encode(numpy.asfortranarray(numpy.eye(40, 9, dtype="uint8"))). */
  @Test
  void isWhatCocosApiWrites() {
    byte[] eye = new byte[40 * 9];
    for (int i = 0; i < 9; i++) {
      eye[i * 9 + i] = 1;
    }
    assertEquals("01X1000000000000000G", RunLengths.of(new ClassMask(9, 40, eye), 1).counts());
  }

  @Test
  void everyPixelComesBack() {
    long seed = Long.getLong("landloom.seed", System.nanoTime());
    System.out.println("replay with -Dlandloom.seed=" + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      int width = 1 + random.nextInt(80);
      int height = 1 + random.nextInt(80);
      byte[] indices = new byte[width * height];
      byte index = 0;
      int runs = 1 + random.nextInt(60);
      for (int pixel = 0; pixel < indices.length; pixel++) {
        if (random.nextInt(runs) == 0) {
          index = (byte) random.nextInt(3);
        }
        indices[pixel] = index;
      }
      byte wanted = indices[random.nextInt(indices.length)];
      byte[] expected = new byte[indices.length];
      for (int pixel = 0; pixel < indices.length; pixel++) {
        expected[pixel] = (byte) (indices[pixel] == wanted ? 1 : 0);
      }
      RunLengths encoded = RunLengths.of(new ClassMask(width, height, indices), wanted);
      assertArrayEquals(expected, decode(encoded.counts(), width, height));
    }
  }

  /** Pixels row by row of COCO's compressed counts, read as its documentation says. */
  public static byte[] decode(String counts, int width, int height) {
    byte[] pixels = new byte[width * height];
    int[] all = new int[pixels.length + 2];
    int count = 0;
    int at = 0;
    for (int i = 0; i < counts.length(); ) {
      long value = 0;
      int shift = 0;
      int letter;
      do {
        letter = counts.charAt(i++) - 48;
        value |= (long) (letter & 0x1F) << shift;
        shift += 5;
      } while ((letter & 0x20) != 0);
      if ((letter & 0x10) != 0) {
        value |= -1L << shift;
      }
      all[count] = (int) (value + (count > 2 ? all[count - 2] : 0));
      for (int k = 0; k < all[count]; k++, at++) {
        pixels[at % height * width + at / height] = (byte) (count % 2);
      }
      count++;
    }
    assertEquals(pixels.length, at);
    return pixels;
  }
}
