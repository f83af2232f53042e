package io.landloom.geo.scene;

import java.io.Serializable;

/**
 * Place of a scene on the ground.
 *
 * @param crs coordinate reference system: {@code EPSG:n}, or WKT where it has no code
 * @param transform pixel corner to CRS as GDAL orders it: x = t0 + t1 * column + t2 * row, y = t3 +
 *     t4 * column + t5 * row
 */
public record Georeference(String crs, double[] transform) implements Serializable {
  /** Checks that there are six coefficients. */
  public Georeference {
    if (transform.length != 6) {
      throw new IllegalArgumentException(transform.length + " coefficients for a transform of 6");
    }
  }

  /** CRS x of a pixel corner. */
  public double x(double column, double row) {
    return transform[0] + transform[1] * column + transform[2] * row;
  }

  /** CRS y of a pixel corner. */
  public double y(double column, double row) {
    return transform[3] + transform[4] * column + transform[5] * row;
  }

  /** The place of the part that begins at a pixel corner. */
  public Georeference shifted(int column, int row) {
    return new Georeference(
        crs,
        new double[] {
          x(column, row), transform[1], transform[2], y(column, row), transform[4], transform[5]
        });
  }
}
