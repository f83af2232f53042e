package io.landloom.jobs.table;

import io.landloom.geo.image.SampleType;
import java.util.Map;

/** {@code pairs}: one accepted synthetic image-mask pair a row, keyed by condition and copy. */
public final class PairsTable extends Table<PairsTable.PairRow> {
  /** The table's name. */
  public static final String NAME = "pairs";

  private static final String FIELDS =
      """
      required binary condition (STRING);
      required int32 copy;
      required int32 draw;
      required binary scene_id (STRING);
      required int32 row;
      required int32 col;
      required binary split (STRING);
      required binary patches_run (STRING);
      optional int32 redrawn_class;
      optional group image { optional binary bytes; optional binary path (STRING); }
      optional group mask { optional binary bytes; optional binary path (STRING); }
      required int32 width;
      required int32 height;
      required int32 bands;
      required binary dtype (STRING);
      required binary image_format (STRING);
      required binary mask_format (STRING);
      required group class_pixels (LIST) { repeated group list { required int64 element; } }
      required binary scheme (STRING);
      required binary synthesizer (STRING);
      required binary model_digest (STRING);
      required int64 seed;
      required binary device (STRING);
      required group versions {
        required binary landloom (STRING);
        required binary libtorch (STRING); }
      """;

  /**
   * A row.
   *
   * @param condition the condition's key
   * @param copy number of the copy, from 0
   * @param draw redraws a gate asked for, from 0
   * @param sceneId scene of the mask
   * @param row row of the mask's patch
   * @param column column of the mask's patch
   * @param split split of the mask's patch
   * @param patchesRun run that published the mask
   * @param redrawnClass the one class that was redrawn, null where all were
   * @param image the synthetic image, stored as the table says
   * @param mask palette PNG of the class indices
   * @param width pixels a row
   * @param height rows of pixels
   * @param bands samples a pixel
   * @param classPixels pixels by class, in the scheme's order
   * @param scheme name of the land-cover scheme
   * @param lineage what made the image
   */
  public record PairRow(
      String condition,
      int copy,
      int draw,
      String sceneId,
      int row,
      int column,
      String split,
      String patchesRun,
      Integer redrawnClass,
      EncodedImage image,
      EncodedImage mask,
      int width,
      int height,
      int bands,
      long[] classPixels,
      String scheme,
      Lineage lineage) {}

  /**
   * What made an image.
   *
   * @param synthesizer name of the synthesizer
   * @param modelDigest digest of its weights and inference form
   * @param seed the run's seed
   * @param device device it ran on
   * @param landloom version of Landloom
   * @param libtorch version of libtorch
   */
  public record Lineage(
      String synthesizer,
      String modelDigest,
      long seed,
      String device,
      String landloom,
      String libtorch) {}

  private final PixelFormat images;

  /**
   * The table.
   *
   * @param images how the synthetic images are stored; masks are PNGs
   */
  public PairsTable(PixelFormat images) {
    super(NAME, FIELDS);
    this.images = images;
  }

  @Override
  Map<String, PixelFormat> pixels() {
    return Map.of("image", images, "mask", PixelFormat.PNG);
  }

  @Override
  public String key(PairRow row) {
    return Keys.of(row.patchesRun(), row.sceneId(), row.row(), row.column(), row.copy());
  }

  @Override
  public void write(PairRow row, RowFields fields) {
    fields
        .text("condition", row.condition())
        .integer("copy", row.copy())
        .integer("draw", row.draw())
        .text("scene_id", row.sceneId())
        .integer("row", row.row())
        .integer("col", row.column())
        .text("split", row.split())
        .text("patches_run", row.patchesRun())
        .integer("redrawn_class", row.redrawnClass())
        .image("image", row.image())
        .image("mask", row.mask())
        .integer("width", row.width())
        .integer("height", row.height())
        .integer("bands", row.bands())
        .text("dtype", SampleType.UINT8.dtype())
        .text("image_format", images.text())
        .text("mask_format", PixelFormat.PNG.text())
        .bigints("class_pixels", row.classPixels())
        .text("scheme", row.scheme())
        .text("synthesizer", row.lineage().synthesizer())
        .text("model_digest", row.lineage().modelDigest())
        .bigint("seed", row.lineage().seed())
        .text("device", row.lineage().device())
        .texts("versions", row.lineage().landloom(), row.lineage().libtorch());
  }
}
