package io.landloom.udf;

import io.landloom.geo.landcover.LandCoverScheme;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The schemes that ship with Landloom, each read once a JVM. */
final class Schemes {
  private static final Map<String, LandCoverScheme> READ = new ConcurrentHashMap<>();

  private Schemes() {}

  /**
   * A scheme by its name.
   *
   * @param function the SQL function that asks, for the message
   * @throws IllegalArgumentException if no scheme has that name; the message lists those there are
   */
  static LandCoverScheme named(String function, String name) {
    LandCoverScheme scheme = READ.get(name);
    if (scheme != null) {
      return scheme;
    }
    if (!LandCoverScheme.shipped().contains(name)) {
      throw new IllegalArgumentException(
          function
              + ": no scheme '"
              + name
              + "'; known are "
              + String.join(", ", LandCoverScheme.shipped()));
    }
    return READ.computeIfAbsent(name, LandCoverScheme::named);
  }
}
