package io.landloom.jobs.simulate;

import static io.landloom.jobs.simulate.Noise.value;

/** Decides what lies where: roads over water over towns over hills over farmland. */
final class Layout {
  private static final double HIGHWAY = 2.7;
  private static final double VERGE = 2.2;
  private static final double LOW_HILL = 0.3;
  private static final double HIGH_HILL = 0.36;

  // how unlabelled a place must be for its water to be so too: annotators rarely miss water
  private static final double WIDELY = 0.4;

  private final int seed;
  private final double zoom;
  private final boolean watered;
  private final Districts districts;
  private final TerrainRows terrain;
  private final TownBlocks towns;
  private final Farmland farmland;
  private double worldY;

  Layout(int seed, Setting setting, int width) {
    this.seed = seed;
    this.zoom = setting.zoom();
    this.watered = setting.watered();
    Terrain fields = new Terrain(seed, setting);
    this.districts = new Districts(seed);
    this.terrain = new TerrainRows(fields, districts, zoom, width);
    this.towns = new TownBlocks(seed, fields);
    this.farmland = new Farmland(seed, fields, districts);
  }

  /** Goes to a row of pixels. */
  void moveTo(int y) {
    terrain.moveTo(y);
    worldY = (y + 0.5) / zoom;
  }

  /** The terrain of the row. */
  TerrainRows terrain() {
    return terrain;
  }

  /** Fills in what lies at a column of the row. */
  void fill(int x, Ground ground) {
    double worldX = (x + 0.5) / zoom;
    double wiggle = wiggle(x, worldX);
    double unlabelled = terrain.at(Terrain.UNLABELLED, x) + 0.12 * wiggle;
    ground.labelled = unlabelled < 0;
    double lake = terrain.at(Terrain.LAKE, x) + 14 * wiggle;
    if ((lake < 0 || !watered) && highway(x, ground)) {
      return;
    }
    if (watered && water(x, lake, wiggle, worldX, ground)) {
      ground.labelled = unlabelled < (ground.surface == Surface.WATER ? WIDELY : 0);
      return;
    }
    if (terrain.at(Terrain.TOWN, x) > -0.5 && towns.fill(worldX, worldY, townKey(x), ground)) {
      return;
    }
    if (!wild(x, wiggle, worldX, ground)) {
      farm(x, worldX, ground);
    }
  }

  // towns that grow together from close by share their streets
  private int townKey(int x) {
    return zoom > 1 ? seed : terrain.townKey(x);
  }

  /**
   * Unrest of natural outlines, -0.5 to 0.5; 0 far from all of them, where nothing depends on it.
   */
  private double wiggle(int x, double worldX) {
    double shore = terrain.at(Terrain.LAKE, x);
    double bank = Math.abs(terrain.at(Terrain.RIVER, x)) - terrain.at(Terrain.RIVER_WIDTH, x);
    double unlabelled = terrain.at(Terrain.UNLABELLED, x);
    boolean outline =
        terrain.at(Terrain.HILL, x) > LOW_HILL - 0.05
            || Math.abs(bank) < 15
            || Math.abs(shore) < 15
            || Math.abs(unlabelled) < 0.07
            || Math.abs(unlabelled - WIDELY) < 0.07;
    return outline
        ? 0.65 * value(seed + 100, worldX / 23, worldY / 23)
            + 0.35 * value(seed + 101, worldX / 8, worldY / 8)
            - 0.5
        : 0;
  }

  private boolean highway(int x, Ground ground) {
    double first = terrain.at(Terrain.HIGHWAY, x);
    double second = terrain.at(Terrain.CROSSWAY, x);
    double distance = Math.abs(first) < Math.abs(second) ? first : second;
    if (Math.abs(distance) > HIGHWAY + VERGE) {
      return false;
    }
    boolean road = Math.abs(distance) < HIGHWAY;
    ground.set(Zone.TRAFFIC, road ? Surface.ROAD : Surface.TREE, seed, distance, x / zoom);
    if (!road && Math.abs(terrain.at(Terrain.RIVER, x)) < terrain.at(Terrain.RIVER_WIDTH, x)) {
      return false;
    }
    return true;
  }

  private boolean water(int x, double lake, double wiggle, double worldX, Ground ground) {
    double bank = 6 + 10 * wiggle;
    double across = terrain.at(Terrain.RIVER, x);
    double river = terrain.at(Terrain.RIVER_WIDTH, x) + 5 * wiggle - Math.abs(across);
    if (lake > 0) {
      ground.set(Zone.LAKE, Surface.WATER, seed, lake, 0);
    } else if (river > 0) {
      ground.set(Zone.RIVER, Surface.WATER, seed, river, across);
    } else if (river > -bank || lake > -0.5 * bank) {
      boolean green = value(seed + 102, worldX / 45, worldY / 45) > 0.45;
      ground.set(green ? Zone.SHRUB : Zone.BARREN, green ? Surface.TREE : Surface.SOIL, seed, 0, 0);
    } else {
      return false;
    }
    return true;
  }

  private boolean wild(int x, double wiggle, double worldX, Ground ground) {
    double hill = terrain.at(Terrain.HILL, x) + 0.09 * wiggle;
    double wet = terrain.at(Terrain.MOISTURE, x) + 0.12 * wiggle;
    if (hill < LOW_HILL) {
      return false;
    }
    if (hill > HIGH_HILL && wet > -0.2) {
      ground.set(Zone.WOOD, Surface.TREE, seed, worldX, worldY);
    } else if (wet > 0.22 || (hill > HIGH_HILL && wet > -0.27)) {
      ground.set(Zone.SHRUB, Surface.TREE, seed, worldX, worldY);
    } else {
      ground.set(Zone.GRASSLAND, Surface.TURF, seed, worldX, worldY);
    }
    return true;
  }

  private void farm(int x, double worldX, Ground ground) {
    if (!terrain.nearBorder(x)) {
      farmland.fill(worldX, worldY, terrain.districtColumn(x), terrain.districtRow(x), ground);
      return;
    }
    districts.find(worldX, worldY);
    farmland.fill(worldX, worldY, districts.column(), districts.row(), ground);
    double border = districts.border();
    int kind = districts.borderKey() & 7;
    if (border < 1.6 && kind < 3) {
      ground.set(Zone.TRAFFIC, Surface.ROAD, seed, border, worldX);
    } else if (border < 1.3) {
      ground.surface = kind < 6 ? Surface.SOIL : Surface.WATER;
    } else if (border < 5.5 && (kind & 1) == 0) {
      double trees = value(seed + 103, worldX / 7, worldY / 7);
      if (trees > 0.42) {
        ground.surface = Surface.TREE;
      }
    }
  }
}
