package io.landloom.geo.patch;

import io.landloom.geo.scene.Georeference;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.source.SceneFormatException;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.geotools.api.referencing.FactoryException;
import org.geotools.api.referencing.crs.CoordinateReferenceSystem;
import org.geotools.api.referencing.operation.MathTransform;
import org.geotools.api.referencing.operation.TransformException;
import org.geotools.referencing.CRS;
import org.geotools.referencing.crs.DefaultGeographicCRS;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Envelope;
import org.locationtech.jts.geom.GeometryFactory;
import org.locationtech.jts.geom.Polygon;
import org.locationtech.jts.io.ByteOrderValues;
import org.locationtech.jts.io.WKBWriter;

/**
 * The ground that a window of a scene covers: a polygon in CRS84, longitude before latitude, in
 * degrees.
 *
 * <p>Only the four corners are projected, which is exact enough for patches of some kilometres; a
 * window across the antimeridian is not cut.
 */
public final class Footprint {
  private static final ConcurrentMap<String, MathTransform> TRANSFORMS = new ConcurrentHashMap<>();

  private final Polygon polygon;

  private Footprint(Polygon polygon) {
    this.polygon = polygon;
  }

  /**
   * The footprint of a window; empty where the scene has no georeference.
   *
   * @throws SceneFormatException if the scene's CRS is unknown or the window lies outside its use
   */
  public static Optional<Footprint> of(SceneHeader header, PatchWindow window)
      throws SceneFormatException {
    return header.georeference() == null
        ? Optional.empty()
        : Optional.of(of(header.georeference(), window));
  }

  /**
   * The footprint of a window.
   *
   * @throws SceneFormatException if the CRS is unknown or the window lies outside its use
   */
  public static Footprint of(Georeference place, PatchWindow window) throws SceneFormatException {
    double left = window.x();
    double top = window.y();
    double right = left + window.width();
    double bottom = top + window.height();
    double[] corners = {left, top, left, bottom, right, bottom, right, top};
    double[] source = new double[8];
    for (int i = 0; i < 8; i += 2) {
      source[i] = place.x(corners[i], corners[i + 1]);
      source[i + 1] = place.y(corners[i], corners[i + 1]);
    }
    double[] degrees = new double[8];
    try {
      transform(place.crs()).transform(source, 0, degrees, 0, 4);
    } catch (TransformException e) {
      throw new SceneFormatException(place.crs(), window + " lies outside the CRS's use", e);
    }
    return new Footprint(polygon(place, window, degrees));
  }

  private static Polygon polygon(Georeference place, PatchWindow window, double[] degrees)
      throws SceneFormatException {
    Coordinate[] ring = new Coordinate[5];
    for (int i = 0; i < 4; i++) {
      if (!Double.isFinite(degrees[2 * i]) || !Double.isFinite(degrees[2 * i + 1])) {
        throw new SceneFormatException(place.crs(), window + " lies outside the CRS's use");
      }
      ring[i] = new Coordinate(degrees[2 * i], degrees[2 * i + 1]);
    }
    ring[4] = ring[0].copy();
    return new GeometryFactory().createPolygon(ring);
  }

  private static MathTransform transform(String crs) throws SceneFormatException {
    MathTransform known = TRANSFORMS.get(crs);
    if (known != null) {
      return known;
    }
    try {
      CoordinateReferenceSystem source =
          crs.startsWith("EPSG:") ? CRS.decode(crs, true) : CRS.parseWKT(crs);
      MathTransform transform = CRS.findMathTransform(source, DefaultGeographicCRS.WGS84, true);
      if (transform.getSourceDimensions() != 2 || transform.getTargetDimensions() != 2) {
        throw new SceneFormatException(crs, "is not a CRS of two dimensions");
      }
      TRANSFORMS.put(crs, transform);
      return transform;
    } catch (FactoryException e) {
      throw new SceneFormatException(crs, "is not a CRS with a way to WGS 84", e);
    }
  }

  /** The polygon as well-known binary, little endian, two dimensions, no SRID. */
  public byte[] wkb() {
    return new WKBWriter(2, ByteOrderValues.LITTLE_ENDIAN).write(polygon);
  }

  /** The bounds in degrees: xmin, ymin, xmax, ymax, x being longitude. */
  public double[] bbox() {
    Envelope bounds = polygon.getEnvelopeInternal();
    return new double[] {bounds.getMinX(), bounds.getMinY(), bounds.getMaxX(), bounds.getMaxY()};
  }

  /** The polygon as well-known text. */
  @Override
  public String toString() {
    return polygon.toText();
  }
}
