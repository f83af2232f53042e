package io.landloom.synthesis;

import java.util.List;
import java.util.Objects;

/**
 * What the noise of one pair depends on, and nothing else does: no partition, order, batch or
 * attempt.
 *
 * @param seed seed of the run
 * @param modelDigest digest of the model that draws, see {@link Synthesizer#modelDigest()}
 * @param condition key of the condition
 * @param copy number of the pair among those of one condition, from 0
 * @param draw number of redraws a gate has asked for, from 0
 */
public record NoiseKey(long seed, String modelDigest, String condition, int copy, int draw) {
  /** The stream that no class owns: the latent z of the whole image. */
  public static final int WHOLE_IMAGE = -1;

  private static final String VERSION = "landloom noise 1";
  private static final String PIXELS = "landloom pixel noise 1";

  /** Checks the ranges. */
  public NoiseKey {
    Objects.requireNonNull(modelDigest, "modelDigest");
    Objects.requireNonNull(condition, "condition");
    if (copy < 0 || draw < 0) {
      throw new IllegalArgumentException(
          "condition '" + condition + "': copy " + copy + " or draw " + draw + " is negative");
    }
  }

  /**
   * Standard normal numbers of one stream.
   *
   * @param stream a class's position in the model, or {@link #WHOLE_IMAGE}
   * @param count how many numbers; a longer request begins with the shorter one's numbers
   */
  public float[] normal(int stream, int count) {
    return numbers(VERSION, stream).normal(count);
  }

  /**
   * Uniform numbers of mean 0 and variance 1, one a pixel, independent of {@link #normal}.
   *
   * @param stream a class's position in the model
   * @param count how many numbers; a longer request begins with the shorter one's numbers
   */
  public float[] ofPixels(int stream, int count) {
    return numbers(PIXELS, stream).uniform(count);
  }

  private SeededStream numbers(String version, int stream) {
    if (stream < WHOLE_IMAGE) {
      throw new IllegalArgumentException("stream " + stream + " is below " + WHOLE_IMAGE);
    }
    return SeededStream.of(List.of(version, modelDigest, condition), seed, copy, draw, stream);
  }
}
