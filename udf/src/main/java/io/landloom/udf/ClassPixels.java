package io.landloom.udf;

import io.landloom.geo.image.PngDecoder;
import io.landloom.geo.landcover.LandCoverScheme;
import java.io.IOException;
import java.io.Serializable;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import scala.runtime.AbstractFunction2;

/** {@code class_pixels(mask, scheme)}: pixels of each class of a mask. */
final class ClassPixels extends AbstractFunction2<Object, Object, Object> implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String NAME = "class_pixels";
  private static final DataType TYPE = DataTypes.createArrayType(DataTypes.LongType, false);

  static final SqlFunction FUNCTION =
      SqlFunction.ofScheme(
          NAME,
          TYPE,
          new SqlFunction.Documentation(
              "_FUNC_(mask, scheme) - Returns how many pixels of a mask each class of a land-cover"
                  + " scheme has, in the scheme's order, unknown included.",
              """
              * mask - the PNG of a mask, 8-bit palette or gray with a class index a pixel: binary,
                  or a struct with the field bytes, as the columns mask of patches and pairs
              * scheme - string, the scheme's name: gid15, gid5, loveda, mbrsc or potsdam\
              """,
              """
              > SELECT scene_id, _FUNC_(mask, scheme) FROM patches;
               town_1  [0,1024,0,311,0,64201]\
              """,
              """
              Null if an argument is null. An error if there is no such scheme, if the bytes are not
              such a PNG, or if a pixel holds an index that the scheme does not have.\
              """),
          mask -> StoredBytes.of(NAME, mask),
          new ClassPixels());

  private final PngDecoder decoder = new PngDecoder();

  /**
   * The counts of a mask, for a function that sums them.
   *
   * @param function the SQL function that asks, for the message
   * @throws IllegalArgumentException if the argument is no mask
   */
  static Expression ofMask(String function, Expression mask, Expression scheme) {
    return SqlFunction.call(NAME, TYPE, new ClassPixels(), StoredBytes.of(function, mask), scheme);
  }

  @Override
  public Object apply(Object mask, Object schemeName) {
    if (mask == null || schemeName == null) {
      return null;
    }
    LandCoverScheme scheme = Schemes.named(NAME, (String) schemeName);
    try {
      return decoder.decodeMask((byte[]) mask).counts(scheme).pixels();
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException(NAME + ": " + e.getMessage(), e);
    }
  }
}
