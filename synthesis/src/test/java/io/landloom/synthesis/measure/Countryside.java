package io.landloom.synthesis.measure;

import io.landloom.geo.image.Raster;
import io.landloom.synthesis.SeededStream;
import java.util.List;

/**
 * Small pictures of water, fields, woods and towns: each of a scene with its own light, all with
 * other outlines.
 *
 * @param scenes number of scenes
 */
record Countryside(int scenes) {
  static final int SIZE = 64;

  private static final int WATER = 0;
  private static final int FIELD = 1;
  private static final int WOOD = 2;
  private static final int CLASSES = 4;
  private static final int SITES = 7;
  private static final double[][] COLOURS = {
    {40, 70, 95}, {150, 140, 90}, {50, 85, 45}, {120, 115, 115}
  };

  /** Which class is painted as which. */
  interface Painting {
    /** The class whose look the pixels of a class get. */
    int looksLike(int position);
  }

  static final Painting AS_IT_IS = position -> position;

  /** Fields look like woods, and woods like fields. */
  static final Painting SWAPPED =
      position -> position == FIELD ? WOOD : position == WOOD ? FIELD : position;

  /** Picture i, of scene i modulo the number of scenes. */
  Raster image(int i, Painting painting) {
    int scene = i % scenes;
    SeededStream own = SeededStream.of(List.of("countryside picture"), i);
    float[] light = SeededStream.of(List.of("countryside scene"), scene).normal(3 * CLASSES + 1);
    byte[] positions = outlines(own);
    float[] fine = own.normal(SIZE * SIZE);
    float[] coarse = smooth(own.normal(SIZE * SIZE), 6);
    byte[] samples = new byte[3 * SIZE * SIZE];
    for (int pixel = 0; pixel < positions.length; pixel++) {
      int look = painting.looksLike(positions[pixel]);
      double texture =
          texture(look, pixel % SIZE, pixel / SIZE, light[3 * CLASSES], fine[pixel], coarse[pixel]);
      for (int band = 0; band < 3; band++) {
        double value =
            COLOURS[look][band] + 18 * light[3 * look + band] + texture * (1 - 0.15 * band);
        samples[3 * pixel + band] = (byte) Math.round(Math.max(0, Math.min(255, value)));
      }
    }
    return Raster.ofBytes(SIZE, SIZE, 3, samples);
  }

  private static double texture(int look, int x, int y, double turn, double fine, double coarse) {
    return switch (look) {
      case WATER -> 2 * fine + 6 * coarse;
      case FIELD ->
          14 * Math.sin(0.9 * (x * Math.cos(turn) + y * Math.sin(turn))) + 3 * fine + 8 * coarse;
      case WOOD -> 10 * fine + 30 * coarse;
      default -> roofs(x, y) + 4 * fine;
    };
  }

  /** Houses of 6 x 5 pixels with a bright and a dark half, on a grid of streets. */
  private static double roofs(int x, int y) {
    int column = x % 9;
    int row = y % 8;
    if (column > 5 || row > 4) {
      return -15;
    }
    return row < 2 ? 75 : 25;
  }

  private static byte[] outlines(SeededStream stream) {
    int[] x = new int[SITES];
    int[] y = new int[SITES];
    byte[] position = new byte[SITES];
    for (int site = 0; site < SITES; site++) {
      x[site] = stream.nextInt(SIZE);
      y[site] = stream.nextInt(SIZE);
      int draw = stream.nextInt(100); // 15 % water, 45 % field, 20 % wood, 20 % town
      position[site] = (byte) (draw < 15 ? 0 : draw < 60 ? 1 : draw < 80 ? 2 : 3);
    }
    byte[] positions = new byte[SIZE * SIZE];
    for (int pixel = 0; pixel < positions.length; pixel++) {
      int nearest = 0;
      for (int site = 1; site < SITES; site++) {
        if (distance(pixel, x[site], y[site]) < distance(pixel, x[nearest], y[nearest])) {
          nearest = site;
        }
      }
      positions[pixel] = position[nearest];
    }
    return positions;
  }

  private static int distance(int pixel, int x, int y) {
    int dx = pixel % SIZE - x;
    int dy = pixel / SIZE - y;
    return dx * dx + dy * dy;
  }

  /** Mean of neighbours 1 2 1 in both directions, some times over, brought back to spread 1. */
  private static float[] smooth(float[] plane, int times) {
    float[] smooth = plane;
    for (int i = 0; i < times; i++) {
      smooth = Distortions.blurred(Distortions.blurred(smooth, SIZE, 1), SIZE, SIZE);
    }
    double squares = 0;
    for (float value : smooth) {
      squares += value * value;
    }
    float scale = (float) Math.sqrt(smooth.length / squares);
    for (int i = 0; i < smooth.length; i++) {
      smooth[i] *= scale;
    }
    return smooth;
  }
}
