package io.landloom.jobs.source;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntPredicate;
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
 */
final class KeyFilters {
  private static final String SCENE = "scene_id";
  private static final String ROW = "row";
  private static final IntPredicate ALL = row -> true;
  private static final IntPredicate NONE = row -> false;

  private final List<Filter> filters;
  private final List<Condition> conditions;

  /** A filter made ready to decide scene by scene. */
  @FunctionalInterface
  private interface Condition {
    /** The rows of a scene; {@link #ALL} and {@link #NONE} where its name decides alone. */
    IntPredicate rows(String scene);
  }

  /**
   * Filters that are known.
   *
   * @param filters all of which must hold
   */
  KeyFilters(List<Filter> filters) {
    this.filters = List.copyOf(filters);
    this.conditions = filters.stream().map(KeyFilters::condition).toList();
  }

  /** The filters, all of which must hold. */
  List<Filter> filters() {
    return filters;
  }

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
    return rows(scene) != NONE;
  }

  /** Which rows of a scene's patches are wanted. */
  IntPredicate rows(String scene) {
    IntPredicate rows = ALL;
    for (Condition condition : conditions) {
      rows = both(rows, condition.rows(scene));
    }
    return rows;
  }

  private static Condition condition(Filter filter) {
    if (filter instanceof And and) {
      Condition left = condition(and.left());
      Condition right = condition(and.right());
      return scene -> both(left.rows(scene), right.rows(scene));
    }
    if (filter instanceof Or or) {
      Condition left = condition(or.left());
      Condition right = condition(or.right());
      return scene -> either(left.rows(scene), right.rows(scene));
    }
    if (filter instanceof In in) {
      return among(in.attribute(), new HashSet<>(Arrays.asList(in.values())));
    }
    if (filter instanceof EqualTo equal) {
      return among(equal.attribute(), Set.of(equal.value()));
    }
    if (filter instanceof StringStartsWith begins) {
      return scene -> scene.startsWith(begins.value()) ? ALL : NONE;
    }
    Bound bound = Bound.of(filter);
    return scene -> bound::holds;
  }

  private static Condition among(String column, Set<Object> values) {
    IntPredicate rows = values::contains;
    return column.equals(SCENE) ? scene -> values.contains(scene) ? ALL : NONE : scene -> rows;
  }

  private static IntPredicate both(IntPredicate one, IntPredicate other) {
    if (one == NONE || other == ALL) {
      return one;
    }
    return other == NONE || one == ALL ? other : one.and(other);
  }

  private static IntPredicate either(IntPredicate one, IntPredicate other) {
    if (one == ALL || other == NONE) {
      return one;
    }
    return other == ALL || one == NONE ? other : one.or(other);
  }

  // Spark computes equal scans of a query once
  @Override
  public boolean equals(Object other) {
    return other instanceof KeyFilters that && filters.equals(that.filters);
  }

  @Override
  public int hashCode() {
    return filters.hashCode();
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
