package io.landloom.jobs.simulate;

import static io.landloom.jobs.simulate.Noise.hash;
import static io.landloom.jobs.simulate.Noise.unit;

/** How the roofs of a block stand: a grid of rectangles, each a little different. */
enum RoofPlan {
  HOUSES(7, 6, 0.72, 0.7, 0.22, 1.0),
  SLABS(23, 10, 0.82, 0.46, 0.08, 3.2),
  TERRACES(9, 7.5, 0.84, 0.74, 0.06, 1.3),
  TOWERS(15, 15, 0.52, 0.5, 0.1, 5.0),
  HALLS(30, 24, 0.78, 0.74, 0.12, 2.4),
  FACTORIES(44, 25, 0.86, 0.78, 0.1, 2.0);

  private final double pitchU;
  private final double pitchV;
  private final double shareU;
  private final double shareV;
  private final double vacancy;
  private final double shadow;

  RoofPlan(
      double pitchU, double pitchV, double shareU, double shareV, double vacancy, double shadow) {
    this.pitchU = pitchU;
    this.pitchV = pitchV;
    this.shareU = shareU;
    this.shareV = shareV;
    this.vacancy = vacancy;
    this.shadow = shadow;
  }

  /** Pitch near the plan's own that divides a length into whole roofs. */
  double fitU(double length) {
    return length / Math.max(1, Math.rint(length / pitchU));
  }

  /** Pitch near the plan's own that divides a breadth into whole roofs. */
  double fitV(double breadth) {
    return breadth / Math.max(1, Math.rint(breadth / pitchV));
  }

  /**
   * Puts a roof at a place, or its shadow.
   *
   * @param sunU direction of the shadows along u
   * @param sunV direction of the shadows along v
   * @return whether there is a roof
   */
  boolean fill(
      double u, double v, double fitU, double fitV, int key, double sunU, double sunV, Ground g) {
    int roof = roof(u, v, fitU, fitV, key);
    if (roof != 0) {
      double across = v / fitV - Noise.floor(v / fitV);
      g.set(g.zone, Surface.ROOF, roof, u, (across - 0.5) / shareV);
      return true;
    }
    g.shaded = roof(u - sunU * shadow, v - sunV * shadow, fitU, fitV, key) != 0;
    return false;
  }

  private int roof(double u, double v, double fitU, double fitV, int key) {
    int i = Noise.floor(u / fitU);
    int j = Noise.floor(v / fitV);
    int roof = hash(key, i, j) | 1;
    if (unit(roof, 1) < vacancy) {
      return 0;
    }
    double halfU = 0.5 * shareU * (0.72 + 0.28 * unit(roof, 2));
    double halfV = 0.5 * shareV * (0.85 + 0.15 * unit(roof, 3));
    boolean under = Math.abs(u / fitU - i - 0.5) < halfU && Math.abs(v / fitV - j - 0.5) < halfV;
    return under ? roof : 0;
  }
}
