package io.landloom.jobs.run;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import io.landloom.geo.landcover.LandCoverScheme;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What is kept of a run: {@code run.json}.
 *
 * @param runId the run
 * @param finished when it was published, ISO 8601 in UTC
 * @param fields everything else, by dotted key: configuration, versions, counts, timings
 */
public record RunRecord(RunId runId, String finished, Map<String, Object> fields) {
  /** Field of the scheme's name. */
  public static final String SCHEME = "scheme";

  /** Field of the digest of the scheme's definition. */
  public static final String SCHEME_DIGEST = "schemeDigest";

  /** Field of the tile runs whose masks were planned, or drawn for. */
  public static final String PATCHES_RUNS = "patchesRuns";

  /** Field of the index of the one class that was drawn anew; not there where all was. */
  public static final String REDRAWN_CLASS = "redrawnClass";

  /** Field of the names of the classes that a model embeds. */
  public static final String EMBEDDED_CLASSES = "embeddings.classes";

  /** Field of the cosines between the embeddings of every two of these, row by row. */
  public static final String EMBEDDING_COSINES = "embeddings.cosines";

  /** The digest by which two definitions of a scheme are told apart. */
  public static String digest(LandCoverScheme scheme) {
    CRC32C crc = new CRC32C();
    crc.update(scheme.definition().getBytes(StandardCharsets.UTF_8));
    return String.format(Locale.ROOT, "crc32c:%08x", crc.getValue());
  }

  /** Copies the fields, ordered by name. */
  public RunRecord {
    fields = new TreeMap<>(fields);
  }

  /** A field's text. */
  public String text(String key) {
    Object value = fields.get(key);
    if (value == null) {
      throw new IllegalArgumentException("run.json of " + runId + " has no " + key);
    }
    return String.valueOf(value);
  }

  /** Where the masks of a tile run come from, by the name in tables. */
  public String maskSource() {
    return String.valueOf(fields.getOrDefault("config.labels.source", "labelled"));
  }

  /** A field's list; empty where the run has no such field. */
  public List<?> list(String key) {
    return fields.get(key) instanceof List<?> list ? list : List.of();
  }

  /** A field's whole number. */
  public long number(String key) {
    return Long.parseLong(text(key));
  }

  /** The record as JSON, with nested objects where keys have dots. */
  public String json() {
    Map<String, Object> all = new LinkedHashMap<>(fields);
    all.put("run_id", runId.text());
    all.put("finished", finished);
    return json(all);
  }

  static String json(Map<String, Object> fields) {
    Config config = ConfigFactory.empty();
    for (Map.Entry<String, Object> field : fields.entrySet()) {
      config =
          config.withValue(field.getKey(), ConfigValueFactory.fromAnyRef(field.getValue(), null));
    }
    return config
            .root()
            .render(ConfigRenderOptions.concise().setFormatted(true).setJson(true))
            .stripTrailing()
        + "\n";
  }

  /**
   * Reads a {@code run.json}.
   *
   * @throws JobException if it is missing or damaged
   */
  public static RunRecord read(Path path, Configuration configuration) throws IOException {
    try (InputStream in = path.getFileSystem(configuration).open(path)) {
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (FileNotFoundException | ConfigException | IllegalArgumentException e) {
      throw new JobException(
          JobException.Kind.USER, path + " is missing or damaged: " + e.getMessage(), e);
    }
  }

  static RunRecord parse(String json) {
    Config config = ConfigFactory.parseString(json);
    Map<String, Object> fields = new TreeMap<>();
    config
        .withoutPath("run_id")
        .withoutPath("finished")
        .entrySet()
        .forEach(entry -> fields.put(entry.getKey(), entry.getValue().unwrapped()));
    return new RunRecord(
        new RunId(config.getString("run_id")), config.getString("finished"), fields);
  }
}
