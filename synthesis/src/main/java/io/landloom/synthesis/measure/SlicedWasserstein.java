package io.landloom.synthesis.measure;

import io.landloom.geo.image.Raster;
import io.landloom.synthesis.SeededStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The sliced Wasserstein distance of small pieces of images, at every level of their Laplacian
 * pyramids (Karras et al., ICLR 2018, section 5), times 1000; no network is needed.
 *
 * <p>From each image and level come 128 random pieces of 7 x 7 pixels; each band of a set's pieces
 * is standardised; the distance is the mean over 512 random directions of the mean distance of the
 * sorted projections.
 *
 * @param levels distance a level, finest first
 */
public record SlicedWasserstein(List<Double> levels) {
  private static final int PIECES = 128;
  private static final int SIDE = 7;
  private static final int LEAST_SIDE = 16;
  private static final int DIRECTIONS = 4 * 128;
  private static final double SCALE = 1000;
  // directions and points that fit into a core's cache together
  private static final int TOGETHER = 16;
  private static final int CACHED = 1024;

  /** Copies the list. */
  public SlicedWasserstein {
    levels = List.copyOf(levels);
  }

  /**
   * Compares two sets of equal number and size of images.
   *
   * @throws IllegalArgumentException if they differ, or an image is smaller than a piece
   */
  public static SlicedWasserstein between(Images a, Images b, long seed) {
    if (a.size() != b.size() || a.size() < 1) {
      throw new IllegalArgumentException(
          a.size() + " and " + b.size() + " images: expected equal numbers");
    }
    int width = a.image(0).width();
    int height = a.image(0).height();
    if (Math.min(width, height) < SIDE) {
      throw new IllegalArgumentException(
          "images of " + width + " x " + height + " are smaller than " + SIDE + " pixels");
    }
    List<Double> distances = new ArrayList<>();
    for (int level = 0; level < levels(a.image(0)); level++) {
      // a level at a time: the pieces of all would not fit into memory
      float[][] piecesA = pieces(a, level, seed, "first");
      float[][] piecesB = pieces(b, level, seed, "second");
      distances.add(SCALE * between(piecesA, piecesB, directions(piecesA.length, level, seed)));
    }
    return new SlicedWasserstein(distances);
  }

  /** Number of levels of images of a size. */
  public static int levels(Raster image) {
    return Pyramid.levels(image.width(), image.height(), LEAST_SIDE);
  }

  /** Mean over the levels. */
  public double mean() {
    return levels.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  /** Standardised pieces of one level, transposed: (bands * 49, N * 128). */
  private static float[][] pieces(Images images, int level, long seed, String set) {
    int bands = images.image(0).bands();
    float[][] pieces = new float[bands * SIDE * SIDE][images.size() * PIECES];
    for (int i = 0; i < images.size(); i++) {
      Raster image = images.image(i);
      // coarser levels are not made, unless the wanted one is the rest itself
      Pyramid.Level cut = Pyramid.of(image, Math.min(levels(image), level + 2)).get(level);
      SeededStream places = SeededStream.of(List.of("pieces of images", set), seed, level, i);
      for (int piece = 0; piece < PIECES; piece++) {
        int x = places.nextInt(cut.width() - SIDE + 1);
        int y = places.nextInt(cut.height() - SIDE + 1);
        copy(cut, x, y, pieces, i * PIECES + piece);
      }
    }
    for (int band = 0; band < bands; band++) {
      standardize(Arrays.copyOfRange(pieces, band * SIDE * SIDE, (band + 1) * SIDE * SIDE));
    }
    return pieces;
  }

  private static void copy(Pyramid.Level level, int x, int y, float[][] pieces, int column) {
    int row = 0;
    for (float[] plane : level.planes()) {
      for (int dy = 0; dy < SIDE; dy++) {
        for (int dx = 0; dx < SIDE; dx++) {
          pieces[row++][column] = plane[(y + dy) * level.width() + x + dx];
        }
      }
    }
  }

  /** Brings the numbers of a band, over all its pieces, to mean 0 and standard deviation 1. */
  private static void standardize(float[][] band) {
    double sum = 0;
    double squares = 0;
    for (float[] row : band) {
      for (float value : row) {
        sum += value;
        squares += (double) value * value;
      }
    }
    double count = (double) band.length * band[0].length;
    double mean = sum / count;
    double deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
    for (float[] row : band) {
      for (int i = 0; i < row.length; i++) {
        row[i] = deviation == 0 ? 0 : (float) ((row[i] - mean) / deviation);
      }
    }
  }

  private static float[][] directions(int dimensions, int level, long seed) {
    SeededStream stream = SeededStream.of(List.of("directions of slices"), seed, level);
    float[][] directions = new float[DIRECTIONS][];
    for (int i = 0; i < DIRECTIONS; i++) {
      directions[i] = stream.normal(dimensions);
      double norm = 0;
      for (float value : directions[i]) {
        norm += (double) value * value;
      }
      for (int k = 0; k < dimensions; k++) {
        directions[i][k] /= (float) Math.sqrt(norm);
      }
    }
    return directions;
  }

  /**
   * Mean over directions of the Wasserstein-1 distance of the projections.
   *
   * @param a (D, N)
   * @param b (D, N)
   * @param directions (M, D)
   */
  static double between(float[][] a, float[][] b, float[][] directions) {
    double sum = 0;
    for (int first = 0; first < directions.length; first += TOGETHER) {
      float[][] some =
          Arrays.copyOfRange(directions, first, Math.min(directions.length, first + TOGETHER));
      float[][] projectedA = sortedProjections(a, some);
      float[][] projectedB = sortedProjections(b, some);
      for (int i = 0; i < some.length; i++) {
        for (int k = 0; k < projectedA[i].length; k++) {
          sum += Math.abs(projectedA[i][k] - projectedB[i][k]);
        }
      }
    }
    return sum / directions.length / a[0].length;
  }

  /** Projections of all points on some directions, which share each read of the points. */
  private static float[][] sortedProjections(float[][] points, float[][] directions) {
    float[][] projections = new float[directions.length][points[0].length];
    for (int from = 0; from < points[0].length; from += CACHED) {
      int to = Math.min(points[0].length, from + CACHED);
      for (int k = 0; k < points.length; k++) {
        for (int i = 0; i < directions.length; i++) {
          addScaled(projections[i], points[k], directions[i][k], from, to);
        }
      }
    }
    for (float[] projection : projections) {
      Arrays.sort(projection);
    }
    return projections;
  }

  private static void addScaled(float[] sum, float[] row, float weight, int from, int to) {
    for (int i = from; i < to; i++) {
      sum[i] += weight * row[i];
    }
  }
}
