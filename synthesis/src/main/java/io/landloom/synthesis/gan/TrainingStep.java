package io.landloom.synthesis.gan;

import ai.djl.ndarray.NDArray;
import io.landloom.synthesis.gan.CsebganSettings.ConductorMode;
import io.landloom.synthesis.gan.Discriminator.Judgement;
import io.landloom.synthesis.segment.UNet;
import io.landloom.synthesis.tensor.FeatureMaps;
import io.landloom.synthesis.tensor.GradMode;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.training.ClassMaps;
import io.landloom.synthesis.training.TrainingDivergedException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One step of the three networks: the discriminator on fakes that carry no gradient, then generator
 * and conductor by one backward pass over the same fakes (Wang et al., TGRS 2023, equation 13).
 *
 * <p>Every method is called within a recording scope of the caller.
 */
final class TrainingStep {
  private static final int DEEPEST = 3;
  private static final List<Double> DEEP_MAPS = List.of(0.0, 0.0, 0.0, 0.25, 1.0);
  private static final List<Double> ALL_MAPS = List.of(1 / 32.0, 1 / 16.0, 1 / 8.0, 0.25, 1.0);

  private final CsebganSettings settings;
  private final TrainedNetworks networks;
  private final Optional<FeatureMaps> perceptual;
  private final Generator generator;
  private final Discriminator discriminator;
  private final UNet conductor;

  TrainingStep(
      CsebganSettings settings,
      GeneratorSizes sizes,
      TrainedNetworks networks,
      Optional<FeatureMaps> perceptual) {
    this.settings = settings;
    this.networks = networks;
    this.perceptual = perceptual;
    this.generator = new Generator(sizes, networks.generator().parameters());
    this.discriminator =
        new Discriminator(networks.discriminator().parameters(), settings.scales());
    this.conductor = new UNet(networks.conductor().parameters());
  }

  /**
   * Takes a step.
   *
   * @param step number of the step, from 1
   * @param share of the learning rates
   * @throws TrainingDivergedException if a loss is not finite; nothing is updated by that loss
   */
  StepLosses take(TrainingBatch batch, long step, double share) {
    if (step <= settings.conductor().stepsAhead()) {
      return stepConductorAhead(batch, step, share);
    }
    NDArray fake = generator.forward(batch.noise(), batch.maps(), Statistics.TRAINING);
    float discriminatorLoss =
        settings.scales() == 0 ? 0 : stepDiscriminator(batch, fake.stopGradient(), step, share);
    return stepGeneratorAndConductor(batch, fake, discriminatorLoss, step, share);
  }

  private StepLosses stepConductorAhead(TrainingBatch batch, long step, double share) {
    NDArray loss = segmentation(batch.image(), batch.maps(), Statistics.TRAINING);
    StepLosses losses = new StepLosses(step, 0, 0, 0, 0, loss.getFloat(), 0);
    requireFinite(losses);
    Operators.backward(loss);
    networks.conductor().adam().step(settings.optimizer().rates().conductor() * share);
    return losses;
  }

  private float stepDiscriminator(TrainingBatch batch, NDArray fake, long step, double share) {
    NDArray loss = discriminatorLoss(batch, fake);
    float value = loss.getFloat();
    requireFinite(new StepLosses(step, value, 0, 0, 0, 0, 0));
    Operators.backward(loss);
    networks.discriminator().adam().step(settings.optimizer().rates().discriminator() * share);
    return value;
  }

  /** What the discriminator minimises. */
  NDArray discriminatorLoss(TrainingBatch batch, NDArray fake) {
    NDArray oneHot = batch.maps().oneHot(settings.patchSize());
    Map<String, NDArray> kernels = discriminator.kernels();
    return Losses.discriminator(
        discriminator.forward(batch.image(), oneHot, kernels),
        discriminator.forward(fake, oneHot, kernels));
  }

  private StepLosses stepGeneratorAndConductor(
      TrainingBatch batch, NDArray fake, float discriminatorLoss, long step, double share) {
    networks.discriminator().parameters().freeze();
    try {
      Objective objective = objective(batch, fake);
      StepLosses losses = objective.losses(step, discriminatorLoss);
      requireFinite(losses);
      Operators.backward(objective.total());
      networks.generator().adam().step(settings.optimizer().rates().generator() * share);
      if (settings.conductor().mode() == ConductorMode.JOINT) {
        networks.conductor().adam().step(settings.optimizer().rates().conductor() * share);
      }
      return losses;
    } finally {
      networks.discriminator().parameters().unfreeze();
    }
  }

  /** What generator and conductor minimise together, for a frozen discriminator. */
  Objective objective(TrainingBatch batch, NDArray fake) {
    Objective objective = new Objective();
    if (settings.scales() > 0) {
      addJudgement(objective, batch, fake);
    }
    if (perceptual.isPresent() && settings.lambdas().perceptual() > 0) {
      addPerceptual(objective, perceptual.get(), batch.image(), fake);
    }
    addConductor(objective, batch, fake);
    return objective;
  }

  private void addJudgement(Objective objective, TrainingBatch batch, NDArray fake) {
    NDArray oneHot = batch.maps().oneHot(settings.patchSize());
    Map<String, NDArray> kernels = discriminator.kernels();
    List<Judgement> onReal;
    try (GradMode off = GradMode.off()) {
      onReal = discriminator.forward(batch.image(), oneHot, kernels);
    }
    List<Judgement> onFake = discriminator.forward(fake, oneHot, kernels);
    objective.add(Objective.Term.ADVERSARIAL, Losses.adversarial(onFake), 1);
    objective.add(
        Objective.Term.FEATURE_MATCHING,
        Losses.featureMatching(onReal, onFake, settings.deepOnly() ? DEEPEST : 0),
        settings.lambdas().featureMatching());
  }

  private void addPerceptual(Objective objective, FeatureMaps net, NDArray real, NDArray fake) {
    List<NDArray> expected;
    try (GradMode off = GradMode.off()) {
      expected = net.maps(real);
    }
    NDArray loss =
        Losses.perceptual(expected, net.maps(fake), settings.deepOnly() ? DEEP_MAPS : ALL_MAPS);
    objective.add(Objective.Term.PERCEPTUAL, loss, settings.lambdas().perceptual());
  }

  private void addConductor(Objective objective, TrainingBatch batch, NDArray fake) {
    CsebganSettings.ConductorRole role = settings.conductor();
    if (role.mode() == ConductorMode.NONE) {
      return;
    }
    if (role.mode() == ConductorMode.JOINT && role.learnOnReal()) {
      NDArray onReal = segmentation(batch.image(), batch.maps(), Statistics.TRAINING);
      objective.add(Objective.Term.CONDUCTOR_REAL, onReal, 1);
    }
    objective.add(
        Objective.Term.CONDUCTOR_FAKE,
        segmentationOfFake(fake, batch.maps()),
        settings.lambdas().conductor());
  }

  private NDArray segmentation(NDArray image, ClassMaps maps, Statistics statistics) {
    return Operators.crossEntropy(conductor.forward(image, statistics), maps.valid());
  }

  private NDArray segmentationOfFake(NDArray fake, ClassMaps maps) {
    CsebganSettings.ConductorRole role = settings.conductor();
    if (role.mode() == ConductorMode.JOINT && role.learnOnFake()) {
      return segmentation(fake, maps, Statistics.TRAINING);
    }
    // frozen while recorded: the gradient reaches the image but not the conductor
    ParameterSet parameters = networks.conductor().parameters();
    parameters.freeze();
    try {
      boolean joint = role.mode() == ConductorMode.JOINT;
      return segmentation(fake, maps, joint ? Statistics.TRAINING : Statistics.RUNNING);
    } finally {
      parameters.unfreeze();
    }
  }

  private static void requireFinite(StepLosses losses) {
    if (!losses.finite()) {
      throw new TrainingDivergedException(losses.step(), losses.byName());
    }
  }
}
