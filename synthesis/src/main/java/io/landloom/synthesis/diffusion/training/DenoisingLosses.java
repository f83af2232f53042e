package io.landloom.synthesis.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.diffusion.Prediction;
import io.landloom.synthesis.diffusion.mask.ClassCodes;
import io.landloom.synthesis.diffusion.mask.ProportionLoss;
import io.landloom.synthesis.diffusion.mask.TargetShares;
import io.landloom.synthesis.diffusion.model.CodeSpace;
import io.landloom.synthesis.diffusion.model.Conditioner;
import io.landloom.synthesis.diffusion.model.DenoiserSizes;
import io.landloom.synthesis.diffusion.model.DenoiserSizes.Content;
import io.landloom.synthesis.diffusion.model.DenoiserSizes.Space;
import io.landloom.synthesis.diffusion.model.DrawForm;
import io.landloom.synthesis.diffusion.model.LastEstimate;
import io.landloom.synthesis.diffusion.model.LatentHead;
import io.landloom.synthesis.diffusion.model.ShippedAutoencoder;
import io.landloom.synthesis.diffusion.network.DenoisingUNet;
import io.landloom.synthesis.diffusion.network.UNetCondition;
import io.landloom.synthesis.tensor.GradMode;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.training.ClassMaps;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.training.NetworkTrainer.Term;
import io.landloom.synthesis.training.PatchSampler;
import io.landloom.synthesis.training.TrainingSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a denoiser learns by, whether all of it is trained or its adapters alone. */
final class DenoisingLosses {
  /** Share of the steps in which a self-conditioned network is shown an estimate (Chen et al.). */
  private static final double ESTIMATES = 0.5;

  private final DenoiserSizes sizes;
  private final DenoiserSettings.Shown shown;
  private final DenoiserSettings.Proportion rule;
  private final int patchSize;
  private final int bands;
  private final Optional<ShippedAutoencoder> autoencoder;
  private final NoiseLoss noise;
  private final CodeSpace space;
  private final ProportionLoss proportion;

  /**
   * The network of a step.
   *
   * @param unet the U-Net
   * @param conditioner what it is asked by
   * @param arrays those of the denoiser, for the head
   */
  record Network(DenoisingUNet unet, Conditioner conditioner, ParameterSet arrays) {}

  /**
   * The losses of a denoiser.
   *
   * @param weights of the classes in the loss of proportions, of mean 1
   * @param autoencoder of its latents; empty for class codes
   */
  DenoisingLosses(
      DenoiserSizes sizes,
      DenoiserSettings.Shown shown,
      DenoiserSettings.Proportion rule,
      NoiseLoss noise,
      PatchSampler.Sizes patches,
      List<Double> weights,
      Optional<ShippedAutoencoder> autoencoder) {
    this.sizes = sizes;
    this.shown = shown;
    this.rule = rule;
    this.patchSize = patches.patchSize();
    this.bands = patches.bands();
    this.autoencoder = autoencoder;
    this.noise = noise;
    this.space =
        new CodeSpace(
            new ClassCodes(sizes.classes()), sizes.space() == Space.CODES ? sizes.cell() : 1);
    this.proportion =
        new ProportionLoss(space.codes(), rule.distance(), weights, rule.lastTimestep());
  }

  static NoiseLoss noiseLoss(DrawForm form, double minSnr) {
    Prediction prediction = form.prediction();
    return new NoiseLoss(
        form.noise().schedule(), prediction, minSnr == 0 ? Double.POSITIVE_INFINITY : minSnr);
  }

  /** Weights of the classes, equal or by their mean shares of a set. */
  static List<Double> weights(
      DenoiserSettings.Proportion rule, LandCoverScheme scheme, TrainingSet set, int patchSize) {
    int classes = scheme.validClasses().size();
    if (!rule.rareClasses() || rule.weight() == 0) {
      return Collections.nCopies(classes, 1.0);
    }
    ClassPositions positions = new ClassPositions(scheme);
    double[] mean = new double[classes];
    for (int i = 0; i < set.size(); i++) {
      byte[] mask = positions.of(set.mask(i), patchSize, "training item " + i);
      double[] shares = TargetShares.counted(mask, classes);
      for (int k = 0; k < classes; k++) {
        mean[k] += Double.isNaN(shares[k]) ? 0 : shares[k] / set.size();
      }
    }
    return ProportionLoss.rareClasses(mean);
  }

  private boolean learnsProportions() {
    return sizes.content() == Content.MASKS && rule.weight() > 0;
  }

  /**
   * What a step minimises.
   *
   * @param draws the step's random numbers
   */
  Map<String, Term> terms(
      Network network, PatchSampler.Patches patches, StepDraws draws, NDManager scope) {
    List<TargetShares> full = targets(patches.positions(), draws.batch());
    CodeSpace.Coded coded = space.encode(scope, patches.positions(), patchSize);
    NDArray clean = clean(patches, coded, draws, scope);
    NDArray numbers = draws.normal(scope, "noise", clean.getShape());
    int[] timesteps = draws.timesteps(noise.schedule().steps());
    List<TargetShares> asked = asked(full, draws);
    return terms(
        network,
        new Batch(
            clean,
            numbers,
            timesteps,
            asked,
            coded,
            patches.positions(),
            patches.captions(),
            draws.stream("estimates", 0).nextShare() < ESTIMATES),
        draws.step(),
        scope);
  }

  /**
   * A batch as it is noised.
   *
   * @param clean what noise is added to, (B, C, H, W)
   * @param noise of its shape
   * @param timesteps one an image
   * @param asked shares of every image
   * @param coded the masks' codes
   * @param positions (B, S, S)
   * @param captions one a mask, see {@link TrainingSet#caption}
   * @param estimates whether the network is shown an estimate of its own, where it can be
   */
  record Batch(
      NDArray clean,
      NDArray noise,
      int[] timesteps,
      List<TargetShares> asked,
      CodeSpace.Coded coded,
      byte[] positions,
      List<String> captions,
      boolean estimates) {}

  Map<String, Term> terms(Network network, Batch batch, long step, NDManager scope) {
    UNetCondition condition =
        network
            .conditioner()
            .of(
                scope,
                batch.asked(),
                new Conditioner.Masks(batch.positions(), patchSize, batch.captions()));
    NoiseLoss.Noised noised = noise.noised(batch.clean(), batch.noise(), batch.timesteps());
    NDArray seen =
        sizes.selfConditioned()
            ? LastEstimate.joined(noised.noisy(), estimate(network, condition, noised, batch))
            : noised.noisy();
    NDArray output = network.unet().forward(seen, batch.timesteps(), condition, Optional.empty());
    Map<String, Term> terms = new LinkedHashMap<>();
    terms.put("noise", new Term(noise.of(counted(output, noised, batch), noised), 1));
    if (learnsProportions()) {
      NDArray clean = noise.clean(output, noised);
      terms.put("proportion", new Term(proportion(network, clean, batch, step), rule.weight()));
    }
    if (sizes.head() > 0) {
      terms.put("head", new Term(headLoss(network, batch, scope), 1));
    }
    return terms;
  }

  /** What the network makes of noisy data without an estimate, as a constant; or zeros. */
  private NDArray estimate(
      Network network, UNetCondition condition, NoiseLoss.Noised noised, Batch batch) {
    NDArray none = noised.noisy().zerosLike();
    if (!batch.estimates()) {
      return none;
    }
    try (GradMode off = GradMode.off()) {
      NDArray output =
          network
              .unet()
              .forward(
                  LastEstimate.joined(noised.noisy(), none),
                  batch.timesteps(),
                  condition,
                  Optional.empty());
      return noise.clean(output, noised);
    }
  }

  private List<TargetShares> targets(byte[] positions, int batch) {
    List<TargetShares> targets = new ArrayList<>();
    int pixels = positions.length / batch;
    for (int i = 0; i < batch; i++) {
      byte[] mask = Arrays.copyOfRange(positions, i * pixels, (i + 1) * pixels);
      targets.add(TargetShares.of(mask, sizes.classes()));
    }
    return targets;
  }

  private List<TargetShares> asked(List<TargetShares> full, StepDraws draws) {
    boolean[] dropped = draws.chosen("dropout", shown.dropout());
    boolean[] sparse = draws.chosen("sparse", shown.sparse());
    List<TargetShares> asked = new ArrayList<>();
    for (int i = 0; i < full.size(); i++) {
      TargetShares target = full.get(i);
      if (dropped[i]) {
        asked.add(TargetShares.free(sizes.classes()));
      } else {
        asked.add(sparse[i] ? target.revealed(draws.stream("revealed", i)) : target);
      }
    }
    return asked;
  }

  private NDArray clean(
      PatchSampler.Patches patches, CodeSpace.Coded coded, StepDraws draws, NDManager scope) {
    if (autoencoder.isEmpty()) {
      return coded.codes();
    }
    NDArray image =
        sizes.content() == Content.MASKS
            ? coded.codes()
            : Operators.ownCopy(
                scope.create(
                    patches.image(), new Shape(draws.batch(), bands, patchSize, patchSize)));
    return latents(autoencoder.get(), image, draws, scope);
  }

  /** Latents (B, C, H, W) of images, drawn from their distributions. */
  static NDArray latents(
      ShippedAutoencoder autoencoder, NDArray image, StepDraws draws, NDManager scope) {
    int stride = autoencoder.sizes().stride();
    Shape shape =
        new Shape(
            image.getShape().get(0),
            autoencoder.sizes().latentChannels(),
            image.getShape().get(2) / stride,
            image.getShape().get(3) / stride);
    return autoencoder.latents(image, draws.normal(scope, "latent", shape));
  }

  /**
   * The output, right where a cell of codes has no valid pixel, so that nothing is learnt there.
   */
  private NDArray counted(NDArray output, NoiseLoss.Noised noised, Batch batch) {
    if (autoencoder.isPresent()) {
      return output;
    }
    NDArray valid = batch.coded().valid();
    NDArray invalid = valid.neg().add(1);
    return output.mul(valid).add(noised.target().mul(invalid));
  }

  private NDArray proportion(Network network, NDArray clean, Batch batch, long step) {
    double[] counted = new double[batch.timesteps().length];
    boolean any = false;
    for (int i = 0; i < counted.length; i++) {
      counted[i] = step < rule.from() ? 0 : weight(batch.timesteps()[i]);
      any |= counted[i] > 0;
    }
    NDManager manager = clean.getManager();
    if (!any) {
      return manager.zeros(new Shape());
    }
    NDArray drawn = drawn(network, clean, batch);
    int classes = sizes.classes();
    float[] shares = new float[counted.length * classes];
    float[] known = new float[shares.length];
    for (int i = 0; i < counted.length; i++) {
      float[] numbers = batch.asked().get(i).numbers();
      System.arraycopy(numbers, 0, shares, i * classes, classes);
      System.arraycopy(numbers, classes, known, i * classes, classes);
    }
    Shape shape = new Shape(counted.length, classes);
    return proportion.of(
        drawn, manager.create(shares, shape), manager.create(known, shape), counted);
  }

  private double weight(int timestep) {
    if (rule.smooth()) {
      return noise.schedule().level(timestep).signal();
    }
    return timestep <= rule.lastTimestep() ? 1 : 0;
  }

  /** Soft proportions (B, K) of estimates of what is clean. */
  private NDArray drawn(Network network, NDArray clean, Batch batch) {
    if (autoencoder.isEmpty()) {
      return ProportionLoss.proportions(proportion.softClasses(clean), some(batch.coded().valid()));
    }
    if (sizes.head() == 0) {
      NDArray decoded = autoencoder.get().images(clean);
      NDArray valid = some(batch.coded().valid());
      return ProportionLoss.proportions(proportion.softClasses(decoded), valid);
    }
    LatentHead fixed = new LatentHead(network.arrays().detached());
    NDArray soft = fixed.logits(clean).softmax(1);
    NDArray valid =
        new CodeSpace(space.codes(), sizes.cell())
            .encode(clean.getManager(), batch.positions(), patchSize)
            .valid();
    return ProportionLoss.proportions(soft, some(valid));
  }

  /** The map, all 1 for a mask without a valid cell: its shares are asked for nowhere. */
  private static NDArray some(NDArray valid) {
    NDArray empty = valid.sum(new int[] {1, 2, 3}, true).lte(0).toType(valid.getDataType(), false);
    return valid.add(empty);
  }

  /** Cross-entropy of the head on clean latents; it learns by nothing else. */
  private NDArray headLoss(Network network, Batch batch, NDManager scope) {
    int cells = (int) batch.clean().getShape().get(2);
    ClassMaps maps = new ClassMaps(scope, batch.positions(), patchSize, sizes.classes() + 1);
    NDArray valid = maps.oneHot(cells).get(new NDIndex(":, 0:" + sizes.classes()));
    return Operators.crossEntropy(new LatentHead(network.arrays()).logits(batch.clean()), valid);
  }
}
