package io.landloom.synthesis.training;

import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import java.util.Arrays;
import java.util.List;

/** A class's position in the model: the valid classes in the scheme's order, then unknown. */
public final class ClassPositions {
  private final LandCoverScheme scheme;
  private final byte[] positionOfIndex = new byte[256];

  /** The positions of a scheme's classes. */
  public ClassPositions(LandCoverScheme scheme) {
    this.scheme = scheme;
    List<LandCoverClass> valid = scheme.validClasses();
    Arrays.fill(positionOfIndex, (byte) 0);
    for (int position = 0; position < valid.size(); position++) {
      positionOfIndex[valid.get(position).index()] = (byte) position;
    }
    positionOfIndex[scheme.unknownIndex()] = (byte) valid.size();
  }

  /** Number of positions, unknown included. */
  public int count() {
    return scheme.size();
  }

  /**
   * The position of a class.
   *
   * @throws IllegalArgumentException if the scheme has no such class
   */
  public int of(int index) {
    if (!scheme.contains(index)) {
      throw new IllegalArgumentException(
          "class index " + index + " is not in scheme " + scheme.name());
    }
    return positionOfIndex[index];
  }

  /**
   * The positions of a mask's pixels, row-major.
   *
   * @throws IllegalArgumentException if the mask is not {@code size} pixels square or holds an
   *     index the scheme does not have
   */
  public byte[] of(ClassMask mask, int size, String what) {
    if (mask.width() != size || mask.height() != size) {
      throw new IllegalArgumentException(
          String.format("%s: %s, but the model draws %d x %d", what, mask, size, size));
    }
    byte[] positions = new byte[size * size];
    byte[] indices = mask.indices();
    for (int i = 0; i < positions.length; i++) {
      int index = indices[i] & 0xFF;
      if (!scheme.contains(index)) {
        throw new IllegalArgumentException(
            String.format(
                "%s: class index %d at column %d of row %d is not in scheme %s",
                what, index, i % size, i / size, scheme));
      }
      positions[i] = positionOfIndex[index];
    }
    return positions;
  }
}
