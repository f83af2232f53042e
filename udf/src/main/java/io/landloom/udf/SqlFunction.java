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
 * A SQL function: its name, what an analyst reads about it, and the way from arguments to Spark's
 * expression.
 *
 * <p>Wrong arguments are refused with an {@link IllegalArgumentException} when the query is
 * analyzed; what a row holds, when it is computed.
 *
 * @param name the function's name in SQL
 * @param kind whether it computes rows or groups of rows
 * @param implementation the class that computes
 * @param documentation for {@code DESCRIBE FUNCTION EXTENDED}
 * @param builder from the arguments, resolved, to the expression
 */
record SqlFunction(
    String name, Kind kind, Class<?> implementation, Documentation documentation, Builder builder) {

  /** What a function computes from. */
  enum Kind {
    /** One row. */
    SCALAR("misc_funcs"),
    /** A group of rows. */
    AGGREGATE("agg_funcs");

    private final String group;

    Kind(String group) {
      this.group = group;
    }
  }

  /**
   * What an analyst reads about a function.
   *
   * @param usage one sentence
   * @param arguments each argument with its types
   * @param example a query and its result
   * @param note nulls and errors
   */
  record Documentation(String usage, String arguments, String example, String note) {}

  /** Makes the expression of a call. */
  @FunctionalInterface
  interface Builder {
    /**
     * The expression.
     *
     * @throws IllegalArgumentException if the function does not take these arguments
     */
    Expression of(List<Expression> arguments);
  }

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

  /**
   * A function of a value and the name of a scheme; null when either is null.
   *
   * <p>A literal that names no scheme is refused when the query is analyzed.
   *
   * @param result what it returns
   * @param value turns the first argument into what the body takes, or refuses its type
   * @param body from value and scheme name to the result; serializable, safe for several threads
   */
  static SqlFunction ofScheme(
      String name,
      DataType result,
      Documentation documentation,
      Argument value,
      Function2<Object, Object, Object> body) {
    return new SqlFunction(
        name,
        Kind.SCALAR,
        body.getClass(),
        documentation,
        arguments -> {
          requireNumber(name, documentation, arguments, 2, 2);
          Expression scheme = arguments.get(1);
          if (isNull(arguments.get(0)) || isNull(scheme)) {
            return Literal.create(null, result);
          }
          checkScheme(name, scheme);
          return call(name, result, body, value.of(arguments.get(0)), scheme);
        });
  }

  /** What Spark's registry takes: name, documentation and the way from arguments to expression. */
  Tuple3<FunctionIdentifier, ExpressionInfo, Function1<Seq<Expression>, Expression>> description() {
    Function1<Seq<Expression>, Expression> build =
        arguments -> builder.of(JavaConverters.seqAsJavaList(arguments));
    return new Tuple3<>(new FunctionIdentifier(name), info(), build);
  }

  private ExpressionInfo info() {
    return new ExpressionInfo(
        implementation.getName(),
        null,
        name,
        documentation.usage(),
        "\n    Arguments:\n" + documentation.arguments().indent(6) + "  ",
        "\n    Examples:\n" + documentation.example().indent(6) + "  ",
        "\n" + documentation.note().indent(6) + "  ",
        kind.group,
        "0.1.0",
        "",
        "java_udf");
  }

  /**
   * Checks how many arguments a call has.
   *
   * @throws IllegalArgumentException if they are fewer or more
   */
  static void requireNumber(
      String name, Documentation documentation, List<Expression> arguments, int fewest, int most) {
    if (arguments.size() < fewest || arguments.size() > most) {
      throw new IllegalArgumentException(
          name
              + " takes "
              + (fewest == most ? "" : fewest + " to ")
              + most
              + " arguments, got "
              + arguments.size()
              + ": "
              + documentation.usage().replace("_FUNC_", name));
    }
  }

  /**
   * Checks an argument that names a scheme.
   *
   * @throws IllegalArgumentException if it is no string, or a literal that names none
   */
  static void checkScheme(String name, Expression scheme) {
    if (!scheme.dataType().equals(DataTypes.StringType)) {
      throw new IllegalArgumentException(
          name + ": scheme is a string, not " + scheme.dataType().sql());
    }
    if (scheme instanceof Literal literal && literal.value() != null) {
      Schemes.named(name, literal.value().toString());
    }
  }

  /** Whether an argument is a NULL without a type. */
  static boolean isNull(Expression argument) {
    return argument.dataType().equals(DataTypes.NullType);
  }

  /** The call of a Scala function of as many objects as there are arguments. */
  static Expression call(String name, DataType result, Object body, Expression... arguments) {
    return new ScalaUDF(
        body,
        result,
        JavaConverters.asScalaBuffer(List.of(arguments)).toList(),
        List$.MODULE$.empty(),
        Option.empty(),
        Option.apply(name),
        true,
        true);
  }
}
