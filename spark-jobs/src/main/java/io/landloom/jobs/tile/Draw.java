package io.landloom.jobs.tile;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;

/** Draws that are a function of a seed and a key, the same on every machine. */
public final class Draw {
  private Draw() {}

  /** A point between 0 and 1, spread evenly over keys. */
  public static double point(long seed, String key) {
    CRC32C crc = new CRC32C();
    crc.update(key.getBytes(StandardCharsets.UTF_8));
    return (mix(seed * 0x9E3779B97F4A7C15L + crc.getValue()) >>> 11) * 0x1.0p-53;
  }

  /** The split at a point when the shares are laid one after the other from 0 to 1. */
  static String split(List<Double> shares, double point) {
    double total = shares.stream().mapToDouble(Double::doubleValue).sum();
    double upTo = 0;
    for (int i = 0; i < SplitRule.NAMES.size() - 1; i++) {
      upTo += shares.get(i) / total;
      if (point < upTo) {
        return SplitRule.NAMES.get(i);
      }
    }
    return SplitRule.NAMES.get(SplitRule.NAMES.size() - 1);
  }

  /** Steele, Lea and Flood's SplitMix64 finalizer: every bit of the seed reaches every bit. */
  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
