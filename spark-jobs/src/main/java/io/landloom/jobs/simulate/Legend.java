package io.landloom.jobs.simulate;

import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/** The class index of each zone and surface, found by the words of the scheme's class names. */
@SuppressWarnings("EnumOrdinal") // a map would be asked once a pixel
final class Legend {
  private final byte[][] indices = new byte[Zone.values().length][Surface.values().length];
  private final byte unknown;

  /**
   * @throws IllegalArgumentException if no class of the scheme is one that can be drawn
   */
  Legend(LandCoverScheme scheme) {
    unknown = (byte) scheme.unknownIndex();
    boolean drawn = false;
    for (Zone zone : Zone.values()) {
      OptionalInt ofZone = find(scheme, zone.names());
      for (Surface surface : Surface.values()) {
        OptionalInt index = ofZone.isPresent() ? ofZone : find(scheme, surface.names());
        indices[zone.ordinal()][surface.ordinal()] = (byte) index.orElse(scheme.unknownIndex());
        drawn |= index.isPresent();
      }
    }
    if (!drawn) {
      throw new IllegalArgumentException(
          "no class name of scheme "
              + scheme
              + " is one the simulator can draw; it knows words such as water, building, road,"
              + " farmland, forest, grass and land");
    }
  }

  /** Class index of a place, as a mask stores it. */
  byte indexOf(Ground ground) {
    return ground.labelled ? indices[ground.zone.ordinal()][ground.surface.ordinal()] : unknown;
  }

  /** Whether a class name of the scheme holds a word. */
  static boolean names(LandCoverScheme scheme, String word) {
    return find(scheme, List.of(word)).isPresent();
  }

  private static OptionalInt find(LandCoverScheme scheme, List<String> names) {
    for (String name : names) {
      for (LandCoverClass landCoverClass : scheme.validClasses()) {
        if (means(words(landCoverClass.name()), words(name))) {
          return OptionalInt.of(landCoverClass.index());
        }
      }
    }
    return OptionalInt.empty();
  }

  // "land" is a class of its own only alone: "industrial land" is something else
  private static boolean means(String className, String word) {
    return word.equals(" land ") ? className.equals(word) : className.contains(word);
  }

  // blanks around every word, so that "grass" is not found in "grassland"
  private static String words(String name) {
    return " " + name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", " ").strip() + " ";
  }
}
