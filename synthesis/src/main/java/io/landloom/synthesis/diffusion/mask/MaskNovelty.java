package io.landloom.synthesis.diffusion.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How unlike drawn masks are to each of those that a model learned from: 1 less the largest mean
 * intersection over union with one of them, turned and mirrored in all eight ways. 0 is a copy.
 *
 * <p>Large masks are looked at on a grid of at most {@link #GRID} pixels an edge.
 */
public final class MaskNovelty {
  private static final int GRID = 32;
  private static final int SYMMETRIES = 8;

  private MaskNovelty() {}

  /**
   * The novelty of each drawn mask, 0 to 1.
   *
   * @param drawn square masks of class positions, row by row
   * @param known masks of the same size that the model learned from
   * @param width pixels a row
   * @param classes number of positions; pixels of larger ones are of no class
   * @throws IllegalArgumentException if there is no known mask
   */
  public static List<Double> of(List<byte[]> drawn, List<byte[]> known, int width, int classes) {
    if (known.isEmpty()) {
      throw new IllegalArgumentException("there is no known mask to compare with");
    }
    int[] plain = pixels(width, 0);
    List<byte[]> looked = new ArrayList<>();
    for (byte[] mask : known) {
      for (int symmetry = 0; symmetry < SYMMETRIES; symmetry++) {
        looked.add(at(mask, pixels(width, symmetry)));
      }
    }
    List<Double> novelty = new ArrayList<>();
    for (byte[] mask : drawn) {
      byte[] its = at(mask, plain);
      double most = 0;
      for (byte[] other : looked) {
        most = Math.max(most, meanIntersection(its, other, classes));
      }
      novelty.add(1 - most);
    }
    return novelty;
  }

  private static byte[] at(byte[] mask, int[] pixels) {
    byte[] values = new byte[pixels.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = mask[pixels[i]];
    }
    return values;
  }

  /** Where the pixels of the grid are in a mask that one of the square's symmetries is done to. */
  private static int[] pixels(int width, int symmetry) {
    int step = (width + GRID - 1) / GRID;
    int side = (width + step - 1) / step;
    int[] pixels = new int[side * side];
    for (int i = 0; i < pixels.length; i++) {
      int y = i / side * step;
      int x = i % side * step;
      int row = (symmetry & 1) == 0 ? y : width - 1 - y;
      int column = (symmetry & 2) == 0 ? x : width - 1 - x;
      pixels[i] = (symmetry & 4) == 0 ? row * width + column : column * width + row;
    }
    return pixels;
  }

  /** Mean intersection over union of the classes that either mask shows. */
  private static double meanIntersection(byte[] one, byte[] other, int classes) {
    int[] both = new int[classes];
    int[] either = new int[classes];
    for (int i = 0; i < one.length; i++) {
      int a = one[i] & 0xFF;
      int b = other[i] & 0xFF;
      if (a < classes) {
        either[a]++;
        both[a] += a == b ? 1 : 0;
      }
      if (b < classes && a != b) {
        either[b]++;
      }
    }
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      sum += either[k] == 0 ? 0 : (double) both[k] / either[k];
    }
    return sum / Math.max(1, Arrays.stream(either).filter(count -> count > 0).count());
  }
}
