package io.landloom.udf;

import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Cast$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;

/** Shares of classes as an argument: an array of numbers, null where a class has no share. */
final class Shares {
  private static final DataType TYPE = DataTypes.createArrayType(DataTypes.DoubleType, true);

  private Shares() {}

  /**
   * The error of the first argument against the second.
   *
   * @param function the SQL function that asks, for the message
   * @throws IllegalArgumentException if there are other arguments than two arrays of numbers
   */
  static ProportionError error(
      String function, SqlFunction.Documentation documentation, List<Expression> arguments) {
    SqlFunction.requireNumber(function, documentation, arguments, 2, 2);
    return new ProportionError(
        doubles(function, "p", arguments.get(0)), doubles(function, "target", arguments.get(1)));
  }

  private static Expression doubles(String function, String name, Expression argument) {
    DataType type = argument.dataType();
    boolean fits =
        SqlFunction.isNull(argument)
            || (type instanceof ArrayType array
                && (array.elementType() instanceof NumericType
                    || array.elementType().equals(DataTypes.NullType)));
    if (!fits) {
      throw new IllegalArgumentException(
          function + ": " + name + " is an array of numbers, not " + type.sql());
    }
    return type.equals(TYPE) ? argument : Cast$.MODULE$.apply(argument, TYPE, false);
  }
}
