package io.landloom.jobs.simulate;

import static io.landloom.jobs.simulate.Noise.gradient;
import static io.landloom.jobs.simulate.Noise.hash;
import static io.landloom.jobs.simulate.Noise.unit;
import static io.landloom.jobs.simulate.Noise.value;

/** Blocks between the streets of a town, each built up, industrial, a park or a building site. */
final class TownBlocks {
  private static final double LENGTH = 74;
  private static final double BREADTH = 56;
  private static final double SETBACK = 2.2;
  private static final double LANE = 1.1;

  private enum Use {
    HOMES,
    INDUSTRY,
    PARK,
    SITE,
    OUTSIDE
  }

  private final int seed;
  private final Terrain terrain;

  private int town;
  private double cosine;
  private double sine;

  private int column;
  private int row;
  private int key;
  private double left;
  private double right;
  private double top;
  private double bottom;
  private Use use;
  private RoofPlan plan;
  private boolean labelled;
  private boolean started;

  TownBlocks(int seed, Terrain terrain) {
    this.seed = seed;
    this.terrain = terrain;
  }

  /** Fills in what lies at a place, if its block belongs to the town; returns whether it does. */
  boolean fill(double x, double y, int townKey, Ground ground) {
    enterTown(townKey);
    double p = x * cosine + y * sine + 16 * gradient(town, x / 240, y / 240);
    double q = y * cosine - x * sine + 16 * gradient(town + 1, x / 240, y / 240);
    if (p < left || p >= right || q < top || q >= bottom) {
      int i = Noise.floor(p / LENGTH);
      int j = Noise.floor(q / BREADTH);
      enter(p < edge(i, LENGTH, 1) ? i - 1 : i, q < edge(j, BREADTH, 2) ? j - 1 : j);
    }
    if (use == Use.OUTSIDE) {
      return false;
    }
    ground.labelled = labelled;
    double street = street(p, q);
    if (street < 0) {
      street(street, p, q, ground);
    } else {
      block(p - left, q - top, street, ground);
    }
    return true;
  }

  private void enterTown(int townKey) {
    if (started && townKey == town) {
      return;
    }
    started = true;
    town = townKey;
    double angle = 0.5 * Math.PI * unit(town, 9);
    cosine = Math.cos(angle);
    sine = Math.sin(angle);
    right = left; // no block of this town yet
  }

  private void enter(int newColumn, int newRow) {
    column = newColumn;
    row = newRow;
    key = hash(town + seed, column, row);
    left = edge(column, LENGTH, 1);
    right = edge(column + 1, LENGTH, 1);
    top = edge(row, BREADTH, 2);
    bottom = edge(row + 1, BREADTH, 2);
    double p = (left + right) / 2;
    double q = (top + bottom) / 2;
    double x = p * cosine - q * sine;
    double y = q * cosine + p * sine;
    labelled = terrain.unlabelled(x, y) < 0;
    use = use(terrain.town(x, y));
    plan = plan(unit(key, 2));
  }

  private double edge(int index, double pitch, int salt) {
    return pitch * (index + 0.36 * unit(hash(town, index, salt)));
  }

  private Use use(double level) {
    if (level < 0 || (level < 0.14 && unit(key, 3) < 0.3)) {
      return Use.OUTSIDE;
    }
    double kind = unit(key, 1);
    if (kind < 0.07) {
      return Use.PARK;
    }
    if (kind < 0.11) {
      return Use.SITE;
    }
    double quarter = unit(hash(town, column >> 1, row >> 1), 4);
    return quarter < 0.06 + 0.1 * (1 - Math.min(1, level)) ? Use.INDUSTRY : Use.HOMES;
  }

  private RoofPlan plan(double kind) {
    if (use == Use.INDUSTRY) {
      return kind < 0.7 ? RoofPlan.FACTORIES : RoofPlan.HALLS;
    }
    if (kind < 0.45) {
      return RoofPlan.SLABS;
    }
    if (kind < 0.75) {
      return RoofPlan.TERRACES;
    }
    return kind < 0.9 ? RoofPlan.TOWERS : RoofPlan.HALLS;
  }

  /** Units to the nearest street's kerb, negative on the street. */
  private double street(double p, double q) {
    double alongP = Math.min(p - left - kerb(column), right - p - kerb(column + 1));
    double alongQ = Math.min(q - top - kerb(row), bottom - q - kerb(row + 1));
    return Math.min(alongP, alongQ);
  }

  private static double kerb(int index) {
    if ((index & 1) != 0) {
      return LANE;
    }
    return (index & 3) == 0 ? 3.1 : 1.7;
  }

  private void street(double depth, double p, double q, Ground ground) {
    int spot = hash(key, Noise.floor(p / 3.1), Noise.floor(q / 3.1));
    double u = p / 3.1 - Noise.floor(p / 3.1);
    double v = q / 3.1 - Noise.floor(q / 3.1);
    boolean car = unit(spot, 1) < 0.3 && car(spot, u, v);
    Zone zone = onStreet(p, q) ? Zone.TRAFFIC : zone();
    ground.set(zone, car ? Surface.CAR : Surface.ROAD, spot, depth, u);
  }

  // every other gap between blocks is a lane, which belongs to the blocks and not to the traffic
  private boolean onStreet(double p, double q) {
    double alongP = (column & 1) == 0 ? p - left - kerb(column) : right - p - kerb(column + 1);
    double alongQ = (row & 1) == 0 ? q - top - kerb(row) : bottom - q - kerb(row + 1);
    return alongP < 0 || alongQ < 0;
  }

  private Zone zone() {
    return use == Use.INDUSTRY ? Zone.INDUSTRIAL : Zone.URBAN;
  }

  private static boolean car(int spot, double u, double v) {
    boolean along = (spot & 1) == 0;
    double length = along ? u : v;
    double breadth = along ? v : u;
    return Math.abs(length - 0.5) < 0.2 && Math.abs(breadth - 0.5) < 0.1;
  }

  private void block(double u, double v, double kerb, Ground ground) {
    switch (use) {
      case PARK -> park(u, v, kerb, ground);
      case SITE -> site(u, v, ground);
      case INDUSTRY -> built(Zone.INDUSTRIAL, u, v, kerb, ground);
      default -> built(Zone.URBAN, u, v, kerb, ground);
    }
  }

  private void built(Zone zone, double u, double v, double kerb, Ground ground) {
    ground.set(zone, Surface.PAVED, key, u, v);
    if (kerb < SETBACK) {
      ground.surface = value(key, u / 3.5, v / 3.5) > 0.5 ? Surface.TREE : Surface.PAVED;
      return;
    }
    double margin = 3.1 + SETBACK;
    double fitU = plan.fitU(right - left - 2 * margin);
    double fitV = plan.fitV(bottom - top - 2 * margin);
    double sunU = -0.55 * cosine - 0.83 * sine;
    double sunV = -0.83 * cosine + 0.55 * sine;
    if (!plan.fill(u - margin, v - margin, fitU, fitV, key, sunU, sunV, ground)) {
      yard(zone, u, v, ground);
    }
  }

  private void yard(Zone zone, double u, double v, Ground ground) {
    double trees = zone == Zone.INDUSTRIAL ? 0.8 : 0.63;
    double green = value(key + 1, u / 5, v / 5);
    if (green > trees - 0.1) {
      ground.surface = green > trees ? Surface.TREE : Surface.TURF;
      return;
    }
    double fu = u / 2.4 - Noise.floor(u / 2.4);
    double fv = v / 2.4 - Noise.floor(v / 2.4);
    int spot = hash(key + 2, Noise.floor(u / 2.4), Noise.floor(v / 2.4));
    double kind = unit(spot, 1);
    double stacks = zone == Zone.INDUSTRIAL ? 0.12 : 0.015;
    if (kind < stacks && fu > 0.15 && fu < 0.85 && fv > 0.2 && fv < 0.75) {
      ground.surface = Surface.CLUTTER;
      ground.key = spot;
    } else if (kind > 0.86 && car(spot, fu, fv)) {
      ground.surface = Surface.CAR;
      ground.key = spot;
    }
  }

  private void park(double u, double v, double kerb, Ground ground) {
    double woods = 0.8 * value(key, u / 19, v / 19) + 0.3 * value(key + 1, u / 4, v / 4);
    double path = value(key + 2, u / 30, v / 30);
    if (unit(key, 5) < 0.3 && value(key + 3, u / 34, v / 34) > 0.66 && kerb > 6) {
      ground.set(Zone.POND, Surface.WATER, key, u, v);
    } else if (Math.abs(path - 0.5) < 0.018) {
      ground.set(Zone.PARK, Surface.PAVED, key, u, v);
    } else if (woods > 0.82 || kerb < 3) {
      ground.set(Zone.PARK, Surface.TREE, key, u, v);
    } else {
      ground.set(Zone.PARK, Surface.TURF, key, u, v);
    }
  }

  private void site(double u, double v, Ground ground) {
    int spot = hash(key, Noise.floor(u / 5), Noise.floor(v / 4));
    boolean stack = unit(spot, 1) < 0.06;
    ground.set(Zone.BARREN, stack ? Surface.CLUTTER : Surface.SOIL, spot, u, v);
  }
}
