package io.landloom.jobs.table;

/** {@code patch_classes}: one class of one patch a row, dropped patches too. */
public final class PatchClassesTable extends Table<PatchClassesTable.PatchClass> {
  /** The table's name. */
  public static final String NAME = "patch_classes";

  private static final String FIELDS =
      """
      required binary scene_id (STRING);
      required int32 row;
      required int32 col;
      required binary split (STRING);
      required int32 class_index;
      required binary class_name (STRING);
      required int64 pixels;
      optional double proportion;
      required boolean kept;
      optional binary drop_reason (STRING);
      """;

  /**
   * A row.
   *
   * @param sceneId the scene
   * @param row row of patches in the scene
   * @param column column of patches in the scene
   * @param split train, val or test
   * @param position place of the class in the scheme
   * @param classIndex the class
   * @param className its name
   * @param pixels pixels of the class in the patch
   * @param proportion share of the valid pixels; null for unknown and without valid pixels
   * @param dropReason why the patch was dropped, null for a kept one
   */
  public record PatchClass(
      String sceneId,
      int row,
      int column,
      String split,
      int position,
      int classIndex,
      String className,
      long pixels,
      Double proportion,
      String dropReason) {}

  /** The table. */
  public PatchClassesTable() {
    super(NAME, FIELDS);
  }

  @Override
  public String key(PatchClass row) {
    return Keys.of(row.sceneId(), row.row(), row.column(), row.position());
  }

  @Override
  public void write(PatchClass row, RowFields fields) {
    fields
        .text("scene_id", row.sceneId())
        .integer("row", row.row())
        .integer("col", row.column())
        .text("split", row.split())
        .integer("class_index", row.classIndex())
        .text("class_name", row.className())
        .bigint("pixels", row.pixels())
        .real("proportion", row.proportion())
        .truth("kept", row.dropReason() == null)
        .text("drop_reason", row.dropReason());
  }
}
