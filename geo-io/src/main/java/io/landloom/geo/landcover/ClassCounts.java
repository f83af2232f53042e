package io.landloom.geo.landcover;

import java.io.Serializable;
import java.util.Arrays;

/** Pixels of each class of a scheme, by position in the scheme, unknown included. */
public final class ClassCounts implements Serializable {
  private static final long serialVersionUID = 1L;

  private final LandCoverScheme scheme;
  private final long[] pixels;

  /**
   * Counts by position.
   *
   * @throws IllegalArgumentException if there is not one count a class, or one is negative
   */
  public ClassCounts(LandCoverScheme scheme, long[] pixels) {
    if (pixels.length != scheme.size()) {
      throw new IllegalArgumentException(
          pixels.length + " counts for the " + scheme.size() + " classes of " + scheme.name());
    }
    for (long count : pixels) {
      if (count < 0) {
        throw new IllegalArgumentException("negative pixel count " + count);
      }
    }
    this.scheme = scheme;
    this.pixels = pixels.clone();
  }

  /** The scheme that orders the counts. */
  public LandCoverScheme scheme() {
    return scheme;
  }

  /** Pixels by position in the scheme; a copy. */
  public long[] pixels() {
    return pixels.clone();
  }

  /** Pixels of the class at a position. */
  public long at(int position) {
    return pixels[position];
  }

  /** All pixels, unknown included. */
  public long total() {
    long sum = 0;
    for (long count : pixels) {
      sum += count;
    }
    return sum;
  }

  /** Pixels without a label. */
  public long unknown() {
    return pixels[scheme.position(scheme.unknownIndex())];
  }

  /** Pixels with a label. */
  public long valid() {
    return total() - unknown();
  }

  /** Share of all pixels that has no label, 0 to 1; 0 where there are no pixels. */
  public double unknownFraction() {
    long total = total();
    return total == 0 ? 0 : (double) unknown() / total;
  }

  /** Adds two counts of one scheme. */
  public ClassCounts plus(ClassCounts other) {
    if (!scheme.equals(other.scheme)) {
      throw new IllegalArgumentException("counts of " + scheme + " plus counts of " + other.scheme);
    }
    long[] sum = pixels.clone();
    for (int position = 0; position < sum.length; position++) {
      sum[position] = Math.addExact(sum[position], other.pixels[position]);
    }
    return new ClassCounts(scheme, sum);
  }

  /** Each class's share of the valid pixels. */
  public ClassProportions proportions() {
    return new ClassProportions(this);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClassCounts that
        && scheme.equals(that.scheme)
        && Arrays.equals(pixels, that.pixels);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(pixels);
  }

  @Override
  public String toString() {
    return "ClassCounts " + scheme.name() + " " + Arrays.toString(pixels);
  }
}
