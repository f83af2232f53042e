package io.landloom.udf;

import io.landloom.geo.landcover.LandCoverScheme;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import scala.runtime.AbstractFunction2;

/** {@code class_name(index, scheme)}: the name of a class. */
final class ClassName extends AbstractFunction2<Object, Object, Object> implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String NAME = "class_name";
  private static final List<DataType> INDEX_TYPES =
      List.of(DataTypes.ByteType, DataTypes.ShortType, DataTypes.IntegerType, DataTypes.LongType);

  static final SqlFunction FUNCTION =
      SqlFunction.ofScheme(
          NAME,
          DataTypes.StringType,
          new SqlFunction.Documentation(
              "_FUNC_(index, scheme) - Returns the name that a land-cover scheme gives to a class"
                  + " index.",
              """
              * index - tinyint, smallint, int or bigint, the value of a mask's pixel
              * scheme - string, the scheme's name: gid15, gid5, loveda, mbrsc or potsdam""",
              """
              > SELECT _FUNC_(13, 'gid15');
               river""",
              """
              Null if an argument is null. An error if there is no such scheme, or if the scheme has
              no class of that index."""),
          ClassName::index,
          new ClassName());

  private static Expression index(Expression argument) {
    if (!INDEX_TYPES.contains(argument.dataType())) {
      throw new IllegalArgumentException(
          NAME + ": index is a whole number, not " + argument.dataType().sql());
    }
    return argument;
  }

  @Override
  public Object apply(Object index, Object schemeName) {
    if (index == null || schemeName == null) {
      return null;
    }
    LandCoverScheme scheme = Schemes.named(NAME, (String) schemeName);
    long number = ((Number) index).longValue();
    if (number < 0 || number > 255 || !scheme.contains((int) number)) {
      throw new IllegalArgumentException(
          NAME + ": scheme " + scheme.name() + " has no class index " + number);
    }
    return scheme.classes().get(scheme.position((int) number)).name();
  }
}
