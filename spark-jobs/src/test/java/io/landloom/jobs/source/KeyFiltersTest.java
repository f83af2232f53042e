package io.landloom.jobs.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.sources.And;
import org.apache.spark.sql.sources.EqualTo;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.GreaterThan;
import org.apache.spark.sql.sources.In;
import org.apache.spark.sql.sources.Or;
import org.apache.spark.sql.sources.StringStartsWith;
import org.junit.jupiter.api.Test;

class KeyFiltersTest {
  private static KeyFilters of(Filter... filters) {
    return new KeyFilters(List.of(filters));
  }

  private static int[] rows(KeyFilters filters, String scene) {
    return IntStream.range(0, 4).filter(filters.rows(scene)).toArray();
  }

  @Test
  void aSceneThatNoBranchNamesIsNotWanted() {
    KeyFilters filters =
        of(
            new Or(
                new And(new EqualTo("scene_id", "a"), new EqualTo("row", 0)),
                new And(new StringStartsWith("scene_id", "b"), new GreaterThan("row", 1))));
    assertTrue(filters.wants("a"));
    assertTrue(filters.wants("bc"));
    assertFalse(filters.wants("c"));
    assertArrayEquals(new int[] {0}, rows(filters, "a"));
    assertArrayEquals(new int[] {2, 3}, rows(filters, "bc"));
    assertArrayEquals(new int[] {}, rows(filters, "c"));
  }

  @Test
  void allFiltersHoldTogetherAndANullInAListIsNoKey() {
    KeyFilters filters =
        of(
            new In("scene_id", new Object[] {"a", null, "b"}),
            new In("row", new Object[] {null, 3, 1}),
            new GreaterThan("row", 1));
    assertArrayEquals(new int[] {3}, rows(filters, "b"));
    assertFalse(filters.wants("null"));
    assertArrayEquals(new int[] {0, 1, 2, 3}, rows(KeyFilters.none(), "any"));
  }

  @Test
  void areEqualWhereTheirFiltersAreSoThatSparkScansOnce() {
    KeyFilters filters = of(new In("row", new Object[] {1, 2}));
    assertEquals(filters, of(new In("row", new Object[] {1, 2})));
    assertEquals(filters.hashCode(), of(new In("row", new Object[] {1, 2})).hashCode());
    assertNotEquals(filters, of(new In("row", new Object[] {1, 3})));
  }
}
