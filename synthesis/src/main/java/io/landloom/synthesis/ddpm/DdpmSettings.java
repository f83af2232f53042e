package io.landloom.synthesis.ddpm;

import com.typesafe.config.Config;
import io.landloom.synthesis.diffusion.NoiseSchedule;
import io.landloom.synthesis.training.Course;
import io.landloom.synthesis.training.NetworkTrainer;
import io.landloom.synthesis.training.SystemDefaults;

/**
 * How a diffusion model of pixels is built and trained; the defaults and their reasons are in the
 * resource {@code landloom/ddpm.conf}.
 *
 * @param size name of the network's sizes
 * @param timesteps of the noise schedule
 * @param start the bundle to start from, or {@value #NONE}
 * @param care moving average and largest gradient
 * @param course how it is trained
 */
public record DdpmSettings(
    String size, int timesteps, String start, NetworkTrainer.Care care, Course course) {
  /** Value of {@code start} where training starts from random weights. */
  public static final String NONE = "none";

  private static final SystemDefaults DEFAULTS = SystemDefaults.of("ddpm");

  /** Checks the ranges. */
  public DdpmSettings {
    course.requireMultipleOf(PixelUNetSizes.named(size, course.bands()).stride());
    schedule(timesteps);
  }

  /**
   * Reads settings; keys that are not given have their defaults.
   *
   * @throws IllegalArgumentException if a key is unknown, of the wrong type or out of range
   */
  public static DdpmSettings of(Config given) {
    return DEFAULTS.read(
        given,
        config ->
            new DdpmSettings(
                config.getString("size"),
                config.getInt("timesteps"),
                config.getString("start"),
                new NetworkTrainer.Care(config.getDouble("ema"), config.getDouble("clip")),
                Course.of(config)));
  }

  /** Sizes of the network. */
  public PixelUNetSizes sizes() {
    return PixelUNetSizes.named(size, course.bands());
  }

  NoiseSchedule schedule() {
    return schedule(timesteps);
  }

  /**
   * The linear schedule of Ho et al. (NeurIPS 2020), scaled to as much noise in another number of
   * steps.
   *
   * @throws IllegalArgumentException if there are too few steps for that
   */
  static NoiseSchedule schedule(int timesteps) {
    return NoiseSchedule.linear(0.1 / timesteps, 20.0 / timesteps, timesteps);
  }
}
