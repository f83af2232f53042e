package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The options of the README are those of {@code conf/defaults.conf}, with its comments.
 *
 * <p>{@code mvn -pl spark-jobs -am test -Dtest=ReadmeOptionsTest -Dlandloom.update=true
 * -Dsurefire.failIfNoSpecifiedTests=false} writes them anew.
 */
final class ReadmeOptionsTest {
  private static final Path README = Path.of("..", "README.md");
  private static final Path DEFAULTS = Path.of("..", "conf", "defaults.conf");
  private static final List<String> SYSTEMS =
      List.of(
          "csebgan",
          "segmenter",
          "features",
          "autoencoder",
          "denoiser",
          "adapters",
          "controlnet",
          "ddpm",
          "head");

  private static final Pattern HEADING = Pattern.compile("# -+ (.*?) -+");
  private static final Pattern MARKED =
      Pattern.compile("(<!-- options:begin -->\n)(.*)(<!-- options:end -->\n)", Pattern.DOTALL);

  /**
   * A key of the configuration.
   *
   * @param key its path
   * @param written where it is written: the line, and the comments above it
   * @param value its default
   */
  private record Option(String key, ConfigValue written, ConfigValue value) {
    int line() {
      return written.origin().lineNumber();
    }

    String parent() {
      return key.substring(0, Math.max(0, key.lastIndexOf('.')));
    }

    String comment() {
      return written.origin().comments().stream()
          .map(String::strip)
          .collect(Collectors.joining(" "));
    }
  }

  @Test
  void theReadmeListsEveryOptionWithItsDefault() throws IOException {
    String readme = Files.readString(README);
    Matcher marked = MARKED.matcher(readme);
    assertTrue(marked.find(), "README.md has no section between the options' markers");
    String expected = render();
    if (Boolean.getBoolean("landloom.update")) {
      Files.writeString(
          README,
          readme.substring(0, marked.start(2)) + expected + readme.substring(marked.end(2)));
      return;
    }
    assertEquals(
        expected,
        marked.group(2),
        "README.md does not list the options of conf/defaults.conf;"
            + " run this test with -Dlandloom.update=true to write them anew");
  }

  /** The headings of the defaults, each with a table of its options. */
  private static String render() throws IOException {
    Config defaults = ConfigFactory.parseFile(DEFAULTS.toFile()).resolve();
    Map<String, ConfigValue> values = leaves(defaults);
    Config withoutSystems = defaults;
    for (String system : SYSTEMS) {
      withoutSystems = withoutSystems.withoutPath(system);
    }
    Map<Integer, Option> own = byLine(withoutSystems, values);

    StringBuilder page = new StringBuilder();
    List<Option> section = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(DEFAULTS)) {
      number++;
      Matcher heading = HEADING.matcher(line);
      if (heading.matches()) {
        page.append(table(section)).append("\n**").append(heading.group(1)).append("**\n\n");
        section.clear();
      } else if (own.containsKey(number)) {
        section.add(own.get(number));
      }
      for (String system : SYSTEMS) {
        if (line.contains(file(system))) {
          section.addAll(byLine(defaultsOf(system), values).values());
        }
      }
    }
    return page.append(table(section)).append("\n").toString();
  }

  private static String file(String system) {
    return "landloom/" + system + ".conf";
  }

  private static Config defaultsOf(String system) {
    return ConfigFactory.parseResources(
            ReadmeOptionsTest.class.getClassLoader(),
            file(system),
            ConfigParseOptions.defaults().setAllowMissing(false))
        .atPath(system);
  }

  private static Map<Integer, Option> byLine(Config written, Map<String, ConfigValue> values) {
    return leaves(written).entrySet().stream()
        .map(leaf -> new Option(leaf.getKey(), leaf.getValue(), values.get(leaf.getKey())))
        .collect(
            Collectors.toMap(
                Option::line, Function.identity(), ReadmeOptionsTest::refuse, TreeMap::new));
  }

  private static Option refuse(Option one, Option other) {
    throw new IllegalStateException(one.key() + " and " + other.key() + " share a line");
  }

  /** Every key with its value, keys without one included. */
  private static Map<String, ConfigValue> leaves(Config config) {
    Map<String, ConfigValue> leaves = new TreeMap<>();
    collect("", config.root(), leaves);
    return leaves;
  }

  private static void collect(String prefix, ConfigObject object, Map<String, ConfigValue> leaves) {
    object.forEach(
        (name, value) -> {
          if (value instanceof ConfigObject child) {
            collect(prefix + name + ".", child, leaves);
          } else {
            leaves.put(prefix + name, value);
          }
        });
  }

  /** One row a comment: keys below one object that follow without a comment share the row. */
  private static String table(List<Option> options) {
    StringBuilder table = new StringBuilder();
    List<Option> row = new ArrayList<>();
    for (Option option : options) {
      boolean shares =
          !row.isEmpty()
              && option.comment().isEmpty()
              && option.parent().equals(row.get(0).parent());
      if (!shares) {
        table.append(row(row));
        row.clear();
      }
      row.add(option);
    }
    table.append(row(row));
    return options.isEmpty() ? "" : "| key | default | meaning |\n|---|---|---|\n" + table;
  }

  private static String row(List<Option> options) {
    if (options.isEmpty()) {
      return "";
    }
    return String.format(
        "| %s | %s | %s |\n",
        cell(options, Option::key),
        cell(options, option -> option.value().render(ConfigRenderOptions.concise())),
        options.get(0).comment().replace("|", "\\|").replace("<", "&lt;"));
  }

  private static String cell(List<Option> options, Function<Option, String> text) {
    return options.stream()
        .map(option -> "`" + text.apply(option) + "`")
        .collect(Collectors.joining("<br>"));
  }
}
