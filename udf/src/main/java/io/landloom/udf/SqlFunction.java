package io.landloom.udf;

import java.util.List;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import scala.Function1;
import scala.Function2;
import scala.Option;
import scala.Tuple3;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.collection.immutable.List$;

/**
 * A SQL function of a value and the name of a scheme; null when either is null.
 *
 * <p>Wrong arguments and a literal that names no scheme are refused with an {@link
 * IllegalArgumentException} when the query is analyzed; what a row holds, when it is computed.
 *
 * @param name the function's name in SQL
 * @param result what it returns
 * @param documentation for {@code DESCRIBE FUNCTION EXTENDED}
 * @param value turns the first argument into what the body takes, or refuses its type
 * @param body from value and scheme name to the result; serializable, safe for several threads
 */
record SqlFunction(
    String name,
    DataType result,
    Documentation documentation,
    Argument value,
    Function2<Object, Object, Object> body) {

  /**
   * What an analyst reads about a function.
   *
   * @param usage one sentence
   * @param arguments each argument with its types
   * @param example a query and its result
   * @param note nulls and errors
   */
  record Documentation(String usage, String arguments, String example, String note) {}

  /** Prepares the first argument. */
  @FunctionalInterface
  interface Argument {
    /**
     * The expression the body's value is read from.
     *
     * @throws IllegalArgumentException if the function does not take the argument's type
     */
    Expression of(Expression argument);
  }

  /** What Spark's registry takes: name, documentation and the way from arguments to expression. */
  Tuple3<FunctionIdentifier, ExpressionInfo, Function1<Seq<Expression>, Expression>> description() {
    Function1<Seq<Expression>, Expression> builder =
        arguments -> expression(JavaConverters.seqAsJavaList(arguments));
    return new Tuple3<>(new FunctionIdentifier(name), info(), builder);
  }

  private ExpressionInfo info() {
    return new ExpressionInfo(
        body.getClass().getName(),
        null,
        name,
        documentation.usage(),
        "\n    Arguments:\n" + documentation.arguments().indent(6) + "  ",
        "\n    Examples:\n" + documentation.example().indent(6) + "  ",
        "\n" + documentation.note().indent(6) + "  ",
        "misc_funcs",
        "0.1.0",
        "",
        "java_udf");
  }

  private Expression expression(List<Expression> arguments) {
    if (arguments.size() != 2) {
      throw new IllegalArgumentException(
          name
              + " takes 2 arguments, got "
              + arguments.size()
              + ": "
              + documentation.usage().replace("_FUNC_", name));
    }
    Expression scheme = arguments.get(1);
    if (isNull(arguments.get(0)) || isNull(scheme)) {
      return Literal.create(null, result);
    }
    if (!scheme.dataType().equals(DataTypes.StringType)) {
      throw new IllegalArgumentException(
          name + ": scheme is a string, not " + scheme.dataType().sql());
    }
    if (scheme instanceof Literal literal && literal.value() != null) {
      Schemes.named(name, literal.value().toString());
    }
    return call(value.of(arguments.get(0)), scheme);
  }

  private static boolean isNull(Expression argument) {
    return argument.dataType().equals(DataTypes.NullType);
  }

  private Expression call(Expression argument, Expression scheme) {
    return new ScalaUDF(
        body,
        result,
        JavaConverters.asScalaBuffer(List.of(argument, scheme)).toList(),
        List$.MODULE$.empty(),
        Option.empty(),
        Option.apply(name),
        true,
        true);
  }
}
