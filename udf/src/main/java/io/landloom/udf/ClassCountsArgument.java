package io.landloom.udf;

import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;

/** Pixels of each class in the scheme's order as an argument: an array of bigint. */
final class ClassCountsArgument {
  private ClassCountsArgument() {}

  /**
   * The expression that gives the counts.
   *
   * @param function the SQL function that asks, for the message
   * @throws IllegalArgumentException if the argument is of another type
   */
  static Expression of(String function, Expression pixels) {
    if (!fits(pixels)) {
      throw new IllegalArgumentException(
          function + ": pixels is an array of bigint, not " + pixels.dataType().sql());
    }
    return pixels;
  }

  /** Whether an argument has that type. */
  static boolean fits(Expression pixels) {
    return pixels.dataType() instanceof ArrayType array
        && array.elementType().equals(DataTypes.LongType);
  }
}
