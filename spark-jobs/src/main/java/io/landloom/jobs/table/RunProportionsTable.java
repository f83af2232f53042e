package io.landloom.jobs.table;

import io.landloom.jobs.table.ClassProportionsTable.ClassProportion;

/**
 * {@code run_proportions}: one class of the patches of one tile run, or of the pairs of one
 * synthesize run, a row.
 */
public final class RunProportionsTable extends Table<RunProportionsTable.RunProportion> {
  /** The table's name. */
  public static final String NAME = "run_proportions";

  private static final String FIELDS =
      """
      required binary scope (STRING);
      required binary split (STRING);
      required binary source_run (STRING);
      required int32 class_index;
      required binary class_name (STRING);
      required int64 pixels;
      optional double proportion;
      required int64 patches;
      required int64 patches_with_class;
      required binary scheme (STRING);
      """;

  /**
   * A row.
   *
   * @param sourceRun the run that published what is counted
   * @param counted what is counted; it is of no scene
   */
  public record RunProportion(String sourceRun, ClassProportion counted) {}

  /** The table. */
  public RunProportionsTable() {
    super(NAME, FIELDS);
  }

  @Override
  public String key(RunProportion row) {
    ClassProportion counted = row.counted();
    return Keys.of(counted.scope(), counted.split(), row.sourceRun(), counted.position());
  }

  @Override
  public void write(RunProportion row, RowFields fields) {
    ClassProportion counted = row.counted();
    fields
        .text("scope", counted.scope())
        .text("split", counted.split())
        .text("source_run", row.sourceRun())
        .integer("class_index", counted.classIndex())
        .text("class_name", counted.className())
        .bigint("pixels", counted.pixels())
        .real("proportion", counted.proportion())
        .bigint("patches", counted.patches())
        .bigint("patches_with_class", counted.patchesWithClass())
        .text("scheme", counted.scheme());
  }
}
