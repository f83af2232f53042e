package io.landloom.udf;

import io.landloom.geo.image.PngDecoder;
import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.image.Stretch;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.expressions.Cast$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.Seq;
import scala.runtime.AbstractFunction8;

/**
 * {@code image_png(row [, bands [, stretch]])}: the image of a patch or pair as a PNG to look at.
 */
final class ImagePng
    extends AbstractFunction8<
        Object, Object, Object, Object, Object, Object, Object, Object, Object>
    implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String NAME = "image_png";
  private static final String PNG = "png";
  private static final DataType BANDS = DataTypes.createArrayType(DataTypes.IntegerType, true);

  private static final SqlFunction.Documentation DOCUMENTATION =
      new SqlFunction.Documentation(
          "_FUNC_(row [, bands [, stretch]]) - Returns the image of a patch or pair as a PNG of 8"
              + " bits, whatever it is stored as.",
          """
          * row - struct with the fields image (binary, or a struct with the field bytes), width,
              height, bands, dtype and image_format as in patches and pairs, such as struct(*); raw
              samples where there is no image_format, as in the data source landloom
          * bands - array of int, one or three bands to show, from 1, in this order, as
              array(3, 2, 1); all if not given or null
          * stretch - string, MIN..MAX: the values that become 0 and 255, as '0..4095'; samples stay
              if not given or null\
          """,
          """
          > SELECT _FUNC_(struct(*), array(4, 3, 2), '0..4095') FROM patches;
           [89 50 4E 47 ...]\
          """,
          """
          Only the columns it needs are read. A stored PNG is returned as it is where neither bands
          nor stretch are given. Masks have their colours from mask_color(mask, scheme). Null if the
          image or what describes it is null. An error if other than one or three bands are left, if
          samples have other than 8 bits and there is no stretch, or if the bytes are not what the
          row says.\
          """);

  static final SqlFunction FUNCTION =
      new SqlFunction(
          NAME, SqlFunction.Kind.SCALAR, ImagePng.class, DOCUMENTATION, ImagePng::expression);

  private static Expression expression(List<Expression> arguments) {
    SqlFunction.requireNumber(NAME, DOCUMENTATION, arguments, 1, 3);
    Expression row = arguments.get(0);
    if (SqlFunction.isNull(row)) {
      return Literal.create(null, DataTypes.BinaryType);
    }
    if (!(row.dataType() instanceof StructType)) {
      throw new IllegalArgumentException(
          NAME
              + ": row is a struct with the fields image, width, height, bands and dtype, such as"
              + " struct(*), not "
              + row.dataType().sql());
    }
    Expression image = field(row, "image", null);
    return SqlFunction.call(
        NAME,
        DataTypes.BinaryType,
        new ImagePng(),
        StoredBytes.of(NAME, "image", image),
        has(row, "image_format")
            ? field(row, "image_format", DataTypes.StringType)
            : Literal.create("raw", DataTypes.StringType),
        field(row, "width", DataTypes.IntegerType),
        field(row, "height", DataTypes.IntegerType),
        field(row, "bands", DataTypes.IntegerType),
        field(row, "dtype", DataTypes.StringType),
        arguments.size() > 1 ? bands(arguments.get(1)) : Literal.create(null, BANDS),
        arguments.size() > 2
            ? stretch(arguments.get(2))
            : Literal.create(null, DataTypes.StringType));
  }

  private static boolean has(Expression row, String name) {
    return ((StructType) row.dataType()).getFieldIndex(name).isDefined();
  }

  /** A field of the row; of any type if none is asked for. */
  private static Expression field(Expression row, String name, DataType type) {
    Option<Object> place = ((StructType) row.dataType()).getFieldIndex(name);
    if (place.isEmpty()) {
      throw new IllegalArgumentException(NAME + ": row has no field " + name);
    }
    Expression field = new GetStructField(row, (int) place.get(), Option.apply(name));
    if (type != null && !field.dataType().equals(type)) {
      throw new IllegalArgumentException(
          NAME + ": " + name + " is " + type.sql() + ", not " + field.dataType().sql());
    }
    return field;
  }

  private static Expression bands(Expression argument) {
    DataType type = argument.dataType();
    boolean fits =
        SqlFunction.isNull(argument)
            || (type instanceof ArrayType array && array.elementType() instanceof IntegralType);
    if (!fits) {
      throw new IllegalArgumentException(NAME + ": bands is an array of int, not " + type.sql());
    }
    return Cast$.MODULE$.apply(argument, BANDS, false);
  }

  private static Expression stretch(Expression argument) {
    if (SqlFunction.isNull(argument)) {
      return Literal.create(null, DataTypes.StringType);
    }
    if (!argument.dataType().equals(DataTypes.StringType)) {
      throw new IllegalArgumentException(
          NAME + ": stretch is a string, not " + argument.dataType().sql());
    }
    if (argument instanceof Literal literal && literal.value() != null) {
      stretch(literal.value().toString());
    }
    return argument;
  }

  private static Stretch stretch(String text) {
    int dots = text.indexOf("..");
    try {
      return new Stretch(
          Double.parseDouble(text.substring(0, Math.max(0, dots))),
          Double.parseDouble(text.substring(dots + 2)));
    } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          NAME + ": stretch '" + text + "' is not MIN..MAX, such as 0..4095", e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(NAME + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Object apply(
      Object image,
      Object format,
      Object width,
      Object height,
      Object bands,
      Object dtype,
      Object chosen,
      Object stretch) {
    if (image == null
        || format == null
        || width == null
        || height == null
        || bands == null
        || dtype == null) {
      return null;
    }
    if (format.equals(PNG) && chosen == null && stretch == null) {
      return image;
    }
    try {
      Raster stored =
          format.equals(PNG)
              ? new PngDecoder().decode((byte[]) image)
              : new Raster(
                  (int) width, (int) height, (int) bands, type((String) dtype), (byte[]) image);
      return shown(stored, (Seq<?>) chosen, (String) stretch);
    } catch (IOException | ArithmeticException e) {
      throw new IllegalArgumentException(NAME + ": " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw e.getMessage().startsWith(NAME)
          ? e
          : new IllegalArgumentException(NAME + ": " + e.getMessage(), e);
    }
  }

  private static SampleType type(String dtype) {
    return Arrays.stream(SampleType.values())
        .filter(type -> type.dtype().equals(dtype))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("samples of " + dtype));
  }

  private static byte[] shown(Raster stored, Seq<?> chosen, String stretch) {
    Raster raster = chosen == null ? stored : stored.bands(places(chosen, stored.bands()));
    if (raster.bands() != 1 && raster.bands() != 3) {
      throw new IllegalArgumentException(
          raster.bands()
              + " bands, and a PNG shows one or three; choose with bands, such as array(3, 2, 1)");
    }
    if (stretch != null) {
      raster = stretch(stretch).apply(raster);
    } else if (raster.type() != SampleType.UINT8) {
      throw new IllegalArgumentException(
          "samples of " + raster.type().dtype() + " need a stretch to 8 bits, such as '0..4095'");
    }
    return new PngEncoder().encode(raster);
  }

  /** Places of bands, from 0. */
  private static int[] places(Seq<?> chosen, int bands) {
    return IntStream.range(0, chosen.size())
        .map(
            i -> {
              if (!(chosen.apply(i) instanceof Integer band) || band < 1 || band > bands) {
                throw new IllegalArgumentException(
                    "band " + chosen.apply(i) + " of an image of " + bands + ", numbered from 1");
              }
              return band - 1;
            })
        .toArray();
  }
}
