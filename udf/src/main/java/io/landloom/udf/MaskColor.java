package io.landloom.udf;

import io.landloom.geo.image.PngDecoder;
import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import java.io.IOException;
import java.io.Serializable;
import org.apache.spark.sql.types.DataTypes;
import scala.runtime.AbstractFunction2;

/** {@code mask_color(mask, scheme)}: a mask as a picture in the colours of its scheme. */
final class MaskColor extends AbstractFunction2<Object, Object, Object> implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String NAME = "mask_color";

  static final SqlFunction FUNCTION =
      SqlFunction.ofScheme(
          NAME,
          DataTypes.BinaryType,
          new SqlFunction.Documentation(
              "_FUNC_(mask, scheme) - Returns a mask as an RGB PNG in the colours of a land-cover"
                  + " scheme.",
              """
              * mask - the PNG of a mask, 8-bit palette or gray with a class index a pixel: binary,
                  or a struct with the field bytes, as the columns mask of patches and pairs
              * scheme - string, the scheme's name: gid15, gid5, loveda, mbrsc or potsdam\
              """,
              """
              > SELECT _FUNC_(mask, scheme) FROM patches;
               [89 50 4E 47 ...]\
              """,
              """
              Null if an argument is null. An error if there is no such scheme, if the bytes are not
              such a PNG, or if a pixel holds an index that the scheme does not have.\
              """),
          mask -> StoredBytes.of(NAME, mask),
          new MaskColor());

  @Override
  public Object apply(Object mask, Object schemeName) {
    if (mask == null || schemeName == null) {
      return null;
    }
    LandCoverScheme scheme = Schemes.named(NAME, (String) schemeName);
    try {
      ClassMask decoded = new PngDecoder().decodeMask((byte[]) mask);
      decoded.counts(scheme); // refuses indices that the scheme does not have
      return new PngEncoder().encode(colored(decoded, scheme.palette()));
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException(NAME + ": " + e.getMessage(), e);
    }
  }

  private static Raster colored(ClassMask mask, int[] palette) {
    byte[] indices = mask.indices();
    byte[] samples = new byte[3 * indices.length];
    for (int i = 0; i < indices.length; i++) {
      int color = palette[indices[i] & 0xFF];
      samples[3 * i] = (byte) (color >> 16);
      samples[3 * i + 1] = (byte) (color >> 8);
      samples[3 * i + 2] = (byte) color;
    }
    return Raster.ofBytes(mask.width(), mask.height(), 3, samples);
  }
}
