package io.landloom.jobs.simulate;

import static io.landloom.jobs.simulate.Noise.fractal;
import static io.landloom.jobs.simulate.Noise.gradient;
import static io.landloom.jobs.simulate.Noise.hash;
import static io.landloom.jobs.simulate.Noise.unit;

/** The slowly varying fields of a scene that decide what lies where, in world units. */
final class Terrain {
  /** Height above the plain; woods grow on it. */
  static final int HILL = 0;

  /** Dry (negative) to wet. */
  static final int MOISTURE = 1;

  /** Above 0 inside a town, 1 in its middle. */
  static final int TOWN = 2;

  /** Units inside (positive) or outside the shore of a lake. */
  static final int LAKE = 3;

  /** Units across the river from its middle line. */
  static final int RIVER = 4;

  /** Half the width of the river. */
  static final int RIVER_WIDTH = 5;

  /** Units across the highway from its middle line. */
  static final int HIGHWAY = 6;

  /** Units across the second family of highways. */
  static final int CROSSWAY = 7;

  /** Above 0 where nobody labelled. */
  static final int UNLABELLED = 8;

  /** Slope towards the sun. */
  static final int SLOPE = 9;

  /** Slow change of tone. */
  static final int TONE = 10;

  static final int FIELDS = 11;

  private static final double TOWN_CELL = 1450;
  private static final double LAKE_CELL = 1600;
  private static final double RIVER_SPACING = 1500;
  private static final double HIGHWAY_SPACING = 1150;
  private static final double CROSSWAY_SPACING = 1700;

  private final int seed;
  private final double townShift;
  private final double unlabelledSize;
  private final double hillShift;
  private final double wetShift;
  private final double cosine;
  private final double sine;

  Terrain(int seed, Setting setting) {
    this.seed = seed;
    this.townShift = setting.town();
    // annotators leave out parts of a file, however close the camera was
    this.unlabelledSize = 520 / setting.zoom();
    this.hillShift = 0.16 * (unit(seed, 1) - 0.5);
    this.wetShift = 0.2 * (unit(seed, 2) - 0.5);
    double angle = Math.PI * unit(seed, 3);
    this.cosine = Math.cos(angle);
    this.sine = Math.sin(angle);
  }

  /** Fills the fields of one place. */
  void fill(double x, double y, float[] fields) {
    double wx = x + 95 * fractal(seed + 10, x / 430, y / 430, 3);
    double wy = y + 95 * fractal(seed + 20, x / 430, y / 430, 3);
    fields[HILL] = (float) (fractal(seed + 30, wx / 850, wy / 850, 5) + hillShift);
    fields[MOISTURE] = (float) (fractal(seed + 40, wx / 620, wy / 620, 4) + wetShift);
    fields[TOWN] = (float) town(x, y);
    fields[LAKE] = (float) lake(x, y, wx, wy);
    fields[RIVER] = (float) river(x, y);
    fields[RIVER_WIDTH] = (float) (30 + 22 * gradient(seed + 60, x / 900, y / 900));
    fields[HIGHWAY] = (float) road(x, y, 1.1, HIGHWAY_SPACING, 61);
    fields[CROSSWAY] = (float) road(x, y, -0.55, CROSSWAY_SPACING, 64);
    fields[UNLABELLED] = (float) unlabelled(x, y);
    fields[SLOPE] = (float) (relief(x + 5, y + 5) - relief(x - 5, y - 5));
    fields[TONE] = (float) fractal(seed + 80, wx / 260, wy / 260, 3);
  }

  /** Town level of a place: above 0 inside, 1 in the middle of a town. */
  double town(double x, double y) {
    double level = -1;
    int column = Noise.floor(x / TOWN_CELL);
    int row = Noise.floor(y / TOWN_CELL);
    for (int j = row - 1; j <= row + 1; j++) {
      for (int i = column - 1; i <= column + 1; i++) {
        int town = hash(seed + 50, i, j);
        double dx = x - TOWN_CELL * (i + 0.3 + 0.4 * unit(town, 1));
        double dy = y - TOWN_CELL * (j + 0.3 + 0.4 * unit(town, 2));
        double radius = 170 + 270 * unit(town, 3);
        level = Math.max(level, 1 - Math.sqrt(dx * dx + dy * dy) / radius);
      }
    }
    return level + 0.3 * fractal(seed + 51, x / 320, y / 320, 2) + townShift;
  }

  /** Key of the nearest town, by which it differs from others. */
  int townKey(double x, double y) {
    int nearest = 0;
    double least = Double.MAX_VALUE;
    int column = Noise.floor(x / TOWN_CELL);
    int row = Noise.floor(y / TOWN_CELL);
    for (int j = row - 1; j <= row + 1; j++) {
      for (int i = column - 1; i <= column + 1; i++) {
        int town = hash(seed + 50, i, j);
        double dx = x - TOWN_CELL * (i + 0.3 + 0.4 * unit(town, 1));
        double dy = y - TOWN_CELL * (j + 0.3 + 0.4 * unit(town, 2));
        if (dx * dx + dy * dy < least) {
          least = dx * dx + dy * dy;
          nearest = town;
        }
      }
    }
    return nearest;
  }

  /** Above 0 where nobody labelled. */
  double unlabelled(double x, double y) {
    return fractal(seed + 70, x / unlabelledSize, y / unlabelledSize, 3) - 0.26;
  }

  private double lake(double x, double y, double wx, double wy) {
    double depth = -1e4;
    int column = Noise.floor(x / LAKE_CELL);
    int row = Noise.floor(y / LAKE_CELL);
    double shore = 0.35 * fractal(seed + 56, wx / 420, wy / 420, 4);
    for (int j = row - 1; j <= row + 1; j++) {
      for (int i = column - 1; i <= column + 1; i++) {
        int lake = hash(seed + 55, i, j);
        double radius = unit(lake, 3) < 0.2 ? 40 : 170 + 240 * unit(lake, 4);
        double dx = wx - LAKE_CELL * (i + 0.15 + 0.7 * unit(lake, 1));
        double dy = wy - LAKE_CELL * (j + 0.15 + 0.7 * unit(lake, 2));
        depth = Math.max(depth, radius * (1 + shore - Math.sqrt(dx * dx + dy * dy) / radius));
      }
    }
    return depth;
  }

  // the sine has a zero at every river and no jump between two of them
  private double river(double x, double y) {
    double here = meander(x, y);
    double dx = meander(x + 2, y) - here;
    double dy = meander(x, y + 2) - here;
    double steepness = Math.max(0.35, Math.sqrt(dx * dx + dy * dy) / 2);
    double period = RIVER_SPACING / Math.PI;
    return period * Math.sin(here / period) / steepness;
  }

  private double meander(double x, double y) {
    double along = x * cosine + y * sine;
    double across = y * cosine - x * sine;
    return across
        + RIVER_SPACING * unit(seed, 5)
        + 230 * gradient(seed + 57, along / 900, across / 2200)
        + 95 * gradient(seed + 58, along / 300, across / 1300)
        + 22 * gradient(seed + 59, along / 95, across / 700);
  }

  private double road(double x, double y, double turn, double spacing, int salt) {
    double c = cosine * Math.cos(turn) - sine * Math.sin(turn);
    double s = sine * Math.cos(turn) + cosine * Math.sin(turn);
    double along = x * c + y * s;
    double across = y * c - x * s;
    double line =
        across
            + spacing * unit(seed, salt)
            + 150 * gradient(seed + salt, along / 1300, across / 4000);
    double period = spacing / Math.PI;
    return period * Math.sin(line / period);
  }

  private double relief(double x, double y) {
    return fractal(seed + 75, x / 330, y / 330, 5)
        - Math.abs(fractal(seed + 76, x / 210, y / 210, 3));
  }
}
