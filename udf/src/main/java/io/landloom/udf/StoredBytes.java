package io.landloom.udf;

import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/** A stored mask or image as an argument: binary, or a struct with the binary field bytes. */
final class StoredBytes {
  private static final String BYTES = "bytes";

  private StoredBytes() {}

  /**
   * The expression that gives the bytes.
   *
   * @param function the SQL function that asks, for the message
   * @throws IllegalArgumentException if the argument is neither
   */
  static Expression of(String function, Expression mask) {
    return of(function, "mask", mask);
  }

  /**
   * The expression that gives the bytes.
   *
   * @param function the SQL function that asks, for the message
   * @param name what it calls the argument
   * @throws IllegalArgumentException if the argument is neither
   */
  static Expression of(String function, String name, Expression mask) {
    if (mask.dataType().equals(DataTypes.BinaryType)) {
      return mask;
    }
    if (mask.dataType() instanceof StructType struct) {
      Option<Object> field = struct.getFieldIndex(BYTES);
      if (field.isDefined()
          && struct.apply((int) field.get()).dataType().equals(DataTypes.BinaryType)) {
        return new GetStructField(mask, (int) field.get(), Option.apply(BYTES));
      }
    }
    throw new IllegalArgumentException(
        function
            + ": "
            + name
            + " is binary or a struct with the binary field bytes, not "
            + mask.dataType().sql());
  }
}
