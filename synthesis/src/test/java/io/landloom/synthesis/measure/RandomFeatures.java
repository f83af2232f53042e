package io.landloom.synthesis.measure;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.image.Raster;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.training.ImagePlanes;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/** Four strided convolutions with random kernels: no training, yet texture and colour reach it. */
final class RandomFeatures implements FeatureExtractor, AutoCloseable {
  private static final int[] CHANNELS = {16, 24, 32, 32};

  private final NDManager manager = TorchEngine.newManager(Device.cpu());
  private final ParameterSet parameters;

  RandomFeatures(long seed) {
    List<TensorSpec> layout = new ArrayList<>();
    int in = 3;
    for (int stage = 0; stage < CHANNELS.length; stage++) {
      TensorSpec.Start start = new TensorSpec.Start.Normal(Math.sqrt(2.0 / (9 * in)));
      layout.add(TensorSpec.trained("conv_" + stage, start, CHANNELS[stage], in, 3, 3));
      in = CHANNELS[stage];
    }
    parameters = ParameterSet.initialized(manager, layout, seed);
  }

  @Override
  public String name() {
    return "random";
  }

  @Override
  public String digest() {
    return "0".repeat(64);
  }

  @Override
  public int batchSize() {
    return 16;
  }

  @Override
  public List<List<FeatureMap>> maps(List<Raster> images) {
    Raster first = images.get(0);
    int samples = first.samples().length;
    float[] values = new float[images.size() * samples];
    List<List<FeatureMap>> maps = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      ImagePlanes.copy(images.get(i), values, i * samples);
      maps.add(new ArrayList<>());
    }
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray x =
          scope
              .manager()
              .create(values, new Shape(images.size(), 3, first.height(), first.width()));
      for (int stage = 0; stage < CHANNELS.length; stage++) {
        x = Operators.relu(Operators.convolution(x, parameters.get("conv_" + stage), null, 2, 1));
        float[] all = x.toFloatArray();
        int side = (int) x.getShape().get(2);
        int length = CHANNELS[stage] * side * side;
        for (int i = 0; i < maps.size(); i++) {
          float[] own = new float[length];
          System.arraycopy(all, i * length, own, 0, length);
          maps.get(i).add(new FeatureMap(CHANNELS[stage], side, side, own));
        }
      }
    }
    return maps;
  }

  @Override
  public void close() {
    manager.close();
  }
}
