package io.landloom.jobs.table;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The footer entry {@code geo} of GeoParquet 1.1: outlines as WKB, with their bounds in a column.
 *
 * <p>No CRS is named, which means OGC:CRS84. A file without any outline has the entry too, with no
 * geometry type and no bounds: readers take the entry of a folder's first file for all of it, and
 * one that finds none refuses the folder.
 */
final class GeoFooter {
  static final String KEY = "geo";

  private static final List<String> SIDES = List.of("xmin", "ymin", "xmax", "ymax");

  private final double[] bounds = {
    Double.POSITIVE_INFINITY,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.NEGATIVE_INFINITY
  };

  /** Takes in the bounds of a row: xmin, ymin, xmax, ymax in degrees; null for one without. */
  void add(double[] bbox) {
    if (bbox != null) {
      for (int side = 0; side < 2; side++) {
        bounds[side] = Math.min(bounds[side], bbox[side]);
        bounds[side + 2] = Math.max(bounds[side + 2], bbox[side + 2]);
      }
    }
  }

  /** The entry for the rows so far. */
  String text() {
    Map<String, Object> covering = new TreeMap<>();
    SIDES.forEach(side -> covering.put(side, List.of("bbox", side)));
    Map<String, Object> column = new TreeMap<>();
    column.put("encoding", "WKB");
    column.put("covering", Map.of("bbox", covering));
    boolean placed = bounds[0] <= bounds[2];
    column.put("geometry_types", placed ? List.of("Polygon") : List.of());
    if (placed) {
      column.put("bbox", List.of(bounds[0], bounds[1], bounds[2], bounds[3]));
    }
    Map<String, Object> geo = new TreeMap<>();
    geo.put("version", "1.1.0");
    geo.put("primary_column", "geometry");
    geo.put("columns", Map.of("geometry", column));
    return ConfigValueFactory.fromMap(geo).render(ConfigRenderOptions.concise());
  }
}
