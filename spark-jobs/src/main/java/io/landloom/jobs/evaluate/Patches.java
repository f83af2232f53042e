package io.landloom.jobs.evaluate;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.source.Captions;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.train.StoredPatches;
import io.landloom.jobs.train.TrainableSystem;
import java.io.IOException;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/**
 * The published patches of a dataset.
 *
 * @param scheme the land-cover scheme
 * @param files published patches
 * @param captions what was written about them
 */
public record Patches(LandCoverScheme scheme, List<PatchesFile> files, Captions captions)
    implements Serializable {
  private static final int LEAST_IMAGES = 16;

  /** The runs that made them. */
  public List<String> runs() {
    return files.stream().map(PatchesFile::run).distinct().toList();
  }

  /** Scheme and runs in words, by what they are. */
  Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("scheme", scheme.name() + " v" + scheme.version());
    facts.put("patches", String.join(", ", runs()));
    return facts;
  }

  /**
   * Training patches, and validation and test, or halves of validation where there is no test
   * split.
   *
   * @param sizes of the patches
   */
  RealSets sets(TrainableSystem.Sizes sizes, EvaluationRule rule, Configuration configuration)
      throws IOException {
    StoredPatches train = read("train", sizes, rule.trainImages(), configuration);
    StoredPatches validation = read("val", sizes, 2 * rule.images(), configuration);
    StoredPatches test = read("test", sizes, rule.images(), configuration);
    require("train", train.size());
    if (test.size() == 0) {
      return halves(train, validation, rule);
    }
    int count = Math.min(rule.images(), Math.min(validation.size(), test.size()));
    require("val and test", count);
    return new RealSets(
        train,
        some(validation, count),
        some(test, count),
        "masks of validation, compared with test");
  }

  private static RealSets halves(
      StoredPatches train, StoredPatches validation, EvaluationRule rule) {
    List<String> scenes =
        IntStream.range(0, validation.size()).mapToObj(validation::scene).toList();
    Halves halves = Halves.of(scenes, LEAST_IMAGES);
    int count = Math.min(rule.images(), halves.size());
    require("val, of which halves are compared,", 2 * count);
    return new RealSets(
        train,
        validation.only(Halves.spread(halves.one(), count)),
        validation.only(Halves.spread(halves.other(), count)),
        halves.origin() + ": there is no test split");
  }

  private static StoredPatches some(StoredPatches patches, int count) {
    List<Integer> all = IntStream.range(0, patches.size()).boxed().toList();
    return patches.only(Halves.spread(all, count));
  }

  private StoredPatches read(
      String split, TrainableSystem.Sizes sizes, int most, Configuration configuration)
      throws IOException {
    return StoredPatches.read(files, captions, split, sizes, most, configuration);
  }

  private static void require(String split, int count) {
    if (count < LEAST_IMAGES) {
      throw JobException.user(
          "split "
              + split
              + " has "
              + count
              + " labelled patches; at least "
              + LEAST_IMAGES
              + " are needed to measure anything, and some hundred to trust it");
    }
  }
}
