package io.landloom.synthesis.training;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.util.Map;
import java.util.function.Function;

/**
 * The keys of a system with their defaults, which ship as {@code landloom/SYSTEM.conf}.
 *
 * @param system the system's name
 * @param keys its keys
 */
public record SystemDefaults(String system, Config keys) {
  /** The defaults of a system. */
  public static SystemDefaults of(String system) {
    return new SystemDefaults(
        system,
        ConfigFactory.parseResources(
            SystemDefaults.class.getClassLoader(),
            "landloom/" + system + ".conf",
            ConfigParseOptions.defaults().setAllowMissing(false)));
  }

  /**
   * Reads settings; keys that are not given have their defaults.
   *
   * @throws IllegalArgumentException if a key is unknown, of the wrong type or out of range
   */
  public <T> T read(Config given, Function<Config, T> reader) {
    for (var entry : given.entrySet()) {
      if (!keys.hasPath(entry.getKey())) {
        throw new IllegalArgumentException(
            "unknown key '" + entry.getKey() + "' of " + system + "; known are " + known());
      }
    }
    try {
      return reader.apply(given.withFallback(keys));
    } catch (ConfigException e) {
      throw new IllegalArgumentException(system + ": " + e.getMessage(), e);
    }
  }

  private String known() {
    return String.join(", ", keys.entrySet().stream().map(Map.Entry::getKey).sorted().toList());
  }
}
