package io.landloom.jobs.table;

/** {@code synthesis_plan}: one conditioning mask to use a row, and where to read it. */
public final class SynthesisPlanTable extends Table<SynthesisPlanTable.PlannedCondition> {
  /** The table's name. */
  public static final String NAME = "synthesis_plan";

  private static final String FIELDS =
      """
      required binary condition (STRING);
      required binary scene_id (STRING);
      required int32 row;
      required int32 col;
      required int32 copies;
      optional int32 spares;
      optional int32 redrawn_class;
      required binary reason (STRING);
      required binary patches_run (STRING);
      required int32 patches_bucket;
      optional group layout_shares (LIST) { repeated group list { required double element; } }
      """;

  /**
   * A row.
   *
   * @param condition the condition's key
   * @param sceneId scene of the mask
   * @param row row of the mask's patch
   * @param column column of the mask's patch
   * @param copies pairs to make
   * @param spares pairs more that may be made where gates give up others of the bucket; null where
   *     none is made good
   * @param redrawnClass the one class to redraw, null to redraw all
   * @param reason why the mask was chosen
   * @param patchesRun run that published the mask; of a layout, the plan's own
   * @param patchesBucket bucket of that run
   * @param layoutShares shares of the valid classes of a mask that is to be drawn; null for one
   *     that is there
   */
  public record PlannedCondition(
      String condition,
      String sceneId,
      int row,
      int column,
      int copies,
      Integer spares,
      Integer redrawnClass,
      String reason,
      String patchesRun,
      int patchesBucket,
      double[] layoutShares) {
    /** A mask that is there. */
    public PlannedCondition(
        String condition,
        String sceneId,
        int row,
        int column,
        int copies,
        Integer spares,
        Integer redrawnClass,
        String reason,
        String patchesRun,
        int patchesBucket) {
      this(
          condition,
          sceneId,
          row,
          column,
          copies,
          spares,
          redrawnClass,
          reason,
          patchesRun,
          patchesBucket,
          null);
    }
  }

  /** The table. */
  public SynthesisPlanTable() {
    super(NAME, FIELDS);
  }

  @Override
  public String key(PlannedCondition row) {
    return Keys.of(row.patchesRun(), row.sceneId(), row.row(), row.column());
  }

  @Override
  public void write(PlannedCondition row, RowFields fields) {
    fields
        .text("condition", row.condition())
        .text("scene_id", row.sceneId())
        .integer("row", row.row())
        .integer("col", row.column())
        .integer("copies", row.copies())
        .integer("spares", row.spares())
        .integer("redrawn_class", row.redrawnClass())
        .text("reason", row.reason())
        .text("patches_run", row.patchesRun())
        .integer("patches_bucket", row.patchesBucket())
        .reals("layout_shares", row.layoutShares());
  }
}
