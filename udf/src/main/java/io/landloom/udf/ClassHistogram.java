package io.landloom.udf;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.aggregate.ImperativeAggregate;
import org.apache.spark.sql.catalyst.expressions.aggregate.TypedImperativeAggregate;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.IndexedSeq;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * {@code class_histogram(pixels, scheme)}: pixels of each class over a group of masks.
 *
 * <p>Public for Catalyst alone, which copies expressions.
 */
public final class ClassHistogram extends TypedImperativeAggregate<ClassSums>
    implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String NAME = "class_histogram";
  private static final DataType TYPE = DataTypes.createArrayType(DataTypes.LongType, false);

  private static final SqlFunction.Documentation DOCUMENTATION =
      new SqlFunction.Documentation(
          "_FUNC_(pixels, scheme) - Returns how many pixels each class of a land-cover scheme has"
              + " over all masks of a group, in the scheme's order, unknown included.",
          """
          * pixels - array of bigint, pixels of each class in the scheme's order, as the column
              class_pixels of patches and pairs; or the PNG of a mask, which is then decoded: binary,
              or a struct with the field bytes, as their columns mask
          * scheme - string, the scheme's name: gid15, gid5, loveda, mbrsc or potsdam\
          """,
          """
          > SELECT _FUNC_(pixels, 'gid5') FROM VALUES
              (array(5L, 1L, 0L, 0L, 0L, 0L)), (array(0L, 1L, 2L, 0L, 0L, 3L)) AS masks(pixels);
           [5,2,2,0,0,3]\
          """,
          """
          An aggregate. Rows where an argument is null are left out; null if there are no others. An
          error if there is no such scheme, if a group has masks of two schemes, if an array has
          another number of elements than the scheme has classes, if an element is null or negative,
          and whatever is one of class_pixels(mask, scheme).\
          """);

  static final SqlFunction FUNCTION =
      new SqlFunction(
          NAME,
          SqlFunction.Kind.AGGREGATE,
          ClassHistogram.class,
          DOCUMENTATION,
          ClassHistogram::of);

  private final Expression counts;
  private final Expression scheme;
  private final int mutableOffset;
  private final int inputOffset;

  /** An aggregate with its place in Spark's rows. */
  public ClassHistogram(Expression counts, Expression scheme, int mutableOffset, int inputOffset) {
    this.counts = counts;
    this.scheme = scheme;
    this.mutableOffset = mutableOffset;
    this.inputOffset = inputOffset;
  }

  private static Expression of(List<Expression> arguments) {
    SqlFunction.requireNumber(NAME, DOCUMENTATION, arguments, 2, 2);
    Expression pixels = arguments.get(0);
    Expression scheme = arguments.get(1);
    if (SqlFunction.isNull(pixels) || SqlFunction.isNull(scheme)) {
      // still an aggregate, of rows that are all left out
      return new ClassHistogram(
          Literal.create(null, TYPE), Literal.create(null, DataTypes.StringType), 0, 0);
    }
    SqlFunction.checkScheme(NAME, scheme);
    Expression counts =
        ClassCountsArgument.fits(pixels) ? pixels : ClassPixels.ofMask(NAME, pixels, scheme);
    return new ClassHistogram(counts, scheme, 0, 0);
  }

  @Override
  public ClassSums createAggregationBuffer() {
    return new ClassSums(NAME);
  }

  @Override
  public ClassSums update(ClassSums sums, InternalRow row) {
    Object name = scheme.eval(row);
    Object pixels = name == null ? null : counts.eval(row);
    if (pixels != null) {
      sums.add((ArrayData) pixels, (UTF8String) name);
    }
    return sums;
  }

  @Override
  public ClassSums merge(ClassSums sums, ClassSums other) {
    sums.add(other);
    return sums;
  }

  @Override
  public Object eval(ClassSums sums) {
    return sums.pixels() == null ? null : ArrayData.toArrayData(sums.pixels());
  }

  @Override
  public byte[] serialize(ClassSums sums) {
    return sums.bytes();
  }

  @Override
  public ClassSums deserialize(byte[] bytes) {
    return ClassSums.of(NAME, bytes);
  }

  @Override
  public ImperativeAggregate withNewMutableAggBufferOffset(int offset) {
    return new ClassHistogram(counts, scheme, offset, inputOffset);
  }

  @Override
  public ImperativeAggregate withNewInputAggBufferOffset(int offset) {
    return new ClassHistogram(counts, scheme, mutableOffset, offset);
  }

  @Override
  public int mutableAggBufferOffset() {
    return mutableOffset;
  }

  @Override
  public int inputAggBufferOffset() {
    return inputOffset;
  }

  @Override
  public Seq<Expression> children() {
    return JavaConverters.asScalaBuffer(List.of(counts, scheme)).toList();
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new ClassHistogram(children.apply(0), children.apply(1), mutableOffset, inputOffset);
  }

  @Override
  public DataType dataType() {
    return TYPE;
  }

  /** A group may have no mask. */
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
    return other instanceof ClassHistogram;
  }

  @Override
  public int productArity() {
    return 4;
  }

  @Override
  public Object productElement(int n) {
    return switch (n) {
      case 0 -> counts;
      case 1 -> scheme;
      case 2 -> mutableOffset;
      default -> inputOffset;
    };
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClassHistogram that
        && counts.equals(that.counts)
        && scheme.equals(that.scheme)
        && mutableOffset == that.mutableOffset
        && inputOffset == that.inputOffset;
  }

  @Override
  public int hashCode() {
    return Objects.hash(counts, scheme, mutableOffset, inputOffset);
  }
}
