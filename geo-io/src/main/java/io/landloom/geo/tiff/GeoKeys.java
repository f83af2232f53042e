package io.landloom.geo.tiff;

import io.landloom.geo.scene.Georeference;
import io.landloom.geo.source.SceneFormatException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.geotools.api.referencing.FactoryException;
import org.geotools.api.referencing.crs.CoordinateReferenceSystem;
import org.geotools.api.referencing.crs.GeographicCRS;
import org.geotools.api.referencing.crs.ProjectedCRS;
import org.geotools.referencing.CRS;

/** The georeference of a TIFF's tags and back (OGC GeoTIFF 1.1). */
final class GeoKeys {
  private static final int MODEL_TYPE = 1024;
  private static final int RASTER_TYPE = 1025;
  private static final int GEODETIC_CRS = 2048;
  private static final int PROJECTED_CRS = 3072;
  private static final int PROJECTED_LINEAR_UNITS = 3076;
  private static final int PROJECTED = 1;
  private static final int GEOGRAPHIC = 2;
  private static final int PIXEL_IS_AREA = 1;
  private static final int PIXEL_IS_POINT = 2;
  private static final int METRE = 9001;
  private static final int LAST_CODE = 32766;

  private final Ifd ifd;
  private final Map<Integer, Integer> keys;

  private GeoKeys(Ifd ifd) throws IOException {
    this.ifd = ifd;
    this.keys = keys(ifd);
  }

  /**
   * Where a file says that its image lies.
   *
   * @param georeference an affine transform to an EPSG code, null if the file gives no such thing
   * @param words what the file gives, in words
   * @param crs {@code EPSG:n} of the CRS, null where it names none or defines one of its own
   */
  record Placement(Georeference georeference, String words, String crs) {}

  /**
   * Where the image lies; without a georeference where the file does not say, or says it with a CRS
   * of its own, in units other than metres, or by control points.
   */
  static Placement placement(Ifd ifd) throws IOException {
    boolean affine =
        ifd.has(TiffTag.MODEL_TRANSFORMATION)
            || (ifd.has(TiffTag.MODEL_PIXEL_SCALE) && ifd.has(TiffTag.MODEL_TIEPOINT));
    String way = affine ? "affine" : controlPoints(ifd);
    if (!ifd.has(TiffTag.GEO_KEY_DIRECTORY)) {
      return new Placement(null, way.isEmpty() ? "none" : way + " without a CRS", null);
    }
    GeoKeys keys = new GeoKeys(ifd);
    int code = keys.code();
    if (code == 0) {
      String words = (way.isEmpty() ? "" : way + " to ") + "a CRS without an EPSG code";
      return new Placement(null, words, null);
    }
    String crs = "EPSG:" + code;
    if (!affine) {
      return new Placement(null, way.isEmpty() ? "a CRS without a transform" : way, crs);
    }
    return new Placement(new Georeference(crs, keys.transform()), way, crs);
  }

  private static String controlPoints(Ifd ifd) {
    long points = ifd.count(TiffTag.MODEL_TIEPOINT) / 6;
    return points == 0 ? "" : points == 1 ? "1 control point" : points + " control points";
  }

  /**
   * The EPSG code of a georeference.
   *
   * @throws IllegalArgumentException if its CRS is not {@code EPSG:n} with n of 1 to 32766
   */
  static int code(Georeference place) {
    String number = place.crs().startsWith("EPSG:") ? place.crs().substring(5) : "";
    int code = number.matches("[0-9]{1,5}") ? Integer.parseInt(number) : 0;
    if (code < 1 || code > LAST_CODE) {
      throw new IllegalArgumentException(
          "CRS '" + place.crs() + "' cannot be written, only EPSG:1 to EPSG:" + LAST_CODE);
    }
    return code;
  }

  /**
   * The GeoTIFF model of a georeference's CRS.
   *
   * @throws IllegalArgumentException if its CRS is not {@code EPSG:n}, or neither projected nor
   *     geographic
   */
  static int model(Georeference place) {
    int code = code(place);
    if (code / 100 == 326 || code / 100 == 327) {
      return PROJECTED;
    }
    CoordinateReferenceSystem crs;
    try {
      crs = CRS.decode("EPSG:" + code, true);
    } catch (FactoryException e) {
      throw new IllegalArgumentException("CRS 'EPSG:" + code + "' is not known", e);
    }
    if (crs instanceof ProjectedCRS) {
      return PROJECTED;
    }
    if (crs instanceof GeographicCRS && crs.getCoordinateSystem().getDimension() == 2) {
      return GEOGRAPHIC;
    }
    throw new IllegalArgumentException(
        "CRS 'EPSG:"
            + code
            + "' ("
            + crs.getName().getCode()
            + ") cannot be written, only projected and two-dimensional geographic ones");
  }

  /** Adds the tags of a georeference. */
  static void write(Georeference place, TiffIfdBuilder ifd) {
    double[] t = place.transform();
    if (t[2] == 0 && t[4] == 0 && t[1] > 0 && t[5] < 0) {
      ifd.doubles(TiffTag.MODEL_PIXEL_SCALE, t[1], -t[5], 0);
      ifd.doubles(TiffTag.MODEL_TIEPOINT, 0, 0, 0, t[0], t[3], 0);
    } else {
      ifd.doubles(
          TiffTag.MODEL_TRANSFORMATION,
          new double[] {t[1], t[2], 0, t[0], t[4], t[5], 0, t[3], 0, 0, 0, 0, 0, 0, 0, 1});
    }
    int code = code(place);
    int model = model(place);
    long[] keys = {
      1,
      1,
      0,
      3,
      MODEL_TYPE,
      0,
      1,
      model,
      RASTER_TYPE,
      0,
      1,
      PIXEL_IS_AREA,
      model == GEOGRAPHIC ? GEODETIC_CRS : PROJECTED_CRS,
      0,
      1,
      code
    };
    ifd.shorts(TiffTag.GEO_KEY_DIRECTORY, keys);
  }

  private static Map<Integer, Integer> keys(Ifd ifd) throws IOException {
    long[] directory = ifd.numbers(TiffTag.GEO_KEY_DIRECTORY);
    if (directory.length < 4 || directory[3] > (directory.length - 4) / 4) {
      throw ifd.refusal(
          TiffTag.GEO_KEY_DIRECTORY,
          "of " + directory.length + " values is shorter than the number of keys it states");
    }
    Map<Integer, Integer> keys = new HashMap<>();
    for (int key = 1; key <= directory[3]; key++) {
      if (directory[4 * key + 1] == 0) {
        keys.put((int) directory[4 * key], (int) directory[4 * key + 3]);
      }
    }
    return keys;
  }

  private int code() {
    int code =
        switch (keys.getOrDefault(MODEL_TYPE, 0)) {
          case PROJECTED ->
              keys.getOrDefault(PROJECTED_LINEAR_UNITS, METRE) == METRE
                  ? keys.getOrDefault(PROJECTED_CRS, 0)
                  : 0;
          case GEOGRAPHIC -> keys.getOrDefault(GEODETIC_CRS, 0);
          default -> 0;
        };
    return code >= 1 && code <= LAST_CODE ? code : 0;
  }

  private double[] transform() throws IOException {
    double[] matrix = ifd.doubles(TiffTag.MODEL_TRANSFORMATION);
    double[] transform = matrix.length > 0 ? ofMatrix(matrix) : ofTiepoint();
    if (keys.getOrDefault(RASTER_TYPE, PIXEL_IS_AREA) == PIXEL_IS_POINT) {
      transform[0] -= (transform[1] + transform[2]) / 2;
      transform[3] -= (transform[4] + transform[5]) / 2;
    }
    double determinant = transform[1] * transform[5] - transform[2] * transform[4];
    double sum = determinant + transform[0] + transform[3];
    if (!Double.isFinite(sum) || determinant == 0) {
      throw ifd.refusal("its georeference maps pixels to no area");
    }
    return transform;
  }

  private double[] ofMatrix(double[] m) throws SceneFormatException {
    if (m.length != 16) {
      throw ifd.refusal(TiffTag.MODEL_TRANSFORMATION, "has " + m.length + " values, not 16");
    }
    return new double[] {m[3], m[0], m[1], m[7], m[4], m[5]};
  }

  private double[] ofTiepoint() throws IOException {
    double[] scale = ifd.doubles(TiffTag.MODEL_PIXEL_SCALE);
    double[] tie = ifd.doubles(TiffTag.MODEL_TIEPOINT);
    if (scale.length < 2) {
      throw ifd.refusal(TiffTag.MODEL_PIXEL_SCALE, "has " + scale.length + " values, not 3");
    }
    if (tie.length < 6) {
      throw ifd.refusal(TiffTag.MODEL_TIEPOINT, "has " + tie.length + " values, not 6");
    }
    double x = tie[3] - tie[0] * scale[0];
    double y = tie[4] + tie[1] * scale[1];
    return new double[] {x, scale[0], 0, y, 0, -scale[1]};
  }
}
