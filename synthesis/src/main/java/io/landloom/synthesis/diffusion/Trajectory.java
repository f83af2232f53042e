package io.landloom.synthesis.diffusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The timesteps a sampler visits, in falling order, and their noise levels.
 *
 * @param timesteps of the network's calls
 * @param levels one a timestep, and the one after the last step
 */
public record Trajectory(List<Integer> timesteps, List<NoiseLevel> levels) {
  /** Checks the numbers and the order. */
  public Trajectory {
    timesteps = List.copyOf(timesteps);
    levels = List.copyOf(levels);
    if (timesteps.isEmpty() || levels.size() != timesteps.size() + 1) {
      throw new IllegalArgumentException(
          timesteps.size() + " timesteps need one noise level more, not " + levels.size());
    }
    for (int i = 1; i < levels.size(); i++) {
      if (levels.get(i).signal() <= levels.get(i - 1).signal()) {
        throw new IllegalArgumentException(
            "step " + i + " has no less noise than the one before it");
      }
    }
  }

  /** Where the timesteps lie among those of training (Lin et al., WACV 2024, table 2). */
  public enum Spacing {
    /** From timestep 0 upwards: the last of training is not visited. */
    LEADING {
      @Override
      int timestep(int step, int count, int steps, int offset) {
        return step * (steps / count) + offset;
      }
    },
    /** Evenly from timestep 0 to the last. */
    LINSPACE {
      @Override
      int timestep(int step, int count, int steps, int offset) {
        return count == 1 ? 0 : (int) Math.rint((double) (steps - 1) * step / (count - 1));
      }
    },
    /** From the last timestep downwards. */
    TRAILING {
      @Override
      int timestep(int step, int count, int steps, int offset) {
        return (int) Math.rint((double) steps * (step + 1) / count) - 1;
      }
    },
    /** {@link #LEADING} of one step more without its lowest, as published solvers take it. */
    SOLVER_LEADING {
      @Override
      int timestep(int step, int count, int steps, int offset) {
        return (step + 1) * (steps / (count + 1)) + offset;
      }
    },
    /** {@link #LINSPACE} of one step more without its lowest, as published solvers take it. */
    SOLVER_LINSPACE {
      @Override
      int timestep(int step, int count, int steps, int offset) {
        return (int) Math.rint((double) (steps - 1) * (step + 1) / count);
      }
    };

    /** Timestep of a step counted from the end of sampling, from 0. */
    abstract int timestep(int step, int count, int steps, int offset);
  }

  /**
   * A trajectory through a schedule.
   *
   * @param count number of steps, from 1 to the schedule's
   * @param offset added to the timesteps of leading spacings; 1 for Stable Diffusion
   * @param end noise level after the last step: {@link NoiseLevel#CLEAN}, or the schedule's first
   * @throws IllegalArgumentException if a timestep falls outside the schedule
   */
  public static Trajectory of(
      NoiseSchedule schedule, Spacing spacing, int count, int offset, NoiseLevel end) {
    if (count < 1 || count > schedule.steps()) {
      throw new IllegalArgumentException(
          count + " sampling steps are outside 1.." + schedule.steps());
    }
    Integer[] timesteps = new Integer[count];
    Arrays.setAll(timesteps, i -> spacing.timestep(count - 1 - i, count, schedule.steps(), offset));
    List<NoiseLevel> levels = new ArrayList<>();
    for (int timestep : timesteps) {
      levels.add(schedule.level(timestep));
    }
    levels.add(end);
    return new Trajectory(List.of(timesteps), levels);
  }

  /** Number of steps. */
  public int size() {
    return timesteps.size();
  }
}
