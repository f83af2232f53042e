package io.landloom.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import scala.collection.JavaConverters;

/** What Catalyst asks of expressions, which case classes of Scala answer by themselves. */
class ExpressionsTest {
  private static final Expression A = literal(1);
  private static final Expression B = literal(2);
  private static final Expression C = literal(3);

  private static Expression literal(int value) {
    return Literal.create(value, DataTypes.IntegerType);
  }

  /**
   * An expression, and others that differ from it in one of its parts.
   *
   * @param parts what it is made of
   */
  private record Case(
      Expression expression, Expression same, List<Expression> others, List<Object> parts) {}

  private static List<Case> cases() {
    return List.of(
        new Case(
            new ProportionError(A, B),
            new ProportionError(literal(1), literal(2)),
            List.of(new ProportionError(A, C), new ProportionError(C, B), A),
            List.of(A, B)),
        new Case(
            new ClassHistogram(A, B, 1, 2),
            new ClassHistogram(literal(1), literal(2), 1, 2),
            List.of(
                new ClassHistogram(C, B, 1, 2),
                new ClassHistogram(A, C, 1, 2),
                new ClassHistogram(A, B, 3, 2),
                new ClassHistogram(A, B, 1, 3),
                A),
            List.of(A, B, 1, 2)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalCallsAreOne(Case one) {
    assertEquals(one.expression(), one.same());
    assertEquals(one.expression().hashCode(), one.same().hashCode());
    assertTrue(one.expression().canEqual(one.same()));
    assertTrue(one.expression().semanticEquals(one.same()));
    for (Expression other : one.others()) {
      assertNotEquals(one.expression(), other);
      assertNotEquals(one.expression().hashCode(), other.hashCode());
    }
    assertFalse(one.expression().canEqual(A));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aCopyHasTheSameParts(Case one) {
    assertEquals(
        one.parts(), JavaConverters.seqAsJavaList(one.expression().productIterator().toSeq()));
    Expression copy = (Expression) one.expression().clone();
    assertNotSame(one.expression(), copy);
    assertEquals(one.expression(), copy);
    assertEquals(
        List.of(A, B), JavaConverters.seqAsJavaList(one.expression().children()).subList(0, 2));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void otherChildrenTakeTheirPlaces(Case one) {
    Expression changed =
        one.expression().withNewChildren(JavaConverters.asScalaBuffer(List.of(C, B)).toList());
    assertTrue(one.others().contains(changed), changed.toString());
    assertEquals(C, changed.children().apply(0));
  }

  @Test
  void constantsAreFoldedAndRowsAreNot() {
    Expression row = new BoundReference(0, DataTypes.IntegerType, true);
    assertTrue(new ProportionError(A, B).foldable());
    assertFalse(new ProportionError(row, B).foldable());
    assertFalse(new ProportionError(A, row).foldable());
  }
}
