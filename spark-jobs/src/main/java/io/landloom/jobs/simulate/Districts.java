package io.landloom.jobs.simulate;

import static io.landloom.jobs.simulate.Noise.hash;
import static io.landloom.jobs.simulate.Noise.unit;

/** Farmland districts: the cells nearest to jittered sites, with straight borders. */
final class Districts {
  /** Units from a border within which something may depend on it. */
  static final double REACH = 9;

  private static final double CELL = 360;

  private final int seed;
  private final double[] siteX = new double[9];
  private final double[] siteY = new double[9];
  private int cellColumn = Integer.MIN_VALUE;
  private int cellRow = Integer.MIN_VALUE;
  private int nearest;
  private double border;
  private int borderKey;

  Districts(int seed) {
    this.seed = seed;
  }

  /** Finds the district of a place; the answers are read from the other methods. */
  void find(double x, double y) {
    gather(Noise.floor(x / CELL), Noise.floor(y / CELL));
    nearest = 0;
    double least = Double.MAX_VALUE;
    for (int site = 0; site < 9; site++) {
      double square = square(site, x, y);
      if (square < least) {
        least = square;
        nearest = site;
      }
    }
    border = Double.MAX_VALUE;
    int across = nearest;
    for (int site = 0; site < 9; site++) {
      if (site == nearest) {
        continue;
      }
      double gap = Math.sqrt(square(site, siteX[nearest], siteY[nearest]));
      double distance = (square(site, x, y) - least) / (2 * gap);
      if (distance < border) {
        border = distance;
        across = site;
      }
    }
    borderKey = key(nearest) ^ key(across);
  }

  private double square(int site, double x, double y) {
    double dx = x - siteX[site];
    double dy = y - siteY[site];
    return dx * dx + dy * dy;
  }

  private void gather(int column, int row) {
    if (column == cellColumn && row == cellRow) {
      return;
    }
    cellColumn = column;
    cellRow = row;
    for (int site = 0; site < 9; site++) {
      siteX[site] = siteX(column - 1 + site % 3, row - 1 + site / 3);
      siteY[site] = siteY(column - 1 + site % 3, row - 1 + site / 3);
    }
  }

  private int key(int site) {
    return key(cellColumn - 1 + site % 3, cellRow - 1 + site / 3);
  }

  /** Key of the district of a cell. */
  int key(int column, int row) {
    return hash(seed + 90, column, row);
  }

  /** Where the district's middle lies, from the left. */
  double siteX(int column, int row) {
    return CELL * (column + 0.1 + 0.8 * unit(key(column, row), 1));
  }

  /** Where the district's middle lies, from the top. */
  double siteY(int column, int row) {
    return CELL * (row + 0.1 + 0.8 * unit(key(column, row), 2));
  }

  /** Column of the found district's cell. */
  int column() {
    return cellColumn - 1 + nearest % 3;
  }

  /** Row of the found district's cell. */
  int row() {
    return cellRow - 1 + nearest / 3;
  }

  /** Units to the found district's border. */
  double border() {
    return border;
  }

  /** Key of the border, the same from both sides. */
  int borderKey() {
    return borderKey;
  }
}
