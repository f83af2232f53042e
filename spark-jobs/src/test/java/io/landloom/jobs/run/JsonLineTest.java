package io.landloom.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonLineTest {
  @Test
  void saysNumbersExactlyAndWhatJsonCannotSayAsNull() {
    assertEquals(
        "{\"a\": 36893488147419103232, \"b\": [1.5, null, null, -1.9719999722437313E40], \"c\": null}",
        new JsonLine()
            .number("a", BigInteger.TWO.pow(65))
            .numbers(
                "b",
                Arrays.asList(1.5, Double.NaN, Double.POSITIVE_INFINITY, -1.9719999722437313e+40))
            .numbers("c", null)
            .end());
    assertEquals("{}", new JsonLine().end());
  }

  @Test
  void saysTextsAndFlagsAndTakesJsonAsItIs() {
    assertEquals(
        "{\"a\": [\"x\", \"\\\"\"], \"b\": true, \"c\": false, \"d\": {\"e\": []}, \"f\": null}",
        new JsonLine()
            .texts("a", List.of("x", "\""))
            .flag("b", true)
            .flag("c", false)
            .json("d", new JsonLine().texts("e", List.of()).end())
            .text("f", null)
            .end());
  }

  @Test
  void escapesAllButPrintableAscii() {
    assertEquals(
        "{\"k\": \"a\\\"b\\\\c\\u0000\\u001f ~\\u007f\\u00e9\\ud83d\\ude00\"}",
        new JsonLine().text("k", "a\"b\\c\u0000\u001f ~\u007f\u00e9\ud83d\ude00").end());
  }
}
