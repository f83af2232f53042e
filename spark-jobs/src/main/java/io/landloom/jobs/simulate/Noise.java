package io.landloom.jobs.simulate;

/** Hashes of integer places and smooth noise between them: pure functions, no tables. */
final class Noise {
  private static final double[] COS = directions(0);
  private static final double[] SIN = directions(-Math.PI / 2);

  private Noise() {}

  private static double[] directions(double turn) {
    double[] values = new double[16];
    for (int i = 0; i < values.length; i++) {
      values[i] = 1.5 * Math.cos(i * Math.PI / 8 + turn);
    }
    return values;
  }

  /** A well-mixed 32-bit hash of a place. */
  static int hash(int seed, int x, int y) {
    int h = seed * 0x5BD1E9A5 ^ x * 0x3C6EF35F ^ Integer.rotateLeft(y * 0x6A09E66B, 13);
    h = (h ^ h >>> 16) * 0x7A4D1B35;
    h = (h ^ h >>> 13) * 0x4B9F2C8D;
    return h ^ h >>> 16;
  }

  /** Hash as a number in [0, 1). */
  static double unit(int hash) {
    return (hash >>> 8) * 0x1p-24;
  }

  /** A further number in [0, 1) from one hash. */
  static double unit(int hash, int draw) {
    return unit(hash(hash, draw, 0x51));
  }

  /** Value noise of wavelength 1 in [0, 1]. */
  static double value(int seed, double x, double y) {
    int ix = floor(x);
    int iy = floor(y);
    double tx = smooth(x - ix);
    double ty = smooth(y - iy);
    double top = mix(unit(hash(seed, ix, iy)), unit(hash(seed, ix + 1, iy)), tx);
    double bottom = mix(unit(hash(seed, ix, iy + 1)), unit(hash(seed, ix + 1, iy + 1)), tx);
    return mix(top, bottom, ty);
  }

  /** Gradient noise of wavelength 1, about -1 to 1 and mean 0. */
  static double gradient(int seed, double x, double y) {
    int ix = floor(x);
    int iy = floor(y);
    double fx = x - ix;
    double fy = y - iy;
    double tx = smooth(fx);
    double top = mix(slope(seed, ix, iy, fx, fy), slope(seed, ix + 1, iy, fx - 1, fy), tx);
    double bottom =
        mix(slope(seed, ix, iy + 1, fx, fy - 1), slope(seed, ix + 1, iy + 1, fx - 1, fy - 1), tx);
    return mix(top, bottom, smooth(fy));
  }

  private static double slope(int seed, int ix, int iy, double dx, double dy) {
    int direction = hash(seed, ix, iy) & 15;
    return COS[direction] * dx + SIN[direction] * dy;
  }

  /** Sum of octaves of gradient noise, each half as long and half as strong as the one before. */
  static double fractal(int seed, double x, double y, int octaves) {
    double sum = 0;
    double strength = 1;
    double frequency = 1;
    for (int octave = 0; octave < octaves; octave++) {
      sum += strength * gradient(seed + octave, x * frequency, y * frequency);
      strength *= 0.5;
      frequency *= 2.03;
    }
    return sum;
  }

  static int floor(double x) {
    int truncated = (int) x;
    return x < truncated ? truncated - 1 : truncated;
  }

  static double mix(double a, double b, double t) {
    return a + (b - a) * t;
  }

  private static double smooth(double t) {
    return t * t * t * (t * (t * 6 - 15) + 10);
  }
}
