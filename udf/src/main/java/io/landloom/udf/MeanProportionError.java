package io.landloom.udf;

import org.apache.spark.sql.catalyst.analysis.FunctionRegistry;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.aggregate.Average;

/**
 * {@code mcpe(p, target)}: the mean class proportion error of masks.
 *
 * <p>Spark's own average of {@link ProportionError}, so that partial sums, spilling and compiled
 * code are Spark's.
 */
final class MeanProportionError {
  private static final String NAME = "mcpe";

  private static final SqlFunction.Documentation DOCUMENTATION =
      new SqlFunction.Documentation(
          "_FUNC_(p, target) - Returns the mean class proportion error of masks in percentage"
              + " points: the mean over masks and classes of the absolute difference of shares.",
          """
          * p - array of double, each class's share of the valid pixels of a mask, 0 to 1, in the
              scheme's order, as class_proportions(pixels, scheme)
          * target - array of numbers, the shares asked for of that mask, in the same order; null
              for unknown and for classes that may have any share\
          """,
          """
          > SELECT _FUNC_(p, target) FROM VALUES
              (array(null, 0.5, 0.5), array(null, 0.25, 0.75)),
              (array(null, 1.0, 0.0), array(null, 0.5, 0.5)) AS masks(p, target);
           37.5\
          """,
          """
          An aggregate: the mean of proportion_error(p, target), and masks of which that is null are
          left out. Null if there are no others. Errors are those of proportion_error.\
          """);

  static final SqlFunction FUNCTION =
      new SqlFunction(
          NAME,
          SqlFunction.Kind.AGGREGATE,
          MeanProportionError.class,
          DOCUMENTATION,
          arguments -> average(Shares.error(NAME, DOCUMENTATION, arguments)));

  private MeanProportionError() {}

  private static Expression average(Expression error) {
    Average average = new Average(error);
    // what Spark calls the column
    average.setTagValue(FunctionRegistry.FUNC_ALIAS(), NAME);
    return average;
  }
}
