package io.landloom.jobs.simulate;

import static io.landloom.jobs.simulate.Noise.unit;

/** What lies between the ground and the file: blur, haze, a tint of the scene, and noise. */
final class Sensor {
  private static final float SIDE = 0.18f;
  private static final float MIDDLE = 1 - 2 * SIDE;
  private static final float NOISE = 4.5f;

  private final int seed;
  private final float[] gain = new float[3];
  private final float[] haze = new float[3];

  Sensor(int seed) {
    this.seed = seed;
    double contrast = 0.92 + 0.24 * unit(seed, 30);
    for (int channel = 0; channel < 3; channel++) {
      gain[channel] = (float) (contrast * (0.96 + 0.08 * unit(seed, 31 + channel)));
      haze[channel] = (float) (2 + 10 * unit(seed, 35) + 2.5 * channel * unit(seed, 36));
    }
  }

  /** Turns three rows of light (width, 3) into one row of samples. */
  void expose(float[] above, float[] here, float[] below, int y, byte[] samples, int offset) {
    int width = here.length / 3;
    for (int x = 0; x < width; x++) {
      int left = 3 * Math.max(0, x - 1);
      int middle = 3 * x;
      int right = 3 * Math.min(width - 1, x + 1);
      int grain = Noise.hash(seed + 200, x, y);
      float common = ((grain & 0xFF) + (grain >>> 8 & 0xFF) - 255) * (NOISE / 255);
      for (int channel = 0; channel < 3; channel++) {
        float light =
            SIDE
                    * (column(above, here, below, left + channel)
                        + column(above, here, below, right + channel))
                + MIDDLE * column(above, here, below, middle + channel);
        float own = (grain >>> (16 + 4 * channel) & 0xF) - 7.5f;
        float sample = gain[channel] * light + haze[channel] + common + 0.25f * own;
        samples[offset + middle + channel] =
            (byte) Math.max(0, Math.min(255, (int) (sample + 0.5f)));
      }
    }
  }

  private static float column(float[] above, float[] here, float[] below, int i) {
    return SIDE * (above[i] + below[i]) + MIDDLE * here[i];
  }
}
