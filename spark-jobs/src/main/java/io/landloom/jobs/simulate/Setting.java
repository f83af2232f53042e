package io.landloom.jobs.simulate;

import io.landloom.geo.landcover.LandCoverScheme;
import java.util.stream.Stream;

/**
 * How close the camera is and how built-up the land: a world unit is a pixel of GID-15, 4 m.
 *
 * @param zoom pixels a world unit
 * @param town added to the town level: at 2 everything is town
 * @param watered whether rivers and lakes are drawn
 */
record Setting(double zoom, double town, boolean watered) {
  /** Schemes that name cars are seen from close by, those that name buildings from nearer. */
  static Setting of(LandCoverScheme scheme) {
    boolean watered =
        Stream.of("water", "river", "lake").anyMatch(word -> Legend.names(scheme, word));
    if (Legend.names(scheme, "car") || Legend.names(scheme, "vehicle")) {
      return new Setting(6, 2, watered);
    }
    if (Legend.names(scheme, "building") || Legend.names(scheme, "roof")) {
      return new Setting(1.5, 0.7, watered);
    }
    return new Setting(1, 0, watered);
  }
}
