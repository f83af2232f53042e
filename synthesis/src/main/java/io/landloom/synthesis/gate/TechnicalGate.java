package io.landloom.synthesis.gate;

import io.landloom.geo.image.Raster;
import io.landloom.synthesis.Pair;
import java.util.List;

/**
 * Rejects images that no sensor takes: with numbers that are not finite, without any contrast, or
 * with too many samples at an end of the range.
 *
 * @param leastRange least distance, in grey levels, of the darkest and the brightest sample of the
 *     band where it is largest
 * @param mostSaturated largest share of the samples that may be 0 or 255
 */
public record TechnicalGate(int leastRange, double mostSaturated) implements Gate {
  /** The gate's name. */
  public static final String NAME = "technical";

  private static final int BRIGHTEST = 255;

  /** Checks the ranges. */
  public TechnicalGate {
    if (leastRange < 0 || leastRange > BRIGHTEST) {
      throw new IllegalArgumentException("least range " + leastRange + ", outside 0..255");
    }
    if (!(mostSaturated >= 0 && mostSaturated <= 1)) {
      throw new IllegalArgumentException("most saturated " + mostSaturated + ", outside 0..1");
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<List<GateDecision>> judge(List<Pair> pairs) {
    return pairs.stream().map(this::judge).toList();
  }

  private List<GateDecision> judge(Pair pair) {
    GateDecision finite = GateDecision.atMost(NAME, "not_finite", pair.notFinite(), 0);
    if (!finite.accepted()) {
      return List.of(finite); // its samples mean nothing
    }
    return List.of(
        finite,
        GateDecision.atLeast(NAME, "range", range(pair.image()), leastRange),
        GateDecision.atMost(NAME, "saturated", saturated(pair.image()), mostSaturated));
  }

  private static int range(Raster image) {
    int bands = image.bands();
    byte[] samples = image.samples();
    int largest = 0;
    for (int band = 0; band < bands; band++) {
      int least = BRIGHTEST;
      int most = 0;
      for (int i = band; i < samples.length; i += bands) {
        int sample = samples[i] & 0xFF;
        least = Math.min(least, sample);
        most = Math.max(most, sample);
      }
      largest = Math.max(largest, most - least);
    }
    return largest;
  }

  private static double saturated(Raster image) {
    int saturated = 0;
    for (byte sample : image.samples()) {
      saturated += sample == 0 || (sample & 0xFF) == BRIGHTEST ? 1 : 0;
    }
    return (double) saturated / image.samples().length;
  }

  @Override
  public void close() {}
}
