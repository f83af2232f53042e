package io.landloom.synthesis.gate;

import java.util.Objects;

/**
 * What one measure of one gate says of one drawn image.
 *
 * @param gate the gate's name
 * @param measure what was measured
 * @param value the measure
 * @param threshold the value at which it still accepts
 * @param accepted whether it accepts
 */
public record GateDecision(
    String gate, String measure, double value, double threshold, boolean accepted) {
  /** Checks that the names are there and the numbers are numbers. */
  public GateDecision {
    Objects.requireNonNull(gate, "gate");
    Objects.requireNonNull(measure, "measure");
    if (Double.isNaN(value) || Double.isNaN(threshold)) {
      throw new IllegalArgumentException(
          gate + " " + measure + ": value " + value + ", threshold " + threshold);
    }
  }

  /** Accepts values up to the threshold. */
  static GateDecision atMost(String gate, String measure, double value, double threshold) {
    return new GateDecision(gate, measure, value, threshold, value <= threshold);
  }

  /** Accepts values from the threshold. */
  static GateDecision atLeast(String gate, String measure, double value, double threshold) {
    return new GateDecision(gate, measure, value, threshold, value >= threshold);
  }
}
