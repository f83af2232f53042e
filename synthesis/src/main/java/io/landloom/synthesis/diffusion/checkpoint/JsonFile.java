package io.landloom.synthesis.diffusion.checkpoint;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import io.landloom.geo.source.ByteSource;
import io.landloom.synthesis.weights.ModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** A JSON object of a checkpoint, read with bounds; a key of value null counts as absent. */
final class JsonFile {
  private static final int MAX_BYTES = 1 << 24;
  private static final int MAX_DEPTH = 16;

  private final String name;
  private final Config config;

  private JsonFile(String name, Config config) {
    this.name = name;
    this.config = config;
  }

  /** Reads a file whole, as UTF-8 of at most 16 MiB. */
  static String text(ModelFiles files, String path) throws IOException {
    try (ByteSource source = files.open(path)) {
      if (source.length() > MAX_BYTES) {
        throw new ModelException(source.name(), source.length() + " bytes are over " + MAX_BYTES);
      }
      byte[] bytes = new byte[(int) source.length()];
      source.read(0, bytes, 0, bytes.length);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  static JsonFile read(ModelFiles files, String path) throws IOException {
    String json = text(files, path);
    requireShallow(path, json);
    try {
      ConfigParseOptions options =
          ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON).setOriginDescription(path);
      return new JsonFile(path, ConfigFactory.parseString(json, options));
    } catch (ConfigException e) {
      throw new ModelException(path, "not a JSON object: " + e.getMessage());
    }
  }

  private static void requireShallow(String path, String json) {
    int depth = 0;
    boolean quoted = false;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted) {
        depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
      }
      if (depth > MAX_DEPTH) {
        throw new ModelException(path, "nested deeper than " + MAX_DEPTH);
      }
    }
  }

  String name() {
    return name;
  }

  boolean has(String key) {
    return config.hasPath(key);
  }

  int integer(String key) {
    return (int) number(key, value(key));
  }

  int integer(String key, int absent) {
    return has(key) ? integer(key) : absent;
  }

  double real(String key, double absent) {
    return has(key) ? number(key, value(key)) : absent;
  }

  String text(String key, String absent) {
    return has(key) ? Objects.toString(value(key)) : absent;
  }

  /** A list of whole numbers, or one that stands for all {@code count}. */
  List<Integer> integers(String key, int count) {
    Object value = value(key);
    List<Integer> integers = new ArrayList<>();
    if (value instanceof List<?> list) {
      list.forEach(element -> integers.add((int) number(key, element)));
    } else {
      for (int i = 0; i < count; i++) {
        integers.add((int) number(key, value));
      }
    }
    return integers;
  }

  List<String> texts(String key) {
    if (!(config.hasPath(key) && config.getValue(key) instanceof ConfigList list)) {
      throw new ModelException(name, key + " is no list");
    }
    return list.unwrapped().stream().map(Objects::toString).toList();
  }

  /** All members, whose values must be whole numbers. */
  Map<String, Integer> integers() {
    Map<String, Integer> integers = new TreeMap<>();
    for (Map.Entry<String, ConfigValue> member : config.root().entrySet()) {
      integers.put(member.getKey(), (int) number(member.getKey(), member.getValue().unwrapped()));
    }
    return integers;
  }

  private Object value(String key) {
    if (!has(key)) {
      throw new ModelException(name, key + " is missing");
    }
    return config.getValue(key).unwrapped();
  }

  private double number(String key, Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw new ModelException(name, key + " is no number: " + value);
  }

  /**
   * Checks what the networks here can do.
   *
   * @param key absent, or of this value
   */
  void require(String key, String expected) {
    if (has(key) && !text(key, "").equals(expected)) {
      throw new ModelException(
          name, key + " is " + text(key, "") + ", only " + expected + " is implemented");
    }
  }

  /** Checks that a key is absent. */
  void requireAbsent(String key) {
    if (has(key)) {
      throw new ModelException(
          name, key + " is " + text(key, "") + ", only its absence is implemented");
    }
  }
}
