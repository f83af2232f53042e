package io.landloom.synthesis.segment;

import java.io.Serializable;

/**
 * Windows over a scene that overlap, and what each counts where it does.
 *
 * @param size pixels along an edge of a window
 * @param overlap pixels that neighbours share, at most half of a window
 */
public record Windows(int size, int overlap) implements Serializable {
  /** Checks the range. */
  public Windows {
    if (size < 1 || overlap < 0 || overlap > size / 2) {
      throw new IllegalArgumentException(
          "overlap " + overlap + " is outside 0.." + size / 2 + ", half of a window");
    }
  }

  /** Pixels from one window to the next. */
  public int stride() {
    return size - overlap;
  }

  /** Windows along an axis of so many pixels. */
  public int count(int pixels) {
    int beyond = Math.max(0, pixels - size);
    return 1 + (beyond + stride() - 1) / stride();
  }

  /** The first pixel of a window along an axis; the last window ends with the scene. */
  public int start(int number, int pixels) {
    return Math.max(0, Math.min(number * stride(), pixels - size));
  }

  /**
   * What a window's scores count at a distance from its first pixel along an axis: 1 inside, and
   * over the overlap half a cosine, so that two neighbours together count 1. Where windows lie
   * closer, at a scene's end, they count more than 1 together; the largest score stays the largest.
   */
  double weight(int pixel) {
    int distance = Math.min(pixel, size - 1 - pixel);
    return distance >= overlap ? 1 : 0.5 - 0.5 * Math.cos(Math.PI * (distance + 0.5) / overlap);
  }
}
