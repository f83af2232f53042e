package io.landloom.synthesis.ddpm;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.diffusion.Prediction;
import io.landloom.synthesis.diffusion.training.NoiseLoss;
import io.landloom.synthesis.diffusion.training.StepDraws;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.training.NetworkTrainer;
import io.landloom.synthesis.training.PatchSampler;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.Precision;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Trains a diffusion model of pixels on images, whose labels it never sees (Ho et al., NeurIPS
 * 2020, algorithm 1); in two steps where it starts from a model of other images.
 */
public final class DdpmTrainer extends NetworkTrainer {
  private final DdpmSettings settings;
  private final LandCoverScheme scheme;
  private final NoiseLoss loss;
  private final PixelUNet net;

  /**
   * A trainer before its first step.
   *
   * @param start the model to start from, if the settings name one
   * @throws IllegalArgumentException if the set is empty
   * @throws ModelException if the model to start from has other sizes
   */
  public DdpmTrainer(
      DdpmSettings settings,
      Optional<ModelBundle> start,
      LandCoverScheme scheme,
      TrainingSet set,
      Device device) {
    super(
        settings.course(),
        settings.care(),
        settings + start.map(bundle -> " from " + bundle.digest()).orElse(""),
        scheme,
        new Unlabelled(set, settings.course().patchSize(), scheme.unknownIndex()),
        device,
        manager -> network(manager, settings, start));
    this.settings = settings;
    this.scheme = scheme;
    this.loss = new NoiseLoss(settings.schedule(), Prediction.NOISE);
    this.net = new PixelUNet(settings.sizes(), parameters());
  }

  private static ParameterSet network(
      NDManager manager, DdpmSettings settings, Optional<ModelBundle> start) {
    List<TensorSpec> layout = PixelUNet.layout(settings.sizes());
    if (start.isEmpty()) {
      return ParameterSet.initialized(manager, layout, settings.course().seed());
    }
    ModelBundle bundle = start.get();
    Ddpm.require(bundle);
    PixelUNetSizes given = PixelUNetSizes.of(bundle.card());
    if (!given.equals(settings.sizes())) {
      throw new ModelException(
          "model '" + bundle.card().name() + "'",
          "has " + given + ", but size = " + settings.size() + " is " + settings.sizes());
    }
    return ParameterSet.of(manager, layout, bundle.tensors());
  }

  @Override
  protected Map<String, Term> terms(PatchSampler.Patches patches, long step, NDManager scope) {
    NDArray clean = scope.create(patches.image(), settings.course().batches().shape());
    StepDraws draws = new StepDraws(sampler(), step, settings.course().batch());
    NDArray noise = draws.normal(scope, "noise", clean.getShape());
    int[] timesteps = draws.timesteps(settings.timesteps());
    NDArray error =
        loss.of((noisy, of, nothing) -> net.forward(noisy, of), clean, noise, timesteps, "").loss();
    return Map.of("noise", new Term(error, 1));
  }

  @Override
  public ModelBundle bundle(String name, String dataset, String licence, Precision precision) {
    SortedMap<String, Integer> sizes = settings.sizes().onCard();
    sizes.put(Ddpm.TIMESTEPS, settings.timesteps());
    ModelCard card =
        new ModelCard(
            name,
            Ddpm.ARCHITECTURE,
            ModelCard.SchemeClasses.of(scheme),
            settings.course().patchSize(),
            settings.course().bands(),
            sizes,
            Ddpm.INFERENCE,
            new ModelCard.Training(steps(), settings.course().seed(), dataset, licence));
    return ModelBundle.of(card, shipped().toHost(), precision);
  }
}
