package io.landloom.udf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code proportion_error} and its mean, {@code mcpe}. */
class ProportionErrorTest extends SqlTest {
  private static final StructType MASKS =
      new StructType()
          .add("id", DataTypes.IntegerType)
          .add("model", DataTypes.IntegerType)
          .add("p", DataTypes.createArrayType(DataTypes.DoubleType))
          .add("target", DataTypes.createArrayType(DataTypes.DoubleType));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // |0.5 - 0.25| + |0.25 - 0.5| + 0, over three classes
        "array(null, 0.5D, 0.25D, 0.25D) | array(null, 0.25D, 0.5D, 0.25D) | 16.666666666666668",
        "array(null, 1D, 0D)             | array(null, 0D, 1D)             | 100.0",
        "array(null, 0.3D, 0.7D)         | array(null, 0.3D, 0.7D)         | 0.0",
        // classes without a target may have any share
        "array(null, 0.5D, 0.25D, 0.25D) | array(null, null, 0.5D, null)   | 25.0",
        // decimals and whole numbers, as analysts write them
        "array(null, 0.5, 0.5)           | array(null, 1, 0)               | 50.0",
        "array(null, 0.5F, 0.5F)         | array(null, 0.75, 0.25)         | 25.0"
      })
  void isTheMeanOverClassesThatHaveATarget(String p, String target, double points) {
    assertEquals(
        points, one("SELECT proportion_error(" + p + ", " + target + ")").getDouble(0), 1e-12);
    // compiled, and not folded away: an argument depends on the row
    String row = "if(id = 0, " + p + ", array(0.125D))";
    assertEquals(
        points,
        one("SELECT proportion_error(" + row + ", " + target + ") FROM range(1)").getDouble(0),
        1e-12);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "proportion_error(NULL, array(0.5D))",
        "proportion_error(array(0.5D), NULL)",
        "proportion_error(CAST(NULL AS array<double>), array(0.5D))",
        "proportion_error(array(0.5D, 0.5D), array(NULL, NULL))",
        // no pixel is valid
        "proportion_error(array(NULL, NULL), array(0.5D, 0.5D))",
        "proportion_error(class_proportions(array(9L, 0L, 0L, 0L, 0L, 0L), 'gid5'),"
            + " array(NULL, 0.2, 0.2, 0.2, 0.2, 0.2))",
        "proportion_error(array(), array())",
        "mcpe(array(NULL, NULL), array(0.5D, 0.5D))",
        "mcpe(NULL, NULL)"
      })
  void isNullWhereThereIsNothingToCompare(String call) {
    Row row = one("SELECT " + call);
    assertTrue(row.isNullAt(0), row.toString());
    assertEquals(DataTypes.DoubleType, row.schema().apply(0).dataType());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "proportion_error(array(0.5D), array(0.5D, 0.5D)) | proportion_error: 1 shares, the target"
            + " has 2",
        "proportion_error(array(0.5D, 50D), array(0.5D, 0.5D)) | proportion_error: element 1 of p"
            + " is 50.0, not a share from 0 to 1",
        "proportion_error(array(0.5D), array(-0.1D)) | proportion_error: element 0 of target is"
            + " -0.1, not a share from 0 to 1",
        "proportion_error(array(double('NaN')), array(0.1D)) | proportion_error: element 0 of p is"
            + " NaN, not a share from 0 to 1",
        "proportion_error(array(null, null, 0.5D), array(0.25D, 0.5D, 0.5D)) | proportion_error:"
            + " element 0 of target is 0.25, and p has no share of that class; where it is unknown,"
            + " its target is null",
        "proportion_error('a', array(0.5D)) | proportion_error: p is an array of numbers, not"
            + " STRING",
        "proportion_error(array(0.5D), array('a')) | proportion_error: target is an array of"
            + " numbers, not ARRAY<STRING>",
        "mcpe(array(0.5D), 0.5D) | mcpe: target is an array of numbers, not DOUBLE",
        "proportion_error(array(0.5D)) | proportion_error takes 2 arguments, got 1:"
            + " proportion_error(p, target) - Returns the mean absolute difference of the classes'"
            + " shares, in percentage points.",
        "mcpe(array(double(id)), array(0.5D)) | proportion_error: element 0 of p is 7.0, not a"
            + " share from 0 to 1"
      })
  void refusesWhatItCannotMean(String call, String message) {
    assertEquals(message, refusal("SELECT " + call + " FROM range(7, 8)"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void mcpeIsTheMeanOverMasksWhateverThePartitions(boolean compiled) {
    long seed = System.nanoTime();
    System.out.println("ProportionErrorTest seed " + seed);
    Random random = new Random(seed);
    double[] sums = new double[3];
    int[] masks = new int[3];
    List<Row> rows = new ArrayList<>();
    for (int id = 0; id < 500; id++) {
      int model = random.nextInt(3);
      double[] p = shares(random);
      double[] target = shares(random);
      boolean valid = random.nextInt(10) > 0;
      rows.add(RowFactory.create(id, model, valid ? column(p) : new Double[5], column(target)));
      if (valid) {
        double error = 0;
        for (int k = 0; k < 4; k++) {
          error += 100 * Math.abs(p[k] - target[k]) / 4;
        }
        sums[model] += error;
        masks[model]++;
      }
    }
    spark.createDataFrame(rows, MASKS).repartition(7).createOrReplaceTempView("masks");
    spark.conf().set("spark.sql.codegen.wholeStage", compiled);
    spark.conf().set("spark.sql.codegen.factoryMode", compiled ? "CODEGEN_ONLY" : "NO_CODEGEN");
    try {
      List<Row> found =
          spark
              .sql(
                  "SELECT mcpe(p, target), avg(proportion_error(p, target)) FROM masks GROUP BY"
                      + " model ORDER BY model")
              .collectAsList();
      for (int model = 0; model < 3; model++) {
        assertEquals(sums[model] / masks[model], found.get(model).getDouble(0), 1e-9);
        assertEquals(found.get(model).getDouble(1), found.get(model).getDouble(0), 1e-12);
      }
    } finally {
      spark.conf().unset("spark.sql.codegen.wholeStage");
      spark.conf().unset("spark.sql.codegen.factoryMode");
    }
  }

  /** Four shares of sum 1; the fifth class is unknown. */
  private static double[] shares(Random random) {
    double[] drawn = random.doubles(4).toArray();
    double sum = DoubleStream.of(drawn).sum();
    return Arrays.stream(drawn).map(share -> share / sum).toArray();
  }

  private static Double[] column(double[] shares) {
    Double[] column = new Double[5];
    for (int k = 0; k < 4; k++) {
      column[k] = shares[k];
    }
    return column;
  }

  @Test
  void isCompiledIntoTheQueryAndSummedBeforeTheShuffle() {
    String query =
        "SELECT id % 3, mcpe(array(id / 10), array(0.5D)) FROM range(0, 10, 1, 4) GROUP BY id % 3";
    // an adaptive plan has no code before it runs
    spark.conf().set("spark.sql.adaptive.enabled", false);
    String code =
        spark.sql("EXPLAIN CODEGEN " + query).collectAsList().stream()
            .map(row -> row.getString(0))
            .collect(Collectors.joining("\n"));
    assertTrue(code.contains("io.landloom.udf.ProportionError.points("), code);
    String plan = spark.sql("EXPLAIN " + query).first().getString(0);
    spark.conf().unset("spark.sql.adaptive.enabled");
    assertTrue(plan.contains("partial_mcpe(") || plan.contains("partial_avg("), plan);
    assertFalse(plan.contains("ObjectHashAggregate"), plan);
  }

  @ParameterizedTest
  @ValueSource(strings = {"proportion_error", "mcpe"})
  void keepsItsExampleTrue(String function) {
    String[] example = example(function);
    assertEquals(example[1], String.valueOf(one(example[0]).get(0)));
    assertTrue(description(function).contains("Note:\n"), description(function));
  }

  @Test
  void namesItsColumnsAsTheyAreAsked() {
    Row row =
        one(
            "SELECT proportion_error(p, target), mcpe(p, target) FROM VALUES (array(0.5D),"
                + " array(0.25D)) AS t(p, target) GROUP BY p, target");
    assertArrayEquals(
        new String[] {"proportion_error(p, target)", "mcpe(proportion_error(p, target))"},
        row.schema().fieldNames());
  }
}
