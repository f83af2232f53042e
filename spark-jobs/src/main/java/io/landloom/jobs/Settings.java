package io.landloom.jobs;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.KnownNames;
import java.io.File;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/**
 * The effective configuration of a job: {@code --set} over {@code --conf} over the defaults.
 *
 * <p>Every key is one of the defaults; a value of another type than the default's is refused.
 */
public final class Settings {
  private static final String DEFAULTS = "landloom/defaults.conf";

  private final Config config;

  private Settings(Config config) {
    this.config = config;
  }

  /**
   * Puts the configuration together.
   *
   * @param conf files of {@code --conf}, the last one wins
   * @param sets {@code key=value} texts of {@code --set}, the last one wins
   * @throws JobException if a file cannot be read, or a key is not known
   */
  public static Settings of(List<File> conf, List<String> sets) {
    Config defaults = defaults();
    Config files = ConfigFactory.empty();
    for (File file : conf) {
      files = read(file).withFallback(files);
    }
    Config overrides = ConfigFactory.empty();
    for (String set : sets) {
      overrides = parse(set, defaults.resolve()).withFallback(overrides);
    }
    Config given = overrides.withFallback(files);
    checkKeys(given, defaults.resolve());
    try {
      return new Settings(given.withFallback(defaults).resolve());
    } catch (ConfigException e) {
      throw JobException.user("configuration: " + e.getMessage());
    }
  }

  private static Config defaults() {
    return ConfigFactory.parseResources(
        Settings.class.getClassLoader(),
        DEFAULTS,
        ConfigParseOptions.defaults().setAllowMissing(false));
  }

  private static Config read(File file) {
    if (!file.isFile()) {
      throw JobException.user("--conf " + file + ": no such file");
    }
    try {
      return ConfigFactory.parseFile(file);
    } catch (ConfigException e) {
      throw JobException.user("--conf " + e.getMessage());
    }
  }

  private static Config parse(String set, Config defaults) {
    int equals = set.indexOf('=');
    if (equals < 1) {
      throw JobException.user("--set " + set + ": expected key=value");
    }
    String key = set.substring(0, equals).trim();
    String value = set.substring(equals + 1).trim();
    ConfigValue standard = leaves(defaults).get(key);
    try {
      return typed(standard)
          ? ConfigFactory.parseString(key + " = " + value)
          : ConfigFactory.empty().withValue(key, ConfigValueFactory.fromAnyRef(value, "--set"));
    } catch (ConfigException e) {
      throw JobException.user("--set " + set + ": " + e.getMessage());
    }
  }

  /** Whether a value is read as HOCON, so that a number is one; texts are taken as they are. */
  private static boolean typed(ConfigValue standard) {
    return standard != null
        && switch (standard.valueType()) {
          case LIST, NUMBER, BOOLEAN -> true;
          default -> false;
        };
  }

  private static void checkKeys(Config given, Config defaults) {
    Map<String, ConfigValue> known = leaves(defaults);
    for (String key : leaves(given).keySet()) {
      if (!known.containsKey(key)) {
        String nearest = KnownNames.nearest(key, known.keySet());
        throw JobException.user("unknown key '" + key + "'; did you mean '" + nearest + "'?");
      }
    }
  }

  /** Leaves by path, nulls included, which {@link Config#entrySet()} leaves out. */
  private static Map<String, ConfigValue> leaves(Config config) {
    Map<String, ConfigValue> leaves = new TreeMap<>();
    collect("", config.root(), leaves);
    return leaves;
  }

  private static void collect(String prefix, ConfigObject object, Map<String, ConfigValue> leaves) {
    object.forEach(
        (name, value) -> {
          String path = prefix + ConfigUtil.quoteString(name).replaceAll("^\"([^\".]+)\"$", "$1");
          if (value instanceof ConfigObject child && !child.isEmpty()) {
            collect(path + ".", child, leaves);
          } else {
            leaves.put(path, value);
          }
        });
  }

  /** A copy with one more {@code key=value}. */
  public Settings with(String key, Object value) {
    return new Settings(
        config.withValue(key, ConfigValueFactory.fromAnyRef(value, "set by the job")));
  }

  /** Text of a key that must be set. */
  public String text(String key) {
    return optionalText(key)
        .orElseThrow(() -> JobException.user(key + " is not set; give --set " + key + "=..."));
  }

  /** Text of a key that may be left out. */
  public Optional<String> optionalText(String key) {
    return config.hasPath(key) ? Optional.of(read(key, Config::getString)) : Optional.empty();
  }

  /** One of the given words. */
  public String choice(String key, String... words) {
    String value = text(key);
    if (!List.of(words).contains(value)) {
      throw JobException.user(
          key + " = " + value + ": expected one of " + String.join(", ", words));
    }
    return value;
  }

  /** A whole number within bounds. */
  public int integer(String key, int least, int most) {
    long value = read(key, Config::getLong);
    if (value < least || value > most) {
      throw JobException.user(
          key + " = " + value + ": expected a whole number from " + least + " to " + most);
    }
    return (int) value;
  }

  /** A 64-bit whole number. */
  public long bigint(String key) {
    return read(key, Config::getLong);
  }

  /** Whether something is to be done. */
  public boolean flag(String key) {
    return read(key, Config::getBoolean);
  }

  /** A number within bounds. */
  public double real(String key, double least, double most) {
    double value = read(key, Config::getDouble);
    if (!(value >= least && value <= most)) {
      throw JobException.user(
          key + " = " + value + ": expected a number from " + least + " to " + most);
    }
    return value;
  }

  /** A list of texts. */
  public List<String> texts(String key) {
    return read(key, Config::getStringList);
  }

  /** A list of whole numbers within bounds. */
  public List<Integer> integers(String key, int least, int most) {
    List<Integer> values = read(key, Config::getIntList);
    for (int value : values) {
      if (value < least || value > most) {
        throw JobException.user(
            key + " = " + values + ": expected whole numbers from " + least + " to " + most);
      }
    }
    return List.copyOf(values);
  }

  /** A list of numbers. */
  public List<Double> reals(String key) {
    return read(key, Config::getDoubleList);
  }

  /** The part of the configuration below a prefix. */
  public Config section(String prefix) {
    return config.getConfig(prefix);
  }

  private <T> T read(String key, BiFunction<Config, String, T> reader) {
    try {
      return reader.apply(config, key);
    } catch (ConfigException.WrongType | ConfigException.BadValue e) {
      throw JobException.user(
          key + " = " + config.getValue(key).unwrapped() + ": " + plain(e.getMessage()));
    } catch (ConfigException.Missing e) {
      throw JobException.user(key + " is not set; give --set " + key + "=...");
    }
  }

  private static String plain(String message) {
    int colon = message.lastIndexOf(": ");
    return colon < 0 ? message : message.substring(colon + 2);
  }

  /** Every key with its effective value, one a line. */
  public String describe() {
    return leaves(config).entrySet().stream()
        .map(e -> "  " + e.getKey() + " = " + render(e.getValue()))
        .collect(Collectors.joining("\n"));
  }

  /** Every key with its effective value. */
  public Map<String, Object> values() {
    Map<String, Object> values = new TreeMap<>();
    leaves(config)
        .forEach(
            (key, value) ->
                values.put(
                    key, value instanceof ConfigList list ? list.unwrapped() : value.unwrapped()));
    return values;
  }

  private static String render(ConfigValue value) {
    return value.render(ConfigRenderOptions.concise());
  }
}
