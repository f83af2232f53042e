package io.landloom.jobs.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A table of numbers.
 *
 * @param name its heading
 * @param note what the numbers are of, in words
 * @param columns names of the numbers
 * @param rows one number a column, by the row's name, in order; NaN where there is none
 */
public record ResultTable(
    String name, String note, List<String> columns, LinkedHashMap<String, List<Double>> rows)
    implements Serializable {
  /** Checks the lengths. */
  public ResultTable {
    columns = List.copyOf(columns);
    for (Map.Entry<String, List<Double>> row : rows.entrySet()) {
      if (row.getValue().size() != columns.size()) {
        throw new IllegalArgumentException(
            String.format(
                "row '%s' of '%s' has %d numbers for %d columns",
                row.getKey(), name, row.getValue().size(), columns.size()));
      }
    }
  }

  static ResultTable empty(String name, String note, List<String> columns) {
    return new ResultTable(name, note, columns, new LinkedHashMap<>());
  }

  void add(String row, List<Double> numbers) {
    if (numbers.size() != columns.size()) {
      throw new IllegalArgumentException(
          String.format(
              "row '%s' of '%s' has %d numbers for %d columns",
              row, name, numbers.size(), columns.size()));
    }
    rows.put(row, List.copyOf(numbers));
  }

  /** The number of a row and column. */
  public double at(String row, String column) {
    return rows.get(row).get(columns.indexOf(column));
  }

  /** A row in words. */
  String line(String row) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      words.add(columns.get(i) + " " + text(rows.get(row).get(i)));
    }
    return String.join(", ", words);
  }

  /** The table as JSON would nest it; numbers that are not finite become null. */
  Map<String, Object> nested() {
    Map<String, Object> lines = new LinkedHashMap<>();
    rows.forEach(
        (row, numbers) -> {
          Map<String, Object> line = new LinkedHashMap<>();
          for (int i = 0; i < columns.size(); i++) {
            double number = numbers.get(i);
            line.put(columns.get(i), Double.isFinite(number) ? number : null);
          }
          lines.put(row, line);
        });
    return lines;
  }

  /** The table in Markdown. */
  String markdown() {
    List<String> lines = new ArrayList<>();
    lines.add("## " + name);
    lines.add("");
    lines.add(note);
    lines.add("");
    lines.add("| | " + String.join(" | ", columns) + " |");
    lines.add("|---|" + "---:|".repeat(columns.size()));
    rows.forEach(
        (row, numbers) ->
            lines.add(
                "| "
                    + row
                    + " | "
                    + String.join(" | ", numbers.stream().map(ResultTable::text).toList())
                    + " |"));
    return String.join("\n", lines) + "\n";
  }

  /** Four significant digits; whole numbers as they are. */
  private static String text(double number) {
    if (!Double.isFinite(number)) {
      return "–";
    }
    if (number == Math.rint(number) && Math.abs(number) < 1e9) {
      return Long.toString((long) number);
    }
    int digits = (int) Math.max(0, 3 - Math.floor(Math.log10(Math.abs(number))));
    return String.format(Locale.ROOT, "%." + Math.min(digits, 6) + "f", number);
  }
}
