package io.landloom.synthesis.diffusion.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Takes specks out of drawn masks of class positions. */
public final class MaskCleaning {
  private MaskCleaning() {}

  /**
   * Gives each pixel the most frequent class of its 3 x 3 neighbourhood; pixels outside do not
   * count. A pixel keeps its class where that is as frequent as any, else the lower position wins.
   *
   * @param mask row by row
   * @return a new mask
   */
  public static byte[] majority(byte[] mask, int width, int classes) {
    int height = mask.length / width;
    byte[] filtered = new byte[mask.length];
    int[] counts = new int[classes];
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        Arrays.fill(counts, 0);
        for (int y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) {
          for (int x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) {
            counts[mask[y * width + x] & 0xFF]++;
          }
        }
        int pixel = row * width + column;
        filtered[pixel] = (byte) most(counts, mask[pixel] & 0xFF);
      }
    }
    return filtered;
  }

  /** The position with the largest count; this one if no other has more. */
  private static int most(int[] counts, int preferred) {
    int most = preferred;
    for (int k = 0; k < counts.length; k++) {
      if (counts[k] > counts[most]) {
        most = k;
      }
    }
    return most;
  }

  /**
   * Gives regions that are too small the class they border most on, small ones first; regions touch
   * along edges. A region stays if its class would fall below the pixels asked of it.
   *
   * @param mask row by row
   * @param leastAreas pixels a region of each class must have to stay
   * @param leastCounts pixels each class keeps in all
   * @return a new mask
   */
  public static byte[] withoutSpecks(byte[] mask, int width, int[] leastAreas, int[] leastCounts) {
    byte[] cleaned = mask.clone();
    int[] counts = new int[leastAreas.length];
    for (byte position : mask) {
      counts[position & 0xFF]++;
    }
    List<Regions.Region> specks = new ArrayList<>();
    for (Regions.Region region : Regions.of(mask, width)) {
      if (region.area() < leastAreas[region.position()]) {
        specks.add(region);
      }
    }
    specks.sort(Comparator.comparingInt(Regions.Region::area));
    for (Regions.Region speck : specks) {
      int area = speck.area();
      int to = bordering(cleaned, width, speck, counts.length);
      if (to != speck.position()
          && counts[speck.position()] - area >= leastCounts[speck.position()]) {
        counts[speck.position()] -= area;
        counts[to] += area;
        for (int pixel : speck.pixels()) {
          cleaned[pixel] = (byte) to;
        }
      }
    }
    return cleaned;
  }

  /** The class with most pixels along a region's edge; the region's own if it is the whole mask. */
  private static int bordering(byte[] mask, int width, Regions.Region region, int classes) {
    int[] edges = new int[classes];
    for (int pixel : region.pixels()) {
      for (int neighbour : Regions.neighbours(pixel, width, mask.length)) {
        if (mask[neighbour] != (byte) region.position()) {
          edges[mask[neighbour] & 0xFF]++;
        }
      }
    }
    return most(edges, region.position());
  }
}
