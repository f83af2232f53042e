package io.landloom.jobs.source;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.landcover.SchemeException;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.KnownNames;
import io.landloom.jobs.run.Schemes;
import io.landloom.jobs.table.PixelFormat;
import io.landloom.jobs.tile.InputKeys;
import io.landloom.jobs.tile.PixelRule;
import io.landloom.jobs.tile.SceneFile;
import io.landloom.jobs.tile.SceneListing;
import io.landloom.jobs.tile.TileRule;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * The options of the data source; what is not given is as in the defaults of {@code tile}.
 *
 * @param path folder of the scenes, or one file
 * @param labels folder of the labels, or {@code none}; empty for beside the scenes
 * @param labelSuffixes what may stand between a scene's name and its label's extension
 * @param rule how patches are cut; nothing is dropped and nothing is split
 * @param partitionPatches most patches a partition should hold; a single row of patches may exceed
 *     it
 * @param badScenes what happens to scenes that cannot be read
 */
record SourceOptions(
    String path,
    Optional<String> labels,
    List<String> labelSuffixes,
    TileRule rule,
    int partitionPatches,
    BadScenes badScenes) {
  /** What messages call the inputs. */
  static final InputKeys KEYS =
      new InputKeys("path", "labels", "offPalette", "bands", "stretch", "patchSize");

  private static final String DEFAULTS = "landloom/defaults.conf";
  private static final int MOST_BANDS = 64;
  private static final String PARTITION_PATCHES = "1024";
  private static final List<String> NAMES =
      List.of(
          "path",
          "labels",
          "labelSuffixes",
          "scheme",
          "coding",
          "offPalette",
          "bands",
          "stretch",
          "patchSize",
          "stride",
          "partitionPatches",
          "badScenes");

  /** What happens to scenes that cannot be read. */
  enum BadScenes {
    /** The query fails. */
    FAIL,
    /** What cannot be read is left out, with a warning in the log. */
    SKIP
  }

  /**
   * Reads the options.
   *
   * @throws JobException if one is unknown, missing or out of its bounds
   */
  static SourceOptions of(CaseInsensitiveStringMap options) {
    options.asCaseSensitiveMap().keySet().forEach(SourceOptions::checkName);
    return new Parser(options).options();
  }

  private static void checkName(String name) {
    if (name.equals("paths")) {
      throw JobException.user("load takes one folder or file; make a union of several loads");
    }
    if (NAMES.stream().noneMatch(known -> known.equalsIgnoreCase(name))) {
      throw JobException.user(
          "unknown option '" + name + "'; did you mean '" + KnownNames.nearest(name, NAMES) + "'?");
    }
  }

  /** The scenes with their labels, ordered by id. */
  List<SceneFile> list(Configuration configuration) throws IOException {
    SceneListing listing = new SceneListing(configuration, labelSuffixes, KEYS);
    if (labels.isEmpty()) {
      return listing.labelledBeside(path);
    }
    return labels.get().equals("none")
        ? listing.unlabelled(path)
        : listing.labelled(path, labels.get());
  }

  /** Options over the defaults of the jobs. */
  private static final class Parser {
    private final CaseInsensitiveStringMap given;
    private final Config defaults =
        ConfigFactory.parseResources(
                SourceOptions.class.getClassLoader(),
                DEFAULTS,
                ConfigParseOptions.defaults().setAllowMissing(false))
            .resolve();

    Parser(CaseInsensitiveStringMap given) {
      this.given = given;
    }

    SourceOptions options() {
      String path =
          Optional.ofNullable(given.get("path"))
              .orElseThrow(() -> JobException.user("path is not set; give load(FOLDER)"));
      int size = integer("patchSize", text("patchSize", "patch.size"), 1, 16_384);
      int stride = integer("stride", text("stride", "patch.stride"), 0, 16_384);
      LandCoverScheme scheme = Schemes.of("scheme", text("scheme", "scheme"));
      boolean unknownOffPalette =
          choice("offPalette", text("offPalette", "labels.offPalette"), "fail", "unknown")
              .equals("unknown");
      return new SourceOptions(
          path,
          Optional.ofNullable(given.get("labels")),
          suffixes(),
          new TileRule(
              scheme,
              coding(scheme),
              unknownOffPalette,
              size,
              stride == 0 ? size : stride,
              1,
              null,
              pixels()),
          integer(
              "partitionPatches",
              given.getOrDefault("partitionPatches", PARTITION_PATCHES),
              1,
              1 << 20),
          BadScenes.valueOf(
              choice("badScenes", given.getOrDefault("badScenes", "fail"), "fail", "skip")
                  .toUpperCase(Locale.ROOT)));
    }

    private String text(String option, String key) {
      String text = given.get(option);
      return text == null ? defaults.getString(key) : text;
    }

    private static String choice(String option, String value, String... words) {
      if (!List.of(words).contains(value)) {
        throw JobException.user(
            option + " = " + value + ": expected one of " + String.join(", ", words));
      }
      return value;
    }

    private static int integer(String option, String text, int least, int most) {
      try {
        int value = Integer.parseInt(text.strip());
        if (value >= least && value <= most) {
          return value;
        }
      } catch (NumberFormatException e) {
        // said below, together with the bounds
      }
      throw JobException.user(
          option + " = " + text + ": expected a whole number from " + least + " to " + most);
    }

    private List<String> suffixes() {
      String text = given.get("labelSuffixes");
      return text == null
          ? defaults.getStringList("input.labelSuffixes")
          : List.of(text.split(",", -1));
    }

    private PixelRule pixels() {
      String stretch = text("stretch", "input.stretch");
      return new PixelRule(
          bands(),
          PixelRule.stretch("stretch", stretch),
          PixelFormat.RAW,
          PixelFormat.RAW,
          PngEncoder.Options.forImages());
    }

    private List<Integer> bands() {
      String text = given.get("bands");
      if (text == null) {
        return defaults.getIntList("input.bands");
      }
      try {
        List<Integer> bands =
            Arrays.stream(text.split(",")).map(band -> Integer.valueOf(band.strip())).toList();
        if (bands.stream().allMatch(band -> band >= 1 && band <= MOST_BANDS)) {
          return bands;
        }
      } catch (NumberFormatException e) {
        // said below, together with the bounds
      }
      throw JobException.user(
          "bands = " + text + ": expected numbers from 1 to " + MOST_BANDS + ", as in 3,2,1");
    }

    private String coding(LandCoverScheme scheme) {
      String coding = text("coding", "labels.coding");
      if (!List.of("auto", "color").contains(coding)) {
        try {
          scheme.coding(coding);
        } catch (SchemeException e) {
          throw new JobException(JobException.Kind.USER, "coding: " + e.getMessage(), e);
        }
      }
      return coding;
    }
  }
}
