package io.landloom.jobs.simulate;

/**
 * The terrain along one row of pixels, interpolated between nodes 16 pixels apart.
 *
 * <p>The nodes lie on one lattice for the whole scene, so a row is the same whichever was read
 * before.
 */
final class TerrainRows {
  private static final int STEP_BITS = 4;
  private static final int STEP = 1 << STEP_BITS;

  private final Terrain terrain;
  private final Districts districts;
  private final double zoom;
  private final int nodes;
  private NodeRow above;
  private NodeRow below;
  private final float[][] current;

  TerrainRows(Terrain terrain, Districts districts, double zoom, int width) {
    this.terrain = terrain;
    this.districts = districts;
    this.zoom = zoom;
    this.nodes = (width >> STEP_BITS) + 2;
    this.current = new float[Terrain.FIELDS][nodes];
  }

  /** Goes to a row of pixels. */
  void moveTo(int y) {
    int row = y >> STEP_BITS;
    if (above == null || above.row != row) {
      above = below != null && below.row == row ? below : new NodeRow(row);
      below = new NodeRow(row + 1);
    }
    float t = (float) (y & STEP - 1) / STEP;
    for (int field = 0; field < Terrain.FIELDS; field++) {
      float[] upper = above.fields[field];
      float[] lower = below.fields[field];
      float[] target = current[field];
      for (int node = 0; node < nodes; node++) {
        target[node] = upper[node] + (lower[node] - upper[node]) * t;
      }
    }
  }

  /** A field at a column of pixels. */
  double at(int field, int x) {
    float[] row = current[field];
    int node = x >> STEP_BITS;
    return row[node] + (row[node + 1] - row[node]) * ((x & STEP - 1) * (1.0 / STEP));
  }

  /** Key of the town a column of pixels belongs to. */
  int townKey(int x) {
    return above.towns[x >> STEP_BITS];
  }

  /** Whether the district's border may be within reach of a column of pixels. */
  boolean nearBorder(int x) {
    int node = x >> STEP_BITS;
    return above.nearBorder[node]
        || above.nearBorder[node + 1]
        || below.nearBorder[node]
        || below.nearBorder[node + 1];
  }

  /** Column of the cell of the district around a pixel that is not near a border. */
  int districtColumn(int x) {
    return above.districtColumns[x >> STEP_BITS];
  }

  /** Row of the cell of the district around a pixel that is not near a border. */
  int districtRow(int x) {
    return above.districtRows[x >> STEP_BITS];
  }

  private final class NodeRow {
    final int row;
    final float[][] fields = new float[Terrain.FIELDS][nodes];
    final int[] towns = new int[nodes];
    final int[] districtColumns = new int[nodes];
    final int[] districtRows = new int[nodes];
    final boolean[] nearBorder = new boolean[nodes];

    NodeRow(int row) {
      this.row = row;
      float[] place = new float[Terrain.FIELDS];
      double y = row * STEP / zoom;
      for (int node = 0; node < nodes; node++) {
        double x = node * STEP / zoom;
        terrain.fill(x, y, place);
        for (int field = 0; field < Terrain.FIELDS; field++) {
          fields[field][node] = place[field];
        }
        towns[node] = terrain.townKey(x, y);
        districts.find(x, y);
        districtColumns[node] = districts.column();
        districtRows[node] = districts.row();
        nearBorder[node] = districts.border() < 24 / zoom + Districts.REACH;
      }
    }
  }
}
