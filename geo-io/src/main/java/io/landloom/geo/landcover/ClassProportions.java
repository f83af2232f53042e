package io.landloom.geo.landcover;

import java.util.OptionalDouble;

/**
 * Each class's share of the valid pixels; unknown has none, and without valid pixels nobody has.
 */
public final class ClassProportions {
  private final ClassCounts counts;

  ClassProportions(ClassCounts counts) {
    this.counts = counts;
  }

  /** Share of the class at a position, 0 to 1; empty for unknown and where no pixel is valid. */
  public OptionalDouble at(int position) {
    LandCoverScheme scheme = counts.scheme();
    long valid = counts.valid();
    if (valid == 0 || position == scheme.position(scheme.unknownIndex())) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of((double) counts.at(position) / valid);
  }
}
