package io.landloom.jobs.table;

import io.landloom.jobs.table.ClassProportionsTable.ClassProportion;

/** {@code class_drift}: how far one class's share is from that in another population, a row. */
public final class ClassDriftTable extends Table<ClassDriftTable.ClassDrift> {
  /** The table's name. */
  public static final String NAME = "class_drift";

  private static final double POINTS = 100;

  private static final String FIELDS =
      """
      required binary split (STRING);
      required binary from_scope (STRING);
      optional binary from_run (STRING);
      required binary to_scope (STRING);
      optional binary to_run (STRING);
      required int32 class_index;
      required binary class_name (STRING);
      optional double from_proportion;
      optional double to_proportion;
      optional double drift;
      required binary scheme (STRING);
      """;

  /**
   * A row.
   *
   * @param fromRun the run that the first population is of, or null for all runs together
   * @param from the class in the first population
   * @param toRun the run that the second population is of, or null for all runs together
   * @param to the same class in the second population, of the same split
   */
  public record ClassDrift(String fromRun, ClassProportion from, String toRun, ClassProportion to) {

    /** By how many percentage points the share grows; null where one has none. */
    Double drift() {
      return from.proportion() == null || to.proportion() == null
          ? null
          : Double.valueOf(POINTS * (to.proportion() - from.proportion()));
    }
  }

  /** The table. */
  public ClassDriftTable() {
    super(NAME, FIELDS);
  }

  @Override
  public String key(ClassDrift row) {
    return Keys.of(
        row.from().split(),
        row.from().scope(),
        row.fromRun() == null ? "" : row.fromRun(),
        row.to().scope(),
        row.toRun() == null ? "" : row.toRun(),
        row.from().position());
  }

  @Override
  public void write(ClassDrift row, RowFields fields) {
    fields
        .text("split", row.from().split())
        .text("from_scope", row.from().scope())
        .text("from_run", row.fromRun())
        .text("to_scope", row.to().scope())
        .text("to_run", row.toRun())
        .integer("class_index", row.from().classIndex())
        .text("class_name", row.from().className())
        .real("from_proportion", row.from().proportion())
        .real("to_proportion", row.to().proportion())
        .real("drift", row.drift())
        .text("scheme", row.from().scheme());
  }
}
