package io.landloom.jobs.table;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import java.util.Map;
import java.util.TreeMap;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

/**
 * The footer entry by which Hugging Face's {@code datasets} knows which columns are images.
 *
 * <p>It believes the entry of a column only where the column's Arrow type is exactly that of the
 * feature, so images and their fields must be optional in the schema.
 */
final class HuggingFaceFooter {
  static final String KEY = "huggingface";

  private HuggingFaceFooter() {}

  /**
   * The features of a table.
   *
   * @param pixels how the columns that hold pixels are stored; PNGs are claimed as images
   */
  static String of(MessageType schema, Map<String, PixelFormat> pixels) {
    Map<String, Object> features = new TreeMap<>();
    for (Type field : schema.getFields()) {
      features.put(
          field.getName(),
          pixels.get(field.getName()) == PixelFormat.PNG
              ? Map.of("_type", "Image")
              : feature(field));
    }
    return ConfigValueFactory.fromMap(Map.of("info", Map.of("features", features)))
        .render(ConfigRenderOptions.concise());
  }

  private static Map<String, Object> feature(Type type) {
    if (type.isPrimitive()) {
      return Map.of("_type", "Value", "dtype", dtype(type.asPrimitiveType()));
    }
    GroupType group = type.asGroupType();
    if (LogicalTypeAnnotation.listType().equals(type.getLogicalTypeAnnotation())) {
      Type element = group.getType(0).asGroupType().getType(0);
      return Map.of("_type", "Sequence", "feature", feature(element));
    }
    Map<String, Object> fields = new TreeMap<>();
    group.getFields().forEach(field -> fields.put(field.getName(), feature(field)));
    return fields;
  }

  private static String dtype(PrimitiveType type) {
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> "bool";
      case INT32 -> "int32";
      case INT64 -> "int64";
      case FLOAT -> "float32";
      case DOUBLE -> "float64";
      case BINARY ->
          LogicalTypeAnnotation.stringType().equals(type.getLogicalTypeAnnotation())
              ? "string"
              : "binary";
      default -> throw new IllegalArgumentException("no feature for " + type);
    };
  }
}
