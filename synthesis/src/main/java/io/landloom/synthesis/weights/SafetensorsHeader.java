package io.landloom.synthesis.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON header of a safetensors file, parsed without recursion: an object of entries with a
 * type, a shape and a byte range, and one optional object of texts.
 */
final class SafetensorsHeader {
  /** One tensor's entry; begin and end are bytes after the header. */
  record Entry(String name, String type, long[] shape, long begin, long end) {}

  private static final String METADATA = "__metadata__";

  private final String source;
  private final String json;
  private int position;

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private SafetensorsHeader(String source, String json) {
    this.source = source;
    this.json = json;
  }

  /**
   * Parses a header.
   *
   * @throws ModelException if it is not a safetensors header, naming the character
   */
  static SafetensorsHeader parse(String source, String json) {
    SafetensorsHeader header = new SafetensorsHeader(source, json);
    header.members(header::member);
    header.skipSpace();
    if (header.position < json.length()) {
      throw header.broken("text after the end");
    }
    return header;
  }

  /** The tensors in the header's order. */
  Map<String, Entry> entries() {
    return entries;
  }

  /** The texts of {@code __metadata__}. */
  Map<String, String> metadata() {
    return metadata;
  }

  private interface Member {
    void read(String name);
  }

  private void members(Member member) {
    expect('{');
    if (next() == '}') {
      position++;
      return;
    }
    do {
      String name = text();
      expect(':');
      member.read(name);
    } while (more('}'));
  }

  private void member(String name) {
    if (name.equals(METADATA)) {
      members(key -> metadata.put(key, text()));
      return;
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    members(field -> fields.put(field, field(field)));
    if (!(fields.get("dtype") instanceof String type)
        || !(fields.get("shape") instanceof long[] shape)
        || !(fields.get("data_offsets") instanceof long[] range)
        || range.length != 2) {
      throw broken("tensor '" + name + "' needs dtype, shape and two data_offsets");
    }
    if (entries.put(name, new Entry(name, type, shape, range[0], range[1])) != null) {
      throw broken("tensor '" + name + "' appears twice");
    }
  }

  private Object field(String field) {
    return switch (field) {
      case "dtype" -> text();
      case "shape", "data_offsets" -> numbers();
      default -> throw broken("unknown field '" + field + "'");
    };
  }

  private long[] numbers() {
    expect('[');
    List<Long> numbers = new ArrayList<>();
    if (next() == ']') {
      position++;
      return new long[0];
    }
    do {
      numbers.add(number());
    } while (more(']'));
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  private long number() {
    skipSpace();
    int start = position;
    while (position < json.length() && Character.isDigit(json.charAt(position))) {
      position++;
    }
    try {
      return Long.parseLong(json.substring(start, position));
    } catch (NumberFormatException e) {
      throw broken("not a whole number from 0 to 2^63 - 1");
    }
  }

  private String text() {
    expect('"');
    StringBuilder text = new StringBuilder();
    while (position < json.length()) {
      char c = json.charAt(position++);
      if (c == '"') {
        return text.toString();
      }
      text.append(c == '\\' ? escaped() : c);
    }
    throw broken("text without an end");
  }

  private char escaped() {
    if (position >= json.length()) {
      throw broken("text without an end");
    }
    char c = json.charAt(position++);
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> hexadecimal();
      default -> throw broken("unknown escape '\\" + c + "'");
    };
  }

  private char hexadecimal() {
    if (position + 4 > json.length()) {
      throw broken("text without an end");
    }
    try {
      char c = (char) Integer.parseInt(json, position, position + 4, 16);
      position += 4;
      return c;
    } catch (NumberFormatException e) {
      throw broken("not four hexadecimal digits");
    }
  }

  private boolean more(char end) {
    char c = next();
    if (c != ',' && c != end) {
      throw broken("'" + c + "' where ',' or '" + end + "' belongs");
    }
    position++;
    return c == ',';
  }

  private void expect(char expected) {
    char c = next();
    if (c != expected) {
      throw broken("'" + c + "' where '" + expected + "' belongs");
    }
    position++;
  }

  private char next() {
    skipSpace();
    if (position >= json.length()) {
      throw broken("it ends too early");
    }
    return json.charAt(position);
  }

  private void skipSpace() {
    while (position < json.length() && " \t\r\n".indexOf(json.charAt(position)) >= 0) {
      position++;
    }
  }

  private ModelException broken(String problem) {
    return new ModelException(source, "header, character " + position + ": " + problem);
  }
}
