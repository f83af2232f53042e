package io.landloom.udf;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.catalyst.expressions.objects.StaticInvoke;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import scala.collection.IndexedSeq;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.collection.immutable.List$;

/**
 * {@code proportion_error(p, target)}: how far the proportions of one mask are from those asked
 * for.
 *
 * <p>An expression of its own, so that Spark compiles it into the query and boxes no share. Public
 * for that compiled code alone.
 */
public final class ProportionError extends Expression implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String NAME = "proportion_error";
  private static final double POINTS = 100;

  private static final SqlFunction.Documentation DOCUMENTATION =
      new SqlFunction.Documentation(
          "_FUNC_(p, target) - Returns the mean absolute difference of the classes' shares, in"
              + " percentage points.",
          """
          * p - array of double, each class's share of the valid pixels, 0 to 1, in the scheme's
              order, as class_proportions(pixels, scheme)
          * target - array of numbers, the shares asked for, in the same order; null for unknown
              and for classes that may have any share\
          """,
          """
          > SELECT _FUNC_(array(null, 0.5, 0.25, 0.25), array(null, 0.25, null, 0.375));
           18.75\
          """,
          """
          The mean is over the classes that have a target: mcpe is the mean of this over masks. Null
          if an argument is null, if no class has a target, or if all shares of p are null, as where
          no pixel is valid. An error if the arrays differ in length, if a share is not from 0 to 1,
          or if a class has a target and no share while others have one.\
          """);

  static final SqlFunction FUNCTION =
      new SqlFunction(
          NAME,
          SqlFunction.Kind.SCALAR,
          ProportionError.class,
          DOCUMENTATION,
          arguments -> Shares.error(NAME, DOCUMENTATION, arguments));

  private final Expression shares;
  private final Expression target;

  /**
   * The error of shares against their target, both arrays of double that may hold nulls. Public for
   * Catalyst, which copies expressions.
   */
  public ProportionError(Expression shares, Expression target) {
    this.shares = shares;
    this.target = target;
  }

  /**
   * The mean absolute difference in percentage points; null where there is nothing to compare.
   *
   * @throws IllegalArgumentException if the arrays do not fit each other, or hold no shares
   */
  public static Double points(ArrayData shares, ArrayData target) {
    int classes = target.numElements();
    if (shares.numElements() != classes) {
      throw new IllegalArgumentException(
          NAME + ": " + shares.numElements() + " shares, the target has " + classes);
    }
    double sum = 0;
    int asked = 0;
    int missing = -1;
    int there = 0;
    for (int k = 0; k < classes; k++) {
      boolean isThere = !shares.isNullAt(k);
      double share = isThere ? share(shares, k, "p") : 0;
      there += isThere ? 1 : 0;
      if (!target.isNullAt(k)) {
        double wanted = share(target, k, "target");
        asked++;
        missing = isThere || missing >= 0 ? missing : k;
        sum += Math.abs(share - wanted);
      }
    }
    if (there > 0 && missing >= 0) {
      throw new IllegalArgumentException(
          NAME
              + ": element "
              + missing
              + " of target is "
              + target.getDouble(missing)
              + ", and p has no share of that class; where it is unknown, its target is null");
    }
    return there == 0 || asked == 0 ? null : Double.valueOf(POINTS * sum / asked);
  }

  private static double share(ArrayData array, int k, String name) {
    double share = array.getDouble(k);
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException(
          NAME + ": element " + k + " of " + name + " is " + share + ", not a share from 0 to 1");
    }
    return share;
  }

  @Override
  public Object eval(InternalRow row) {
    Object p = shares.eval(row);
    Object wanted = p == null ? null : target.eval(row);
    return wanted == null ? null : points((ArrayData) p, (ArrayData) wanted);
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    return new StaticInvoke(
            ProportionError.class,
            DataTypes.DoubleType,
            "points",
            children(),
            List$.MODULE$.empty(),
            true,
            true,
            true)
        .doGenCode(context, code);
  }

  @Override
  public Seq<Expression> children() {
    return JavaConverters.asScalaBuffer(List.of(shares, target)).toList();
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new ProportionError(children.apply(0), children.apply(1));
  }

  @Override
  public boolean foldable() {
    return shares.foldable() && target.foldable();
  }

  @Override
  public DataType dataType() {
    return DataTypes.DoubleType;
  }

  /** There may be nothing to compare. */
  @Override
  public boolean nullable() {
    return true;
  }

  @Override
  public String prettyName() {
    return NAME;
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof ProportionError;
  }

  @Override
  public int productArity() {
    return 2;
  }

  @Override
  public Object productElement(int n) {
    return n == 0 ? shares : target;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ProportionError that
        && shares.equals(that.shares)
        && target.equals(that.target);
  }

  @Override
  public int hashCode() {
    return Objects.hash(shares, target);
  }
}
