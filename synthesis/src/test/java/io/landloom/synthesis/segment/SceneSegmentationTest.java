package io.landloom.synthesis.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.image.Raster;
import io.landloom.synthesis.SeededStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SceneSegmentationTest {
  private static final int SIZE = 16;

  /** Scores that depend on the whole window, as those of a network do. */
  private record Hashed(int classes) implements WindowScores {
    @Override
    public float[] of(Raster window) {
      assertEquals(SIZE, window.width());
      assertEquals(SIZE, window.height());
      long hash = Arrays.hashCode(window.samples());
      return SeededStream.of(List.of("scores"), hash).normal(classes * SIZE * SIZE);
    }
  }

  /** Sure of a class that each window has of its own: 0 where its first sample is even. */
  private record Sure() implements WindowScores {
    @Override
    public int classes() {
      return 2;
    }

    @Override
    public float[] of(Raster window) {
      float[] scores = new float[2 * SIZE * SIZE];
      int sure = window.samples()[0] & 1;
      Arrays.fill(scores, sure * SIZE * SIZE, (sure + 1) * SIZE * SIZE, 1);
      return scores;
    }
  }

  private static Raster scene(int width, int height) {
    byte[] samples = new byte[width * height * 3];
    SeededStream stream = SeededStream.of(List.of("scene"), width, height);
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (byte) stream.nextInt(256);
    }
    return Raster.ofBytes(width, height, 3, samples);
  }

  @Test
  void neighboursCountOneTogetherAndSmoothly() {
    Windows blend = new Windows(SIZE, 6);
    assertEquals(10, blend.stride());
    for (int pixel = blend.stride(); pixel < SIZE; pixel++) {
      double both = blend.weight(pixel) + blend.weight(pixel - blend.stride());
      assertEquals(1, both, 1e-12, "pixel " + pixel);
    }
    // half a cosine at the middles of six pixels: sin^2 of 7.5, 22.5, 37.5, ... degrees
    assertEquals(0.01704, blend.weight(0), 1e-5);
    assertEquals(0.14645, blend.weight(1), 1e-5);
    assertEquals(0.37059, blend.weight(2), 1e-5);
    assertEquals(0.98296, blend.weight(5), 1e-5);
    assertEquals(1, blend.weight(6));
    assertEquals(1, blend.weight(9));
    assertEquals(0.98296, blend.weight(10), 1e-5);
    assertEquals(0.01704, blend.weight(15), 1e-5);
    assertEquals(1, new Windows(SIZE, 0).weight(0));
  }

  @Test
  void theMiddleOfTheOverlapParts() throws IOException {
    // two windows, at 0 and 10; the first is sure of class 0, the second of class 1
    byte[] samples = new byte[26 * SIZE * 3];
    samples[10 * 3] = 1;
    Raster scene = Raster.ofBytes(26, SIZE, 3, samples);
    SceneSegmentation blend = new SceneSegmentation(new Sure(), new Windows(SIZE, 6));
    byte[] positions =
        blend.of(new SceneSegmentation.Part(26, SIZE, 0, SIZE), (top, rows) -> scene).positions();
    byte[] expected = new byte[26];
    Arrays.fill(expected, 13, 26, (byte) 1);
    assertArrayEquals(expected, Arrays.copyOfRange(positions, 0, 26));
  }

  @ParameterizedTest
  @CsvSource({"50, 61, 6", "16, 40, 8", "33, 16, 0", "47, 47, 1", "9, 70, 4", "40, 7, 4"})
  void rowsThatAreSegmentedApartAreThoseOfTheWhole(int width, int height, int overlap)
      throws IOException {
    Raster scene = scene(width, height);
    SceneSegmentation blend = new SceneSegmentation(new Hashed(5), new Windows(SIZE, overlap));
    SceneSegmentation.Rows<RuntimeException> rows =
        (top, count) -> {
          assertTrue(top >= 0 && top + count <= height, top + " + " + count);
          return scene.crop(0, top, width, count);
        };
    SceneSegmentation.Found found =
        blend.of(new SceneSegmentation.Part(width, height, 0, height), rows);
    byte[] whole = found.positions();
    assertEquals(width * height, whole.length);
    for (int step : new int[] {1, 7, SIZE - overlap, height}) {
      byte[] apart = new byte[whole.length];
      byte[] uncertainty = new byte[whole.length];
      for (int top = 0; top < height; top += step) {
        int count = Math.min(step, height - top);
        SceneSegmentation.Found strip =
            blend.of(new SceneSegmentation.Part(width, height, top, count), rows);
        System.arraycopy(strip.positions(), 0, apart, top * width, count * width);
        System.arraycopy(strip.uncertainty(), 0, uncertainty, top * width, count * width);
      }
      assertArrayEquals(whole, apart, "strips of " + step);
      assertArrayEquals(found.uncertainty(), uncertainty, "strips of " + step);
    }
  }

  /** Scores of three classes: as likely as 1 to 1 to 2 in all of a window. */
  private record Undecided() implements WindowScores {
    @Override
    public int classes() {
      return 3;
    }

    @Override
    public float[] of(Raster window) {
      float[] scores = new float[3 * SIZE * SIZE];
      Arrays.fill(scores, 2 * SIZE * SIZE, 3 * SIZE * SIZE, (float) Math.log(2));
      return scores;
    }
  }

  @Test
  void uncertaintyIsTheEntropyWhateverWindowsOverlap() throws IOException {
    // shares 1/4, 1/4, 1/2: 1.5 bits of the log2(3) = 1.58496 that there could be; 0.94640 x 255 =
    // 241.3
    SceneSegmentation blend = new SceneSegmentation(new Undecided(), new Windows(SIZE, 6));
    byte[] uncertainty =
        blend
            .of(new SceneSegmentation.Part(40, 37, 0, 37), (top, rows) -> scene(40, rows))
            .uncertainty();
    for (byte its : uncertainty) {
      assertEquals(241, its & 0xFF);
    }
  }

  @Test
  void windowsCoverASceneAndTheLastEndsWithIt() {
    Windows blend = new Windows(SIZE, 6);
    assertEquals(1, blend.count(9));
    assertEquals(1, blend.count(16));
    assertEquals(2, blend.count(17));
    assertEquals(2, blend.count(26));
    assertEquals(3, blend.count(27));
    assertEquals(11, blend.start(2, 27));
    assertEquals(0, blend.start(0, 9));
  }

  @Test
  void anOverlapOfMoreThanHalfIsRefused() {
    assertEquals(
        "overlap 9 is outside 0..8, half of a window",
        assertThrows(IllegalArgumentException.class, () -> new Windows(SIZE, 9)).getMessage());
  }
}
