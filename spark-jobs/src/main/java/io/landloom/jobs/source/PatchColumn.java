package io.landloom.jobs.source;

import io.landloom.geo.landcover.ClassCounts;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.patch.Footprint;
import io.landloom.geo.scene.Georeference;
import io.landloom.jobs.tile.RefusedSceneException;
import io.landloom.jobs.tile.SceneEntry;
import io.landloom.jobs.tile.TileRule;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** The columns of the data source; those that {@code patches} has too mean the same in both. */
enum PatchColumn {
  SCENE_ID(DataTypes.StringType, Source.HEADERS, p -> text(p.scene().id().name())),
  ROW(DataTypes.IntegerType, Source.HEADERS, CutPatch::row),
  COL(DataTypes.IntegerType, Source.HEADERS, CutPatch::column),
  X(DataTypes.IntegerType, Source.HEADERS, p -> p.window().x()),
  Y(DataTypes.IntegerType, Source.HEADERS, p -> p.window().y()),
  WIDTH(DataTypes.IntegerType, Source.HEADERS, p -> p.window().width()),
  HEIGHT(DataTypes.IntegerType, Source.HEADERS, p -> p.window().height()),
  BANDS(DataTypes.IntegerType, Source.HEADERS, p -> p.scene().pixels().bands()),
  DTYPE(DataTypes.StringType, Source.HEADERS, p -> text(p.scene().pixels().type().dtype())),
  IMAGE(DataTypes.BinaryType, Source.IMAGE, p -> p.image().samples()),
  MASK(DataTypes.BinaryType, Source.LABEL, p -> p.mask().map(ClassMask::indices).orElse(null)),
  CLASS_PIXELS(
      DataTypes.createArrayType(DataTypes.LongType, false),
      Source.LABEL,
      p -> p.counts().map(c -> UnsafeArrayData.fromPrimitiveArray(c.pixels())).orElse(null)),
  UNKNOWN_FRACTION(
      DataTypes.DoubleType,
      Source.LABEL,
      p -> p.counts().map(ClassCounts::unknownFraction).orElse(null)),
  CRS(DataTypes.StringType, Source.PLACE, p -> p.place().map(g -> text(g.crs())).orElse(null)),
  TRANSFORM(
      DataTypes.createArrayType(DataTypes.DoubleType, false),
      Source.PLACE,
      p -> p.place().map(PatchColumn::transform).orElse(null)),
  GEOMETRY(DataTypes.BinaryType, Source.PLACE, p -> p.footprint().map(Footprint::wkb).orElse(null)),
  BBOX(box(), Source.PLACE, p -> p.footprint().map(PatchColumn::bounds).orElse(null)),
  SOURCE_URI(DataTypes.StringType, Source.HEADERS, p -> text(p.scene().file().image())),
  SCHEME(DataTypes.StringType, Source.HEADERS, p -> text(p.rule().scheme().name()));

  /** What a column is made of. */
  private enum Source {
    /** Headers; every patch has it. */
    HEADERS,
    /** The scene's georeference, null without one. */
    PLACE,
    /** Pixels of the image. */
    IMAGE,
    /** Pixels of the label, null without one. */
    LABEL
  }

  /** The value of a column, as Spark holds it. */
  @FunctionalInterface
  private interface Value {
    Object of(CutPatch patch) throws RefusedSceneException;
  }

  private final DataType type;
  private final Source source;
  private final Value value;

  PatchColumn(DataType type, Source source, Value value) {
    this.type = type;
    this.source = source;
    this.value = value;
  }

  /** All columns in their order. */
  static List<PatchColumn> all() {
    return List.of(values());
  }

  /** The column of a name. */
  static PatchColumn named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** The schema of some columns. */
  static StructType schema(List<PatchColumn> columns) {
    return new StructType(columns.stream().map(PatchColumn::field).toArray(StructField[]::new));
  }

  /** The column's name. */
  String column() {
    return name().toLowerCase(Locale.ROOT);
  }

  private StructField field() {
    boolean always = source == Source.HEADERS || source == Source.IMAGE;
    return new StructField(column(), type, !always, Metadata.empty());
  }

  /** Whether the column needs pixels of the image. */
  boolean needsImage() {
    return source == Source.IMAGE;
  }

  /** Whether the column needs pixels of the label. */
  boolean needsLabel() {
    return source == Source.LABEL;
  }

  /** The column's value of a patch, as Spark holds it. */
  Object value(CutPatch patch) throws RefusedSceneException {
    return value.of(patch);
  }

  /** About how many bytes the column takes in a row. */
  long bytes(SceneEntry scene, TileRule rule) {
    long pixels = (long) rule.size() * rule.size();
    return switch (this) {
      case IMAGE -> pixels * scene.pixels().bytes();
      case MASK -> pixels;
      case CLASS_PIXELS -> (long) Long.BYTES * rule.scheme().size();
      default -> type.defaultSize();
    };
  }

  private static UTF8String text(String text) {
    return UTF8String.fromString(text);
  }

  private static Object transform(Georeference place) {
    return UnsafeArrayData.fromPrimitiveArray(place.transform());
  }

  private static StructType box() {
    return new StructType(
        Arrays.stream(new String[] {"xmin", "ymin", "xmax", "ymax"})
            .map(side -> new StructField(side, DataTypes.DoubleType, false, Metadata.empty()))
            .toArray(StructField[]::new));
  }

  private static Object bounds(Footprint footprint) {
    double[] box = footprint.bbox();
    return new GenericInternalRow(new Object[] {box[0], box[1], box[2], box[3]});
  }
}
