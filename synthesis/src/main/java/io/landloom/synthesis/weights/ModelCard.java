package io.landloom.synthesis.weights;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a model is, beside its weights.
 *
 * @param name the model's name
 * @param architecture which networks read the weights, such as {@code csebgan}
 * @param scheme the classes it draws
 * @param patchSize pixels along an edge
 * @param bands samples a pixel
 * @param sizes widths of the networks by name
 * @param inference form of the weights, such as {@code spectral-folded float32}
 * @param training where the weights come from
 */
public record ModelCard(
    String name,
    String architecture,
    SchemeClasses scheme,
    int patchSize,
    int bands,
    SortedMap<String, Integer> sizes,
    String inference,
    Training training) {
  private static final int MAX_DEPTH = 16;

  /** Copies the sizes. */
  public ModelCard {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(architecture, "architecture");
    Objects.requireNonNull(scheme, "scheme");
    Objects.requireNonNull(inference, "inference");
    Objects.requireNonNull(training, "training");
    sizes = new TreeMap<>(sizes);
  }

  /**
   * A scheme as a model knows it.
   *
   * @param name the scheme's name
   * @param version the definition's version
   * @param classes names of the valid classes in the scheme's order, unknown last
   */
  public record SchemeClasses(String name, int version, List<String> classes) {
    /** Copies the names. */
    public SchemeClasses {
      classes = List.copyOf(classes);
    }

    /** The classes of a scheme. */
    public static SchemeClasses of(LandCoverScheme scheme) {
      List<String> names =
          new ArrayList<>(scheme.validClasses().stream().map(LandCoverClass::name).toList());
      names.add(scheme.classes().get(scheme.position(scheme.unknownIndex())).name());
      return new SchemeClasses(scheme.name(), scheme.version(), names);
    }

    @Override
    public String toString() {
      return name + " v" + version + " " + classes;
    }
  }

  /**
   * Where weights come from.
   *
   * @param steps training steps
   * @param seed seed of the training
   * @param dataset the training data, in words
   * @param licence the weights' licence
   * @param metrics what was measured of the weights, by name
   */
  public record Training(
      long steps, long seed, String dataset, String licence, SortedMap<String, Double> metrics) {
    /** Checks that the texts are there. */
    public Training {
      Objects.requireNonNull(dataset, "dataset");
      Objects.requireNonNull(licence, "licence");
      metrics = new TreeMap<>(metrics);
    }

    /** Weights of which nothing was measured yet. */
    public Training(long steps, long seed, String dataset, String licence) {
      this(steps, seed, dataset, licence, new TreeMap<>());
    }
  }

  /** The same with what was measured of the weights. */
  public ModelCard withMetrics(Map<String, Double> metrics) {
    return new ModelCard(
        name,
        architecture,
        scheme,
        patchSize,
        bands,
        sizes,
        inference,
        new Training(
            training.steps,
            training.seed,
            training.dataset,
            training.licence,
            new TreeMap<>(metrics)));
  }

  /**
   * Checks that the model draws this scheme's classes.
   *
   * @throws ModelException if it was trained for another one
   */
  public void requireScheme(LandCoverScheme expected) {
    if (!scheme.equals(SchemeClasses.of(expected))) {
      throw new ModelException(
          "model '" + name + "'",
          "draws scheme "
              + scheme
              + ", not "
              + SchemeClasses.of(expected)
              + "; choose a model trained for this scheme");
    }
  }

  /**
   * A width of the networks.
   *
   * @throws ModelException if the card does not give it
   */
  public int size(String key) {
    Integer size = sizes.get(key);
    if (size == null || size < 1) {
      throw new ModelException("model '" + name + "'", "sizes." + key + " is " + size);
    }
    return size;
  }

  /** The card as JSON, with the digest of its weights file. */
  String render(String weightsSha256, Precision precision) {
    Map<String, Object> card = new LinkedHashMap<>();
    card.put("name", name);
    card.put("architecture", architecture);
    card.put(
        "scheme",
        Map.of("name", scheme.name, "version", scheme.version, "classes", scheme.classes));
    card.put("patchSize", patchSize);
    card.put("bands", bands);
    card.put("sizes", sizes);
    card.put("inference", inference);
    card.put("training", described(training));
    card.put("weights", Map.of("sha256", weightsSha256, "precision", precision.name()));
    return ConfigValueFactory.fromMap(card)
            .render(ConfigRenderOptions.concise().setFormatted(true))
            .strip()
        + "\n";
  }

  private static Map<String, Object> described(Training training) {
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("steps", training.steps);
    described.put("seed", Long.toString(training.seed));
    described.put("dataset", training.dataset);
    described.put("licence", training.licence);
    if (!training.metrics.isEmpty()) {
      described.put("metrics", training.metrics);
    }
    return described;
  }

  /** A parsed card with the digest it gives of its weights file. */
  record Parsed(ModelCard card, String weightsSha256) {}

  /**
   * Parses a card.
   *
   * @throws ModelException if it is not JSON or a key is missing
   */
  static Parsed parse(String source, String json) {
    requireShallow(source, json);
    try {
      Config config =
          ConfigFactory.parseString(
              json,
              ConfigParseOptions.defaults()
                  .setSyntax(ConfigSyntax.JSON)
                  .setOriginDescription(source));
      SortedMap<String, Integer> sizes = new TreeMap<>();
      Config sizeConfig = config.getConfig("sizes");
      sizeConfig
          .root()
          .keySet()
          .forEach(key -> sizes.put(key, sizeConfig.getInt(ConfigUtil.joinPath(key))));
      SortedMap<String, Double> metrics = new TreeMap<>();
      if (config.hasPath("training.metrics")) {
        config
            .getObject("training.metrics")
            .forEach((key, value) -> metrics.put(key, number(source, key, value)));
      }
      ModelCard card =
          new ModelCard(
              config.getString("name"),
              config.getString("architecture"),
              new SchemeClasses(
                  config.getString("scheme.name"),
                  config.getInt("scheme.version"),
                  config.getStringList("scheme.classes")),
              config.getInt("patchSize"),
              config.getInt("bands"),
              sizes,
              config.getString("inference"),
              new Training(
                  config.getLong("training.steps"),
                  config.getLong("training.seed"),
                  config.getString("training.dataset"),
                  config.getString("training.licence"),
                  metrics));
      return new Parsed(card, config.getString("weights.sha256"));
    } catch (ConfigException e) {
      throw new ModelException(source, "not a model card: " + e.getMessage());
    }
  }

  private static double number(String source, String key, ConfigValue value) {
    if (value.unwrapped() instanceof Number number) {
      return number.doubleValue();
    }
    throw new ModelException(
        source,
        "not a model card: training.metrics." + key + " is no number: " + value.unwrapped());
  }

  private static void requireShallow(String source, String json) {
    int depth = 0;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c == '{' || c == '[') {
        depth++;
      } else if (c == '}' || c == ']') {
        depth--;
      }
      if (depth > MAX_DEPTH) {
        throw new ModelException(source, "not a model card: nested deeper than " + MAX_DEPTH);
      }
    }
  }
}
