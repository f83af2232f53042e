package io.landloom.synthesis.ddpm;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.SeededStream;
import io.landloom.synthesis.diffusion.DdimSampler;
import io.landloom.synthesis.diffusion.Denoising;
import io.landloom.synthesis.diffusion.NoiseLevel;
import io.landloom.synthesis.diffusion.NoiseSchedule;
import io.landloom.synthesis.diffusion.Prediction;
import io.landloom.synthesis.diffusion.StepNoise;
import io.landloom.synthesis.diffusion.Trajectory;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.Arrays;
import java.util.List;

/** A trained diffusion model of pixels; its weights are fixed. */
public final class Ddpm implements AutoCloseable {
  /** The architecture a card must name. */
  public static final String ARCHITECTURE = "ddpm";

  /** The form of the shipped weights. */
  static final String INFERENCE = "noise of linear betas, group norm, float32 NCHW";

  /** Size of the schedule on cards. */
  static final String TIMESTEPS = "timesteps";

  private final ModelCard card;
  private final NoiseSchedule schedule;
  private final NDManager manager;
  private final PixelUNet net;

  private Ddpm(ModelBundle bundle, Device device) {
    this.card = bundle.card();
    require(bundle);
    this.schedule = schedule(card);
    this.manager = TorchEngine.newManager(device);
    PixelUNetSizes sizes = PixelUNetSizes.of(card);
    this.net =
        new PixelUNet(sizes, ParameterSet.of(manager, PixelUNet.layout(sizes), bundle.tensors()));
  }

  /**
   * Loads a model onto a device.
   *
   * @throws ModelException if it is another kind of model, or its tensors do not fit
   */
  public static Ddpm load(ModelBundle bundle, Device device) {
    return new Ddpm(bundle, device);
  }

  /**
   * Checks that a bundle is of such a model and whole.
   *
   * @throws ModelException if it is not
   */
  public static void require(ModelBundle bundle) {
    ModelCard card = bundle.card();
    String source = "model '" + card.name() + "'";
    if (!card.architecture().equals(ARCHITECTURE) || !card.inference().equals(INFERENCE)) {
      throw new ModelException(
          source,
          String.format(
              "is %s (%s), not %s (%s)",
              card.architecture(), card.inference(), ARCHITECTURE, INFERENCE));
    }
    schedule(card);
    List<TensorSpec> layout = PixelUNet.layout(PixelUNetSizes.of(card));
    bundle.tensors().requireShapes(source, TensorSpec.shapes(layout));
  }

  /** The noise schedule of a card. */
  static NoiseSchedule schedule(ModelCard card) {
    try {
      return DdpmSettings.schedule(card.size(TIMESTEPS));
    } catch (IllegalArgumentException e) {
      throw new ModelException("model '" + card.name() + "'", e.getMessage());
    }
  }

  /** The model's manager. */
  public NDManager manager() {
    return manager;
  }

  /** Samples a pixel. */
  public int bands() {
    return card.bands();
  }

  /** Pixels along an edge it was trained with. */
  public int patchSize() {
    return card.patchSize();
  }

  /**
   * Draws images from nothing (DDIM without noise on the way).
   *
   * @param count number of images; each is a function of the seed and its number
   * @param steps calls of the network
   * @return (count, bands, S, S) in -1 .. 1, in the scope of the caller
   */
  public NDArray draw(int count, int steps, long seed) {
    Shape shape = new Shape(count, bands(), patchSize(), patchSize());
    int each = bands() * patchSize() * patchSize();
    float[] numbers = new float[count * each];
    for (int i = 0; i < count; i++) {
      float[] own = SeededStream.of(List.of("drawn from nothing"), seed, i).normal(each);
      System.arraycopy(own, 0, numbers, i * each, each);
    }
    NDArray start = Operators.ownCopy(manager.create(numbers, shape));
    Trajectory trajectory =
        Trajectory.of(schedule, Trajectory.Spacing.TRAILING, steps, 0, NoiseLevel.CLEAN);
    return new Denoising(trajectory, Prediction.NOISE, new DdimSampler(0))
        .run(start, this::predict, StepNoise.none())
        .clip(-1, 1);
  }

  private NDArray predict(NDArray x, int timestep) {
    int[] timesteps = new int[(int) x.getShape().get(0)];
    Arrays.fill(timesteps, timestep);
    return net.forward(x, timesteps);
  }

  /**
   * An image with noise, and what the model makes of it in one step.
   *
   * @param noisy (B, bands, H, W)
   * @param clean what the model takes for the image
   * @param error mean squared error of the predicted noise; 1 for a model that predicts none
   */
  public record Cleaned(NDArray noisy, NDArray clean, double error) {}

  /**
   * Adds the noise that all images share and has the model remove it.
   *
   * @param image (B, bands, H, W) in -1 .. 1
   * @param signal share of the signal that is left
   */
  public Cleaned cleaned(NDArray image, double signal) {
    int timestep = FeatureChoice.nearest(schedule, signal);
    NoiseLevel level = schedule.level(timestep);
    Shape shape = image.getShape();
    NDArray noise =
        NoisyFeatures.sharedNoise(
            image.getManager(), new Shape(1, shape.get(1), shape.get(2), shape.get(3)));
    NDArray noisy =
        Operators.scaled(image, level.alpha()).add(Operators.scaled(noise, level.sigma()));
    NDArray output = predict(noisy, timestep);
    double error = output.sub(noise).square().mean().getFloat();
    return new Cleaned(noisy, Prediction.NOISE.clean(noisy, output, level).clip(-1, 1), error);
  }

  @Override
  public void close() {
    manager.close();
  }
}
