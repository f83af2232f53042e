package io.landloom.synthesis.diffusion.checkpoint;

import io.landloom.synthesis.diffusion.NoiseLevel;
import io.landloom.synthesis.diffusion.NoiseSchedule;
import io.landloom.synthesis.diffusion.Prediction;
import io.landloom.synthesis.diffusion.Trajectory;

/**
 * How a published model was trained and is meant to be sampled.
 *
 * @param schedule of its training
 * @param prediction what its output means
 * @param spacing of the timesteps
 * @param offset added to timesteps of leading spacing
 * @param end noise level after the last step
 */
public record SchedulerSettings(
    NoiseSchedule schedule,
    Prediction prediction,
    Trajectory.Spacing spacing,
    int offset,
    NoiseLevel end) {
  /** A trajectory of so many steps. */
  public Trajectory trajectory(int steps) {
    return Trajectory.of(schedule, spacing, steps, offset, end);
  }
}
