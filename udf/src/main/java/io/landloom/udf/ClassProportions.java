package io.landloom.udf;

import io.landloom.geo.landcover.LandCoverScheme;
import java.io.Serializable;
import org.apache.spark.sql.types.DataTypes;
import scala.collection.Seq;
import scala.runtime.AbstractFunction2;

/** {@code class_proportions(pixels, scheme)}: share of each class in the valid pixels. */
final class ClassProportions extends AbstractFunction2<Object, Object, Object>
    implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String NAME = "class_proportions";

  static final SqlFunction FUNCTION =
      SqlFunction.ofScheme(
          NAME,
          DataTypes.createArrayType(DataTypes.DoubleType, true),
          new SqlFunction.Documentation(
              "_FUNC_(pixels, scheme) - Returns each class's share of the valid pixels, 0 to 1, in"
                  + " the scheme's order; that of unknown is null.",
              """
              * pixels - array of bigint, pixels of each class in the scheme's order, as the column
                  class_pixels of patches and pairs, and class_pixels(mask, scheme)
              * scheme - string, the scheme's name: gid15, gid5, loveda, mbrsc or potsdam\
              """,
              """
              > SELECT _FUNC_(array(50L, 25L, 75L, 0L, 0L, 0L), 'gid5');
               [null,0.25,0.75,0.0,0.0,0.0]\
              """,
              """
              Null if an argument is null; all shares are null where no pixel is valid. An error if
              there is no such scheme, if the array has another number of elements than the scheme
              has classes, or if one is null or negative.\
              """),
          pixels -> ClassCountsArgument.of(NAME, pixels),
          new ClassProportions());

  @Override
  public Object apply(Object pixels, Object schemeName) {
    if (pixels == null || schemeName == null) {
      return null;
    }
    LandCoverScheme scheme = Schemes.named(NAME, (String) schemeName);
    Seq<?> counts = (Seq<?>) pixels;
    if (counts.size() != scheme.size()) {
      throw new IllegalArgumentException(
          NAME
              + ": "
              + counts.size()
              + " elements, scheme "
              + scheme.name()
              + " has "
              + scheme.size()
              + " classes");
    }
    int unknown = scheme.position(scheme.unknownIndex());
    double valid = 0;
    for (int i = 0; i < counts.size(); i++) {
      if (!(counts.apply(i) instanceof Long count) || count < 0) {
        throw new IllegalArgumentException(
            NAME + ": element " + i + " is " + counts.apply(i) + ", not a number of pixels");
      }
      valid += i == unknown ? 0 : count;
    }
    Double[] shares = new Double[counts.size()];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = i == unknown || valid == 0 ? null : (Long) counts.apply(i) / valid;
    }
    return shares;
  }
}
