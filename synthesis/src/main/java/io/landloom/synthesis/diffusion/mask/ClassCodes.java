package io.landloom.synthesis.diffusion.mask;

/**
 * Class positions as bits of -1 and 1, one channel a bit, lowest first (the analog bits of Chen et
 * al., ICLR 2023): a blend of two codes decodes to one of the two, never to a third class.
 *
 * @param classes number of positions, from 2 to 256
 */
public record ClassCodes(int classes) {
  private static final double LARGEST_ERROR = 0.002;

  /** Squared distance of the nearest codes: one bit. */
  private static final double NEAREST = 4;

  /** Checks the range. */
  public ClassCodes {
    if (classes < 2 || classes > 256) {
      throw new IllegalArgumentException(classes + " classes are outside 2..256");
    }
  }

  /** Number of channels. */
  public int bits() {
    return Integer.SIZE - Integer.numberOfLeadingZeros(classes - 1);
  }

  /** A bit of a position's code, -1 or 1. */
  public float bit(int position, int bit) {
    return (position >> bit & 1) == 0 ? -1 : 1;
  }

  /**
   * Codes a mask.
   *
   * @param positions one a pixel, from 0 to {@code classes - 1}
   * @return channel by channel, of the pixels in their order
   * @throws IllegalArgumentException if a position is no class
   */
  public float[] encode(byte[] positions) {
    float[] planes = new float[bits() * positions.length];
    for (int pixel = 0; pixel < positions.length; pixel++) {
      int position = positions[pixel] & 0xFF;
      if (position >= classes) {
        throw new IllegalArgumentException(
            "pixel " + pixel + ": position " + position + " is outside 0.." + (classes - 1));
      }
      for (int bit = 0; bit < bits(); bit++) {
        planes[bit * positions.length + pixel] = bit(position, bit);
      }
    }
    return planes;
  }

  /**
   * The classes of decoded channels: the sign of each bit, or the nearest class where those bits
   * are none's.
   *
   * @param planes as {@link #encode} gives them, of any values
   * @return one position a pixel
   */
  public byte[] decode(float[] planes) {
    if (planes.length % bits() != 0) {
      throw new IllegalArgumentException(
          planes.length + " values do not divide into " + bits() + " channels");
    }
    byte[] positions = new byte[planes.length / bits()];
    for (int pixel = 0; pixel < positions.length; pixel++) {
      int position = 0;
      for (int bit = 0; bit < bits(); bit++) {
        position |= planes[bit * positions.length + pixel] > 0 ? 1 << bit : 0;
      }
      positions[pixel] =
          (byte) (position < classes ? position : nearest(planes, pixel, positions.length));
    }
    return positions;
  }

  private int nearest(float[] planes, int pixel, int pixels) {
    int nearest = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int position = 0; position < classes; position++) {
      double distance = 0;
      for (int bit = 0; bit < bits(); bit++) {
        double difference = planes[bit * pixels + pixel] - bit(position, bit);
        distance += difference * difference;
      }
      if (distance < least) {
        least = distance;
        nearest = position;
      }
    }
    return nearest;
  }

  /**
   * The temperature at which a clean pixel gives at most 0.2 % to other classes: squared distance
   * of the nearest codes over ln((K - 1) / 0.002). A larger one favours rare classes.
   */
  public double temperature() {
    return NEAREST / Math.log((classes - 1) / LARGEST_ERROR);
  }
}
