package io.landloom.synthesis.measure;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.image.Raster;
import io.landloom.synthesis.SeededStream;
import io.landloom.synthesis.tensor.Adam;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.TensorSpec;
import io.landloom.synthesis.weights.TensorSpec.Start;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Four convolutions, the mean over the cells, and one number: positive for real. */
final class RealnessClassifier implements AutoCloseable {
  private static final int[] CHANNELS = {16, 32, 64, 64};
  // few strides: many cells to take the mean of keep few images from being learnt by heart
  private static final int[] STRIDES = {2, 2, 2, 1};
  private static final double SLOPE = 0.2;
  private static final int SYMMETRIES = 8;

  /** What is learnt from. */
  record Half(Images real, Images fake, int[] reals, int[] fakes) {}

  private final ParameterSet parameters;
  private float[] shift;
  private float[] scale;

  RealnessClassifier(NDManager manager, int bands, long seed) {
    parameters = ParameterSet.initialized(manager, layout(bands), seed);
  }

  private static List<TensorSpec> layout(int bands) {
    List<TensorSpec> layout = new ArrayList<>();
    int in = bands;
    for (int i = 0; i < CHANNELS.length; i++) {
      Start start = new Start.Normal(Math.sqrt(2.0 / (9 * in)));
      layout.add(TensorSpec.trained("conv_" + i + ".weight", start, CHANNELS[i], in, 3, 3));
      layout.add(TensorSpec.trained("conv_" + i + ".bias", new Start.Constant(0), CHANNELS[i]));
      in = CHANNELS[i];
    }
    layout.add(TensorSpec.trained("to_score.weight", new Start.Normal(0.01), 1, in));
    layout.add(TensorSpec.trained("to_score.bias", new Start.Constant(0), 1));
    return layout;
  }

  /** Scores (B) of images (B, bands, H, W). */
  private NDArray forward(NDArray images) {
    NDArray x = images;
    for (int i = 0; i < CHANNELS.length; i++) {
      x =
          Operators.leakyRelu(
              Operators.convolution(
                  x,
                  parameters.get("conv_" + i + ".weight"),
                  parameters.get("conv_" + i + ".bias"),
                  STRIDES[i],
                  1),
              SLOPE);
    }
    Shape shape = x.getShape();
    NDArray mean = // (B, C)
        x.reshape(new Shape(shape.get(0), shape.get(1), shape.get(2) * shape.get(3)))
            .mean(new int[] {2});
    return Operators.linear(
            mean, parameters.get("to_score.weight"), parameters.get("to_score.bias"))
        .reshape(new Shape(shape.get(0)));
  }

  void learn(Half half, TwoSampleTest.Training training) {
    measureBands(half);
    parameters.unfreeze();
    Adam adam = new Adam(parameters, 0.9, 0.999);
    int each = training.batch() / 2;
    float[] target = new float[training.batch()];
    Arrays.fill(target, 0, each, 1);
    for (int step = 0; step < training.steps(); step++) {
      SeededStream draws = SeededStream.of(List.of("two-sample batches"), training.seed(), step);
      float[][] batch = new float[training.batch()][];
      for (int i = 0; i < batch.length; i++) {
        Images images = i < each ? half.real() : half.fake();
        int[] numbers = i < each ? half.reals() : half.fakes();
        Raster image = images.image(numbers[draws.nextInt(numbers.length)]);
        batch[i] = planes(image, draws.nextInt(SYMMETRIES));
      }
      try (NativeScope scope = NativeScope.training(parameters.manager())) {
        NDArray score = forward(batch(scope.manager(), batch, half.real().image(0)));
        NDArray loss = crossEntropy(score, scope.manager().create(target));
        Operators.backward(loss);
        adam.step(training.learningRate());
      }
    }
  }

  /** Mean of max(s, 0) - s t + ln(1 + exp(-|s|)): the logistic loss of scores s. */
  private static NDArray crossEntropy(NDArray score, NDArray target) {
    return Operators.relu(score)
        .sub(score.mul(target))
        .add(score.abs().neg().exp().add(1).log())
        .mean();
  }

  float[] judge(Images images, int[] numbers) {
    float[] scores = new float[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      Raster image = images.image(numbers[i]);
      try (NativeScope scope = NativeScope.inference(parameters.manager())) {
        scores[i] =
            forward(batch(scope.manager(), new float[][] {planes(image, 0)}, image)).getFloat(0);
      }
    }
    return scores;
  }

  private static NDArray batch(NDManager manager, float[][] planes, Raster shape) {
    float[] values = new float[planes.length * planes[0].length];
    for (int i = 0; i < planes.length; i++) {
      System.arraycopy(planes[i], 0, values, i * planes[0].length, planes[0].length);
    }
    return manager.create(
        values, new Shape(planes.length, shape.bands(), shape.height(), shape.width()));
  }

  /** Brings the bands to mean 0 and standard deviation 1 over all that is learnt from. */
  private void measureBands(Half half) {
    int bands = half.real().image(0).bands();
    double[] sums = new double[bands];
    double[] squares = new double[bands];
    long pixels = 0;
    for (int i = 0; i < half.reals().length; i++) {
      for (Raster image :
          List.of(half.real().image(half.reals()[i]), half.fake().image(half.fakes()[i]))) {
        byte[] samples = image.samples();
        for (int k = 0; k < samples.length; k++) {
          int value = samples[k] & 0xFF;
          sums[k % bands] += value;
          squares[k % bands] += (double) value * value;
        }
        pixels += samples.length / bands;
      }
    }
    shift = new float[bands];
    scale = new float[bands];
    for (int band = 0; band < bands; band++) {
      double mean = sums[band] / pixels;
      shift[band] = (float) mean;
      scale[band] = (float) (1 / Math.sqrt(Math.max(1, squares[band] / pixels - mean * mean)));
    }
  }

  /** Standardised samples (bands, H, W) of an image under one of the square's symmetries. */
  private float[] planes(Raster image, int symmetry) {
    int width = image.width();
    int height = image.height();
    int bands = image.bands();
    boolean turned = (symmetry & 4) != 0 && width == height;
    float[] planes = new float[bands * width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int fromX = (symmetry & 1) != 0 ? width - 1 - x : x;
        int fromY = (symmetry & 2) != 0 ? height - 1 - y : y;
        int from = (turned ? fromX * width + fromY : fromY * width + fromX) * bands;
        for (int band = 0; band < bands; band++) {
          planes[(band * height + y) * width + x] =
              ((image.samples()[from + band] & 0xFF) - shift[band]) * scale[band];
        }
      }
    }
    return planes;
  }

  @Override
  public void close() {
    parameters.close();
  }
}
