package io.landloom.jobs.table;

/**
 * {@code class_proportions}: one class of one scope a row.
 *
 * <p>Scopes are real (published patches), synthetic (published pairs) and mixed (both together).
 */
public final class ClassProportionsTable extends Table<ClassProportionsTable.ClassProportion> {
  /** The table's name. */
  public static final String NAME = "class_proportions";

  private static final String FIELDS =
      """
      required binary scope (STRING);
      required binary split (STRING);
      optional binary scene_id (STRING);
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
   * @param scope real, synthetic or mixed
   * @param split train, val, test, or all
   * @param sceneId one scene, or null for all scenes together
   * @param position place of the class in the scheme
   * @param classIndex the class
   * @param className its name
   * @param pixels pixels of the class
   * @param proportion share of the valid pixels, 0 to 1; null for unknown and without valid pixels
   * @param patches patches or pairs in the scope
   * @param patchesWithClass how many of them hold the class
   * @param scheme name of the land-cover scheme
   */
  public record ClassProportion(
      String scope,
      String split,
      String sceneId,
      int position,
      int classIndex,
      String className,
      long pixels,
      Double proportion,
      long patches,
      long patchesWithClass,
      String scheme) {}

  /** The table. */
  public ClassProportionsTable() {
    super(NAME, FIELDS);
  }

  @Override
  public String key(ClassProportion row) {
    return Keys.of(
        row.scope(), row.split(), row.sceneId() == null ? "" : row.sceneId(), row.position());
  }

  @Override
  public void write(ClassProportion row, RowFields fields) {
    fields
        .text("scope", row.scope())
        .text("split", row.split())
        .text("scene_id", row.sceneId())
        .integer("class_index", row.classIndex())
        .text("class_name", row.className())
        .bigint("pixels", row.pixels())
        .real("proportion", row.proportion())
        .bigint("patches", row.patches())
        .bigint("patches_with_class", row.patchesWithClass())
        .text("scheme", row.scheme());
  }
}
