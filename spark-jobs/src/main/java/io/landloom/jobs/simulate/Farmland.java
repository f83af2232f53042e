package io.landloom.jobs.simulate;

import static io.landloom.jobs.simulate.Noise.fractal;
import static io.landloom.jobs.simulate.Noise.hash;
import static io.landloom.jobs.simulate.Noise.unit;
import static io.landloom.jobs.simulate.Noise.value;

/** Parcels in rows along the direction of their district, with a village in some districts. */
final class Farmland {
  private static final double PATH = 0.75;

  private final int seed;
  private final Terrain terrain;
  private final Districts districts;

  private boolean started;
  private int column;
  private int row;
  private int key;
  private double siteX;
  private double siteY;
  private double cosine;
  private double sine;
  private double length;
  private double breadth;
  private Zone crop;
  private double villageLength;
  private double villageBreadth;

  // the last parcel: rows of a district are shifted along u by an offset of their own
  private double offset;
  private double left;
  private double right;
  private double top;
  private double bottom;
  private int parcelKey;
  private Zone parcelZone;
  private boolean parcelLabelled;

  Farmland(int seed, Terrain terrain, Districts districts) {
    this.seed = seed;
    this.terrain = terrain;
    this.districts = districts;
  }

  /** Fills in what lies at a place of the district of a cell. */
  void fill(double x, double y, int districtColumn, int districtRow, Ground ground) {
    enter(districtColumn, districtRow);
    double u = (x - siteX) * cosine + (y - siteY) * sine;
    double v = (y - siteY) * cosine - (x - siteX) * sine;
    if (inVillage(u, v)) {
      village(u, v, ground);
      ground.labelled = terrain.unlabelled(siteX, siteY) < 0;
      return;
    }
    parcel(u, v, ground);
  }

  private void enter(int districtColumn, int districtRow) {
    if (started && districtColumn == column && districtRow == row) {
      return;
    }
    started = true;
    column = districtColumn;
    row = districtRow;
    key = districts.key(column, row);
    right = left; // no parcel of this district yet
    siteX = districts.siteX(column, row);
    siteY = districts.siteY(column, row);
    double angle = Math.PI * unit(key, 3);
    cosine = Math.cos(angle);
    sine = Math.sin(angle);
    length = 75 + 95 * unit(key, 4);
    breadth = 26 + 40 * unit(key, 5);
    crop = crop();
    boolean village = unit(key, 6) < 0.55;
    villageLength = village ? 34 + 58 * unit(key, 7) : 0;
    villageBreadth = village ? 24 + 38 * unit(key, 8) : 0;
  }

  private Zone crop() {
    double kind = unit(key, 9);
    if (kind < 0.05) {
      return Zone.ORCHARD;
    }
    if (kind < 0.085) {
      return Zone.POND;
    }
    double wet = fractal(seed + 91, siteX / 1100, siteY / 1100, 2) + 0.25 * (kind - 0.5);
    if (wet > 0.12) {
      return Zone.PADDY;
    }
    return wet < -0.27 ? Zone.DRY : Zone.IRRIGATED;
  }

  private boolean inVillage(double u, double v) {
    double reach = Math.max(Math.abs(u) / (villageLength + 1), Math.abs(v) / (villageBreadth + 1));
    return reach < 1.3 && reach + 0.5 * value(key, u / 19, v / 19) < 1.15;
  }

  private void village(double u, double v, Ground ground) {
    ground.set(Zone.RURAL, Surface.PAVED, key, u, v);
    if (Math.abs(v) < 1.6 || Math.abs(u - 4) < 1.1) {
      ground.set(Zone.RURAL, Surface.ROAD, key, u, v);
    } else if (!RoofPlan.HOUSES.fill(u, v, 7, 6, key, 0.7, -1.1, ground)
        && value(key + 1, u / 5, v / 5) > 0.62) {
      ground.surface = Surface.TREE;
    }
  }

  private void parcel(double u, double v, Ground ground) {
    if (v < top || v >= bottom || u + offset < left || u + offset >= right) {
      enterParcel(u, v);
    }
    ground.labelled = parcelLabelled;
    double along = u + offset - left;
    double rim = Math.min(Math.min(along, right - left - along), Math.min(v - top, bottom - v));
    cover(along, v - top, rim, ground);
  }

  private void enterParcel(double u, double v) {
    int rowOfParcel = Noise.floor(v / breadth);
    rowOfParcel -= v < edge(rowOfParcel, breadth, 1) ? 1 : 0;
    top = edge(rowOfParcel, breadth, 1);
    bottom = edge(rowOfParcel + 1, breadth, 1);
    int shift = hash(key, rowOfParcel, 2);
    offset = length * unit(shift);
    int columnOfParcel = Noise.floor((u + offset) / length);
    columnOfParcel -= u + offset < edge(columnOfParcel, length, shift) ? 1 : 0;
    left = edge(columnOfParcel, length, shift);
    right = edge(columnOfParcel + 1, length, shift);
    parcelKey = hash(shift, columnOfParcel, 3);
    parcelZone = parcelZone(unit(parcelKey, 1));
    double middleU = (left + right) / 2 - offset;
    double middleV = (top + bottom) / 2;
    double x = siteX + middleU * cosine - middleV * sine;
    double y = siteY + middleU * sine + middleV * cosine;
    parcelLabelled = terrain.unlabelled(x, y) < 0;
  }

  private double edge(int index, double pitch, int salt) {
    return pitch * (index + 0.35 * unit(hash(key, index, salt)));
  }

  private Zone parcelZone(double kind) {
    if (kind < 0.015) {
      return Zone.ORCHARD;
    }
    if (kind < 0.03) {
      return Zone.POND;
    }
    return kind < 0.05 ? Zone.BARREN : crop;
  }

  private void cover(double u, double v, double rim, Ground ground) {
    if (rim < PATH) {
      Zone field = parcelZone == Zone.POND ? crop : parcelZone;
      boolean hedge = unit(parcelKey, 2) < 0.3;
      ground.set(field, hedge ? Surface.TREE : Surface.SOIL, parcelKey, u, v);
    } else if (parcelZone == Zone.POND) {
      pond(u, v, rim, ground);
    } else {
      Surface surface = parcelZone == Zone.BARREN ? Surface.SOIL : Surface.CROP;
      ground.set(parcelZone, surface, parcelKey, u, v);
    }
  }

  private void pond(double u, double v, double rim, Ground ground) {
    boolean round = crop != Zone.POND;
    double a = (u / (right - left) - 0.5) / 0.42;
    double b = (v / (bottom - top) - 0.5) / 0.42;
    double wobble = 0.5 * value(parcelKey, u / 14, v / 14);
    boolean water = round ? a * a + b * b + wobble < 1.2 : rim > 2.6;
    if (water) {
      ground.set(Zone.POND, Surface.WATER, parcelKey, u, v);
    } else if (round) {
      ground.set(crop, Surface.CROP, parcelKey, u, v);
    } else {
      ground.set(Zone.POND, Surface.SOIL, parcelKey, u, v);
    }
  }
}
