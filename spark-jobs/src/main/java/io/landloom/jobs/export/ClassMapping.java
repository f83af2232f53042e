package io.landloom.jobs.export;

import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.jobs.run.JsonLine;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Which index a class has in the exported masks. */
final class ClassMapping implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int NONE = -1;

  /** How classes are numbered. */
  enum Numbering {
    /** As in the scheme, and so in the dataset. */
    KEEP,
    /** Unknown 0, the others from 1 in the scheme's order. */
    UNKNOWN0,
    /** The others from 0 in the scheme's order, unknown 255. */
    UNKNOWN255;

    /** The name in the configuration. */
    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A class of the export.
   *
   * @param index value of its pixels
   * @param name as in the scheme
   * @param rgb its colour, 0xRRGGBB
   */
  record Exported(int index, String name, int rgb) implements Serializable {}

  private final String scheme;
  private final int[] indices = new int[256];
  private final int[] palette = new int[256];
  private final int unknown;
  private final boolean same;
  private final ArrayList<Exported> classes = new ArrayList<>();

  /** The numbering of a scheme's classes. */
  ClassMapping(LandCoverScheme scheme, Numbering numbering) {
    this.scheme = scheme.name();
    java.util.Arrays.fill(indices, NONE);
    int next = numbering == Numbering.UNKNOWN0 ? 1 : 0;
    boolean identical = true;
    for (LandCoverClass one : scheme.classes()) {
      boolean isUnknown = one.index() == scheme.unknownIndex();
      int index =
          switch (numbering) {
            case KEEP -> one.index();
            case UNKNOWN0 -> isUnknown ? 0 : next++;
            case UNKNOWN255 -> isUnknown ? 255 : next++;
          };
      indices[one.index()] = index;
      palette[index] = one.rgb();
      identical &= index == one.index();
      if (!isUnknown) {
        classes.add(new Exported(index, one.name(), one.rgb()));
      }
    }
    classes.sort(Comparator.comparingInt(Exported::index));
    this.unknown = indices[scheme.unknownIndex()];
    this.same = identical;
  }

  /** Whether every index stays, so that no mask needs to be decoded for it. */
  boolean isSame() {
    return same;
  }

  /** The index of pixels without a label. */
  int unknown() {
    return unknown;
  }

  /** All classes but unknown, by their index. */
  List<Exported> classes() {
    return classes;
  }

  /** Colours by index, 256 of them. */
  int[] palette() {
    return palette.clone();
  }

  /**
   * A mask with the exported indices.
   *
   * @throws SceneFormatException if a pixel's index is of no class
   */
  ClassMask apply(ClassMask mask, String name) throws SceneFormatException {
    byte[] mapped = new byte[mask.indices().length];
    for (int i = 0; i < mapped.length; i++) {
      int index = indices[mask.indices()[i] & 0xFF];
      if (index == NONE) {
        throw new SceneFormatException(
            "mask of " + name,
            "holds the class index "
                + (mask.indices()[i] & 0xFF)
                + ", which scheme "
                + scheme
                + " has not");
      }
      mapped[i] = (byte) index;
    }
    return new ClassMask(mask.width(), mask.height(), mapped);
  }

  /** The classes as JSON, for whoever configures a training. */
  String json() {
    List<String> colours = new ArrayList<>();
    for (Exported one : classes) {
      colours.add(
          "["
              + (one.rgb() >> 16)
              + ", "
              + (one.rgb() >> 8 & 0xFF)
              + ", "
              + (one.rgb() & 0xFF)
              + "]");
    }
    return new JsonLine()
            .text("scheme", scheme)
            .texts("classes", classes.stream().map(Exported::name).toList())
            .numbers("indices", classes.stream().map(Exported::index).toList())
            .json("palette", "[" + String.join(", ", colours) + "]")
            .number("unknown", unknown)
            .flag("reduce_zero_label", unknown == 0)
            .end()
        + "\n";
  }
}
