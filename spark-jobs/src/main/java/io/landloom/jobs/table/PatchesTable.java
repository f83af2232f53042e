package io.landloom.jobs.table;

import java.util.Map;

/** {@code patches}: one kept patch a row, keyed by scene, row and column. */
public final class PatchesTable extends Table<PatchRow> {
  /** The table's name. */
  public static final String NAME = "patches";

  private static final String FIELDS =
      """
      required binary scene_id (STRING);
      required int32 row;
      required int32 col;
      required int32 x;
      required int32 y;
      required binary split (STRING);
      optional group image { optional binary bytes; optional binary path (STRING); }
      optional group mask { optional binary bytes; optional binary path (STRING); }
      optional binary mask_source (STRING);
      optional double uncertainty;
      required int32 width;
      required int32 height;
      required int32 bands;
      required binary dtype (STRING);
      required binary image_format (STRING);
      optional binary mask_format (STRING);
      optional group class_pixels (LIST) { repeated group list { required int64 element; } }
      optional double unknown_fraction;
      optional binary crs (STRING);
      optional group transform (LIST) { repeated group list { required double element; } }
      optional binary geometry;
      optional group bbox {
        required double xmin; required double ymin;
        required double xmax; required double ymax; }
      required binary source_uri (STRING);
      required binary source_checksum (STRING);
      required binary scheme (STRING);
      """;

  private final PixelFormat images;
  private final PixelFormat masks;

  /**
   * The table.
   *
   * @param images how images are stored
   * @param masks how masks are stored
   */
  public PatchesTable(PixelFormat images, PixelFormat masks) {
    super(NAME, FIELDS);
    this.images = images;
    this.masks = masks;
  }

  @Override
  Map<String, PixelFormat> pixels() {
    return Map.of("image", images, "mask", masks);
  }

  @Override
  double[] bounds(PatchRow row) {
    return row.bbox();
  }

  @Override
  public String key(PatchRow row) {
    return Keys.of(row.sceneId(), row.row(), row.column());
  }

  @Override
  public void write(PatchRow row, RowFields fields) {
    fields
        .text("scene_id", row.sceneId())
        .integer("row", row.row())
        .integer("col", row.column())
        .integer("x", row.x())
        .integer("y", row.y())
        .text("split", row.split())
        .image("image", row.image())
        .image("mask", row.mask())
        .text("mask_source", row.mask() == null ? null : row.maskSource().text())
        .real("uncertainty", row.uncertainty())
        .integer("width", row.width())
        .integer("height", row.height())
        .integer("bands", row.bands())
        .text("dtype", row.dtype())
        .text("image_format", images.text())
        .text("mask_format", row.mask() == null ? null : masks.text())
        .bigints("class_pixels", row.classPixels())
        .real("unknown_fraction", row.unknownFraction())
        .text("crs", row.crs())
        .reals("transform", row.transform())
        .bytes("geometry", row.geometry())
        .box("bbox", row.bbox())
        .text("source_uri", row.sourceUri())
        .text("source_checksum", row.sourceChecksum())
        .text("scheme", row.scheme());
  }
}
