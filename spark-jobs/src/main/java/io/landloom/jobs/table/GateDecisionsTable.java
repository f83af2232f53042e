package io.landloom.jobs.table;

import io.landloom.synthesis.gate.GateDecision;

/** {@code gate_decisions}: what one measure of one gate said of one draw a row. */
public final class GateDecisionsTable extends Table<GateDecisionsTable.DecisionRow> {
  /** The table's name. */
  public static final String NAME = "gate_decisions";

  private static final String FIELDS =
      """
      required binary condition (STRING);
      required int32 copy;
      required int32 draw;
      required binary scene_id (STRING);
      required int32 row;
      required int32 col;
      required binary patches_run (STRING);
      required binary gate (STRING);
      required binary measure (STRING);
      required double value;
      required double threshold;
      required boolean accepted;
      """;

  /**
   * A row.
   *
   * @param condition the condition's key
   * @param copy number of the copy, from 0
   * @param draw number of the draw, from 0
   * @param sceneId scene of the mask
   * @param row row of the mask's patch
   * @param column column of the mask's patch
   * @param patchesRun run that published the mask
   * @param number place of the decision among those of the draw, from 0
   * @param decision what was decided
   */
  public record DecisionRow(
      String condition,
      int copy,
      int draw,
      String sceneId,
      int row,
      int column,
      String patchesRun,
      int number,
      GateDecision decision) {}

  /** The table. */
  public GateDecisionsTable() {
    super(NAME, FIELDS);
  }

  @Override
  public String key(DecisionRow row) {
    return Keys.of(
        row.patchesRun(),
        row.sceneId(),
        row.row(),
        row.column(),
        row.copy(),
        row.draw(),
        row.number());
  }

  @Override
  public void write(DecisionRow row, RowFields fields) {
    fields
        .text("condition", row.condition())
        .integer("copy", row.copy())
        .integer("draw", row.draw())
        .text("scene_id", row.sceneId())
        .integer("row", row.row())
        .integer("col", row.column())
        .text("patches_run", row.patchesRun())
        .text("gate", row.decision().gate())
        .text("measure", row.decision().measure())
        .real("value", row.decision().value())
        .real("threshold", row.decision().threshold())
        .truth("accepted", row.decision().accepted());
  }
}
