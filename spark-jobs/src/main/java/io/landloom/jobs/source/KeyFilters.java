package io.landloom.jobs.source;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.sources.And;
import org.apache.spark.sql.sources.EqualTo;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.GreaterThan;
import org.apache.spark.sql.sources.GreaterThanOrEqual;
import org.apache.spark.sql.sources.In;
import org.apache.spark.sql.sources.LessThan;
import org.apache.spark.sql.sources.LessThanOrEqual;
import org.apache.spark.sql.sources.Or;
import org.apache.spark.sql.sources.StringStartsWith;

/**
 * Filters on scene and row of patches, which are decided before a file is opened.
 *
 * <p>Known are {@code scene_id} equal to a text, in a list or with a beginning; {@code row} equal
 * to a number, in a list or in a range; and what AND and OR make of them. All else is Spark's.
 *
 * @param filters all of which must hold
 */
record KeyFilters(List<Filter> filters) {
  private static final String SCENE = "scene_id";
  private static final String ROW = "row";

  /** No filter. */
  static KeyFilters none() {
    return new KeyFilters(List.of());
  }

  /** Whether a filter can be decided here, exactly as Spark would. */
  static boolean knows(Filter filter) {
    if (filter instanceof And and) {
      return knows(and.left()) && knows(and.right());
    }
    if (filter instanceof Or or) {
      return knows(or.left()) && knows(or.right());
    }
    if (filter instanceof In in) {
      // a null in the list equals nothing, so it leaves the filter as it is
      return Arrays.stream(in.values())
          .filter(Objects::nonNull)
          .allMatch(value -> fits(in.attribute(), value));
    }
    if (filter instanceof EqualTo equal) {
      return fits(equal.attribute(), equal.value());
    }
    if (filter instanceof StringStartsWith begins) {
      return begins.attribute().equals(SCENE);
    }
    Bound bound = Bound.of(filter);
    return bound != null && bound.column().equals(ROW) && bound.value() instanceof Integer;
  }

  private static boolean fits(String column, Object value) {
    return (column.equals(SCENE) && value instanceof String)
        || (column.equals(ROW) && value instanceof Integer);
  }

  /** Whether a scene may hold wanted patches, as far as its name tells. */
  boolean wants(String scene) {
    return filters.stream()
        .filter(filter -> Arrays.stream(filter.references()).allMatch(SCENE::equals))
        .allMatch(filter -> holds(filter, scene, 0));
  }

  /** Whether the patches of a row of a scene are wanted. */
  boolean wants(String scene, int row) {
    return filters.stream().allMatch(filter -> holds(filter, scene, row));
  }

  private static boolean holds(Filter filter, String scene, int row) {
    if (filter instanceof And and) {
      return holds(and.left(), scene, row) && holds(and.right(), scene, row);
    }
    if (filter instanceof Or or) {
      return holds(or.left(), scene, row) || holds(or.right(), scene, row);
    }
    if (filter instanceof In in) {
      return Arrays.asList(in.values()).contains(value(in.attribute(), scene, row));
    }
    if (filter instanceof EqualTo equal) {
      return equal.value().equals(value(equal.attribute(), scene, row));
    }
    if (filter instanceof StringStartsWith begins) {
      return scene.startsWith(begins.value());
    }
    return Bound.of(filter).holds(row);
  }

  private static Object value(String column, String scene, int row) {
    return column.equals(SCENE) ? scene : (Object) row;
  }

  /**
   * One end of a range.
   *
   * @param column what is compared
   * @param value with what
   * @param sign of column minus value, where they differ
   * @param closed whether the value itself belongs to the range
   */
  private record Bound(String column, Object value, int sign, boolean closed) {
    static Bound of(Filter filter) {
      if (filter instanceof GreaterThan bound) {
        return new Bound(bound.attribute(), bound.value(), 1, false);
      }
      if (filter instanceof GreaterThanOrEqual bound) {
        return new Bound(bound.attribute(), bound.value(), 1, true);
      }
      if (filter instanceof LessThan bound) {
        return new Bound(bound.attribute(), bound.value(), -1, false);
      }
      if (filter instanceof LessThanOrEqual bound) {
        return new Bound(bound.attribute(), bound.value(), -1, true);
      }
      return null;
    }

    boolean holds(int row) {
      int compared = Integer.compare(row, (Integer) value);
      return compared == 0 ? closed : compared == sign;
    }
  }
}
