package io.landloom.synthesis.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.diffusion.Denoiser;
import io.landloom.synthesis.diffusion.NoiseLevel;
import io.landloom.synthesis.diffusion.NoiseSchedule;
import io.landloom.synthesis.diffusion.Prediction;
import io.landloom.synthesis.diffusion.mask.ClassCodes;
import io.landloom.synthesis.diffusion.mask.ProportionLoss;
import io.landloom.synthesis.diffusion.mask.TargetShares;
import io.landloom.synthesis.tensor.Operators;
import java.util.List;

/**
 * Moves every step's estimate of coded masks towards the shares asked for: what a known class lacks
 * is added to its score at every cell, and the codes move as their soft classes do.
 *
 * @param codes of the classes
 * @param weight of the difference of shares
 */
record SharesGuidance(ClassCodes codes, double weight) {
  /** A network whose predictions amount to moved estimates. */
  Denoiser guided(
      Denoiser network, NoiseSchedule schedule, Prediction prediction, List<TargetShares> targets) {
    return (x, timestep) -> {
      NoiseLevel level = schedule.level(timestep);
      NDArray output = network.predict(x, timestep);
      if (level.sigma() == 0 || level.signal() == 0) {
        return output;
      }
      NDArray clean = moved(prediction.clean(x, output, level), targets);
      return switch (prediction) {
        case NOISE ->
            Operators.scaled(x.sub(Operators.scaled(clean, level.alpha())), 1 / level.sigma());
        case VELOCITY ->
            Operators.scaled(Operators.scaled(x, level.alpha()).sub(clean), 1 / level.sigma());
      };
    };
  }

  /** Coded masks (B, bits, H, W) nearer to their targets. */
  NDArray moved(NDArray coded, List<TargetShares> targets) {
    NDManager manager = coded.getManager();
    int classes = codes.classes();
    NDArray soft = new ProportionLoss(codes, 0).softClasses(coded); // (B, K, H, W)
    NDArray shares = Operators.channelMeans(soft); // (B, K)
    float[] asked = new float[targets.size() * classes];
    float[] known = new float[asked.length];
    for (int i = 0; i < targets.size(); i++) {
      float[] numbers = targets.get(i).numbers();
      System.arraycopy(numbers, 0, asked, i * classes, classes);
      System.arraycopy(numbers, classes, known, i * classes, classes);
    }
    Shape shape = new Shape(targets.size(), classes);
    NDArray lacking = manager.create(asked, shape).sub(shares).mul(manager.create(known, shape));
    NDArray more = Operators.scaled(lacking, weight).exp().reshape(shape.addAll(new Shape(1, 1)));
    NDArray weighted = soft.mul(more);
    NDArray better = weighted.div(weighted.sum(new int[] {1}, true));
    return coded.add(Operators.convolution(better.sub(soft), kernel(manager), null, 1, 0));
  }

  /** The classes' codes as a convolution (bits, K, 1, 1) of soft classes. */
  private NDArray kernel(NDManager manager) {
    float[] kernel = new float[codes.bits() * codes.classes()];
    for (int i = 0; i < kernel.length; i++) {
      kernel[i] = codes.bit(i % codes.classes(), i / codes.classes());
    }
    return manager.create(kernel, new Shape(codes.bits(), codes.classes(), 1, 1));
  }
}
