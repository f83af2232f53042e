package io.landloom.jobs.run;

import java.util.List;
import java.util.stream.Collectors;

/** One JSON object on one line, of ASCII alone, with its keys in the order they are given. */
public final class JsonLine {
  private final StringBuilder line = new StringBuilder("{");

  /** Adds a text, or null. */
  public JsonLine text(String key, String value) {
    return add(key, value == null ? "null" : quoted(value));
  }

  /** Adds a number, or null; what JSON cannot say is null too. */
  public JsonLine number(String key, Number value) {
    return add(key, number(value));
  }

  /** Adds a list of numbers, or null. */
  public JsonLine numbers(String key, List<? extends Number> values) {
    return add(
        key,
        values == null
            ? "null"
            : values.stream().map(JsonLine::number).collect(Collectors.joining(", ", "[", "]")));
  }

  /** Adds a list of texts. */
  public JsonLine texts(String key, List<String> values) {
    return add(
        key, values.stream().map(JsonLine::quoted).collect(Collectors.joining(", ", "[", "]")));
  }

  /** Adds whether something holds. */
  public JsonLine flag(String key, boolean value) {
    return add(key, Boolean.toString(value));
  }

  /** Adds a value that is JSON already. */
  public JsonLine json(String key, String value) {
    return add(key, value);
  }

  /** The object. */
  public String end() {
    return line + "}";
  }

  private JsonLine add(String key, String value) {
    line.append(line.length() > 1 ? ", " : "").append(quoted(key)).append(": ").append(value);
    return this;
  }

  private static String number(Number value) {
    boolean sayable = value != null && Double.isFinite(value.doubleValue());
    return sayable ? value.toString() : "null";
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
