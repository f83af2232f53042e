package io.landloom.udf;

import java.util.List;
import org.apache.spark.sql.SparkSessionExtensions;
import scala.Function1;
import scala.runtime.BoxedUnit;

/**
 * Adds Landloom's SQL functions to a session: {@code
 * spark.sql.extensions=io.landloom.udf.LandloomExtensions}.
 *
 * <p>{@code DESCRIBE FUNCTION EXTENDED} documents each of them.
 */
public final class LandloomExtensions implements Function1<SparkSessionExtensions, BoxedUnit> {
  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    for (SqlFunction function :
        List.of(
            ClassHistogram.FUNCTION,
            ClassName.FUNCTION,
            ClassPixels.FUNCTION,
            ClassProportions.FUNCTION,
            ImagePng.FUNCTION,
            MaskColor.FUNCTION,
            MeanProportionError.FUNCTION,
            ProportionError.FUNCTION)) {
      extensions.injectFunction(function.description());
    }
    return BoxedUnit.UNIT;
  }
}
