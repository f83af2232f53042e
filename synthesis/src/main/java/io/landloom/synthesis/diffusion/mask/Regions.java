package io.landloom.synthesis.diffusion.mask;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Regions of a mask: pixels of one class that touch along edges. */
final class Regions {
  /**
   * One region.
   *
   * @param position of its class
   * @param pixels their places in the mask, row by row
   */
  record Region(int position, int[] pixels) {
    int area() {
      return pixels.length;
    }
  }

  private Regions() {}

  /** All regions of a mask, by their first pixel. */
  static List<Region> of(byte[] mask, int width) {
    List<Region> regions = new ArrayList<>();
    boolean[] seen = new boolean[mask.length];
    for (int start = 0; start < mask.length; start++) {
      if (seen[start]) {
        continue;
      }
      List<Integer> pixels = new ArrayList<>();
      Deque<Integer> open = new ArrayDeque<>(List.of(start));
      seen[start] = true;
      while (!open.isEmpty()) {
        int pixel = open.pop();
        pixels.add(pixel);
        for (int neighbour : neighbours(pixel, width, mask.length)) {
          if (!seen[neighbour] && mask[neighbour] == mask[start]) {
            seen[neighbour] = true;
            open.push(neighbour);
          }
        }
      }
      int[] all = pixels.stream().mapToInt(Integer::intValue).toArray();
      regions.add(new Region(mask[start] & 0xFF, all));
    }
    return regions;
  }

  /** The pixels beside, above and below a pixel of a mask. */
  static List<Integer> neighbours(int pixel, int width, int pixels) {
    List<Integer> neighbours = new ArrayList<>(4);
    if (pixel % width > 0) {
      neighbours.add(pixel - 1);
    }
    if (pixel % width < width - 1) {
      neighbours.add(pixel + 1);
    }
    if (pixel >= width) {
      neighbours.add(pixel - width);
    }
    if (pixel + width < pixels) {
      neighbours.add(pixel + width);
    }
    return neighbours;
  }
}
