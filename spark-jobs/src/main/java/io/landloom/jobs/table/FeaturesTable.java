package io.landloom.jobs.table;

/** {@code features}: one inner map of a diffusion model for one patch a row. */
public final class FeaturesTable extends Table<FeaturesTable.FeatureRow> {
  /** The table's name. */
  public static final String NAME = "features";

  private static final String FIELDS =
      """
      required binary scene_id (STRING);
      required int32 row;
      required int32 col;
      required binary split (STRING);
      required binary patches_run (STRING);
      required int32 timestep;
      required double signal;
      required binary half (STRING);
      required int32 block;
      required int32 channels;
      required int32 height;
      required int32 width;
      required binary dtype (STRING);
      required binary values;
      required binary model_digest (STRING);
      """;

  /**
   * A row.
   *
   * @param sceneId scene of the patch
   * @param row row of the patch
   * @param column column of the patch
   * @param split split of the patch
   * @param patchesRun run that published the patch
   * @param timestep timestep of the model's schedule
   * @param signal share of the signal in the variance there
   * @param half half of the network: encoder or decoder
   * @param block number of the block in it
   * @param channels channels of the map
   * @param height rows of the map
   * @param width pixels of a row
   * @param dtype type of a value, by NumPy's name
   * @param values (channels, height, width), row-major, little endian
   * @param modelDigest digest of the model
   */
  public record FeatureRow(
      String sceneId,
      int row,
      int column,
      String split,
      String patchesRun,
      int timestep,
      double signal,
      String half,
      int block,
      int channels,
      int height,
      int width,
      String dtype,
      byte[] values,
      String modelDigest) {}

  /** The table. */
  public FeaturesTable() {
    super(NAME, FIELDS);
  }

  @Override
  public String key(FeatureRow row) {
    return Keys.of(
        row.patchesRun(), row.sceneId(), row.row(), row.column(), row.timestep(), row.block());
  }

  @Override
  public void write(FeatureRow row, RowFields fields) {
    fields
        .text("scene_id", row.sceneId())
        .integer("row", row.row())
        .integer("col", row.column())
        .text("split", row.split())
        .text("patches_run", row.patchesRun())
        .integer("timestep", row.timestep())
        .real("signal", row.signal())
        .text("half", row.half())
        .integer("block", row.block())
        .integer("channels", row.channels())
        .integer("height", row.height())
        .integer("width", row.width())
        .text("dtype", row.dtype())
        .bytes("values", row.values())
        .text("model_digest", row.modelDigest());
  }
}
