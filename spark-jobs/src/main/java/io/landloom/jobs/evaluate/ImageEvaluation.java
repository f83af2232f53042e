package io.landloom.jobs.evaluate;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.synthesize.BundleFiles;
import io.landloom.jobs.synthesize.TaskDevice;
import io.landloom.jobs.synthesize.TorchPlacement;
import io.landloom.jobs.train.TrainableSystem;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.segment.Segmenter;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * Evaluates a model that draws images of masks.
 *
 * @param patches published ones
 * @param model bundle of the model that is measured
 * @param segmenter bundle of the segmenter it is measured with
 * @param features bundle of the feature net it is measured with
 * @param rule how much is measured
 * @param device auto, cpu or gpu
 */
public record ImageEvaluation(
    Patches patches,
    BundleFiles model,
    BundleFiles segmenter,
    BundleFiles features,
    EvaluationRule rule,
    String device)
    implements Evaluation {
  @Override
  public int parts() {
    return ImageMeasures.parts(rule);
  }

  @Override
  public SortedMap<String, String> identity() throws IOException {
    return new TreeMap<>(
        Map.of(
            "model", model.open().digest(),
            "segmenter", segmenter.open().digest(),
            "features", features.open().digest()));
  }

  @Override
  public EvaluationResults run(Configuration configuration, Runnable part) throws IOException {
    ModelBundle bundle = model.open();
    Device chosen = TaskDevice.choose(device);
    TrainableSystem.Sizes sizes =
        new TrainableSystem.Sizes(0, bundle.card().patchSize(), bundle.card().bands());
    RealSets sets = patches.sets(sizes, rule, configuration);
    LandCoverScheme scheme = patches.scheme();
    try (Synthesizer synthesizer =
            new TorchPlacement().synthesizer(bundle, scheme, chosen, rule.batch(), rule.seed());
        Segmenter segments = Segmenter.load(segmenter.open(), scheme, chosen);
        NetFeatures net = new NetFeatures(features.open(), rule.batch(), chosen)) {
      List<ResultTable> tables =
          new ImageMeasures(rule, scheme, sets, chosen).run(synthesizer, segments, net, part);
      return new EvaluationResults(facts(bundle, sets, segments, net, chosen), tables);
    } catch (ModelException e) {
      throw new JobException(JobException.Kind.USER, e.getMessage(), e);
    }
  }

  private LinkedHashMap<String, String> facts(
      ModelBundle bundle, RealSets sets, Segmenter segments, NetFeatures net, Device chosen) {
    LinkedHashMap<String, String> facts = new LinkedHashMap<>();
    facts.put("model", Evaluation.described(bundle));
    facts.put("segmenter", segments.name() + ", digest " + segments.digest());
    facts.put("features", net.name() + ", digest " + net.digest());
    facts.putAll(patches.facts());
    facts.put(
        "images",
        String.format(
            "%d a set of %d x %d x %d: %s; %d training patches for units and references",
            sets.shown().size(),
            bundle.card().patchSize(),
            bundle.card().patchSize(),
            bundle.card().bands(),
            sets.origin(),
            sets.train().size()));
    facts.put("seed", Long.toString(rule.seed()));
    facts.put("device", TaskDevice.name(chosen));
    return facts;
  }
}
