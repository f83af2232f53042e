package io.landloom.jobs.evaluate;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.source.Captions;
import io.landloom.jobs.synthesize.BundleFiles;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.synthesize.TaskDevice;
import io.landloom.jobs.synthesize.TorchPlacement;
import io.landloom.jobs.train.StoredPatches;
import io.landloom.jobs.train.TrainableSystem;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.segment.Segmenter;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import java.io.IOException;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/**
 * Evaluates a model in one task.
 *
 * @param scheme the land-cover scheme
 * @param files published patches
 * @param captions what was written about them
 * @param model bundle of the model that is measured
 * @param segmenter bundle of the segmenter it is measured with
 * @param features bundle of the feature net it is measured with
 * @param rule how much is measured
 * @param device auto, cpu or gpu
 */
public record EvaluationTask(
    LandCoverScheme scheme,
    List<PatchesFile> files,
    Captions captions,
    BundleFiles model,
    BundleFiles segmenter,
    BundleFiles features,
    EvaluationRule rule,
    String device)
    implements Serializable {
  private static final int LEAST_IMAGES = 16;

  /** Number of parts {@link #run} reports. */
  public int parts() {
    return Evaluation.parts(rule);
  }

  /**
   * Measures.
   *
   * @param part runs when a part is done
   */
  public EvaluationResults run(Configuration configuration, Runnable part) throws IOException {
    ModelBundle bundle = model.open();
    Device chosen = TaskDevice.choose(device);
    Sets sets = sets(bundle.card(), configuration);
    try (Synthesizer synthesizer =
            new TorchPlacement().synthesizer(bundle, scheme, chosen, rule.batch(), rule.seed());
        Segmenter segments = Segmenter.load(segmenter.open(), scheme, chosen);
        NetFeatures net = new NetFeatures(features.open(), rule.batch(), chosen)) {
      List<ResultTable> tables =
          new Evaluation(rule, scheme, sets.real(), chosen).run(synthesizer, segments, net, part);
      return new EvaluationResults(facts(bundle, sets, segments, net, chosen), tables);
    } catch (ModelException e) {
      throw new JobException(JobException.Kind.USER, e.getMessage(), e);
    }
  }

  /** The sets, and where they come from in words. */
  private record Sets(RealSets real, String origin) {}

  private Sets sets(ModelCard card, Configuration configuration) throws IOException {
    StoredPatches train = read("train", card, rule.trainImages(), configuration);
    StoredPatches validation = read("val", card, 2 * rule.images(), configuration);
    StoredPatches test = read("test", card, rule.images(), configuration);
    require("train", train.size());
    if (test.size() == 0) {
      return halves(train, validation);
    }
    int count = Math.min(rule.images(), Math.min(validation.size(), test.size()));
    require("val and test", count);
    return new Sets(
        new RealSets(train, first(validation, count), first(test, count)),
        "masks of validation, compared with test");
  }

  private Sets halves(StoredPatches train, StoredPatches validation) {
    List<String> scenes =
        IntStream.range(0, validation.size()).mapToObj(validation::scene).toList();
    Halves halves = Halves.of(scenes, LEAST_IMAGES);
    int count = Math.min(rule.images(), halves.size());
    require("val, of which halves are compared,", 2 * count);
    return new Sets(
        new RealSets(
            train,
            validation.only(Halves.spread(halves.one(), count)),
            validation.only(Halves.spread(halves.other(), count))),
        halves.origin() + ": there is no test split");
  }

  private static StoredPatches first(StoredPatches patches, int count) {
    return patches.only(IntStream.range(0, count).boxed().toList());
  }

  private StoredPatches read(String split, ModelCard card, int most, Configuration configuration)
      throws IOException {
    return StoredPatches.read(
        files,
        captions,
        split,
        new TrainableSystem.Sizes(0, card.patchSize(), card.bands()),
        most,
        configuration);
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

  private LinkedHashMap<String, String> facts(
      ModelBundle bundle, Sets sets, Segmenter segments, NetFeatures net, Device chosen) {
    LinkedHashMap<String, String> facts = new LinkedHashMap<>();
    ModelCard.Training training = bundle.card().training();
    facts.put(
        "model",
        String.format(
            "%s, %d steps, seed %d, digest %s",
            bundle.card().name(), training.steps(), training.seed(), bundle.digest()));
    facts.put("segmenter", segments.name() + ", digest " + segments.digest());
    facts.put("features", net.name() + ", digest " + net.digest());
    facts.put("scheme", scheme.name() + " v" + scheme.version());
    facts.put("patches", String.join(", ", runs()));
    facts.put(
        "images",
        String.format(
            "%d a set of %d x %d x %d: %s; %d training patches for units and references",
            sets.real().shown().size(),
            bundle.card().patchSize(),
            bundle.card().patchSize(),
            bundle.card().bands(),
            sets.origin(),
            sets.real().train().size()));
    facts.put("seed", Long.toString(rule.seed()));
    facts.put("device", TaskDevice.name(chosen));
    return facts;
  }

  private List<String> runs() {
    return files.stream().map(PatchesFile::run).distinct().toList();
  }
}
