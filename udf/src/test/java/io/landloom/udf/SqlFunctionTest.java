package io.landloom.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry;
import org.apache.spark.sql.catalyst.analysis.SimpleFunctionRegistry;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import scala.collection.JavaConverters;

/** What the extension registers, in a registry of its own. */
class SqlFunctionTest {
  private static FunctionRegistry registry(FunctionRegistry registry) {
    SparkSessionExtensions extensions = new SparkSessionExtensions();
    new LandloomExtensions().apply(extensions);
    return extensions.registerFunctions(registry);
  }

  private static ExpressionInfo info(String function) {
    return registry(new SimpleFunctionRegistry())
        .lookupFunction(new FunctionIdentifier(function))
        .get();
  }

  @Test
  void theExtensionRegistersItsFunctionsAndNoOther() {
    Set<String> names = new TreeSet<>();
    JavaConverters.seqAsJavaList(registry(new SimpleFunctionRegistry()).listFunction())
        .forEach(name -> names.add(name.funcName()));
    assertEquals(
        Set.of(
            "class_histogram",
            "class_name",
            "class_pixels",
            "class_proportions",
            "image_png",
            "mask_color",
            "mcpe",
            "proportion_error"),
        names);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "class_histogram",
        "class_name",
        "class_pixels",
        "class_proportions",
        "image_png",
        "mask_color",
        "mcpe",
        "proportion_error"
      })
  void eachIsDocumentedWhole(String function) {
    ExpressionInfo info = info(function);
    assertEquals(function, info.getName());
    assertTrue(info.getUsage().startsWith(function + "("), info.getUsage());
    assertTrue(info.getUsage().contains(") - Returns "), info.getUsage());
    assertTrue(info.getArguments().startsWith("\n    Arguments:\n      * "), info.getArguments());
    assertTrue(info.getArguments().endsWith("\n  "), info.getArguments());
    assertTrue(
        info.getExamples().startsWith("\n    Examples:\n      > SELECT "), info.getExamples());
    assertTrue(info.getExamples().contains(function + "("), info.getExamples());
    assertTrue(info.getExamples().endsWith("\n  "), info.getExamples());
    assertTrue(info.getNote().toLowerCase(java.util.Locale.ROOT).contains("null"), info.getNote());
    assertTrue(
        info.getNote().replaceAll("\\s+", " ").matches(".*(An error if|Errors are) .*"),
        info.getNote());
    assertTrue(info.getNote().endsWith("\n  "), info.getNote());
    assertEquals("0.1.0", info.getSince());
    assertEquals("java_udf", info.getSource());
    assertTrue(info.getClassName().startsWith("io.landloom.udf."), info.getClassName());
  }

  @ParameterizedTest
  @CsvSource({
    "class_histogram, agg_funcs",
    "mcpe, agg_funcs",
    "class_pixels, misc_funcs",
    "image_png, misc_funcs",
    "proportion_error, misc_funcs"
  })
  void aggregatesAreListedAsSuch(String function, String group) {
    assertEquals(group, info(function).getGroup());
  }
}
