package io.landloom.jobs.evaluate;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.image.Raster;
import io.landloom.synthesis.measure.FeatureExtractor;
import io.landloom.synthesis.measure.FeatureMap;
import io.landloom.synthesis.segment.FeatureNet;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.training.ImagePlanes;
import io.landloom.synthesis.weights.ModelBundle;
import java.util.ArrayList;
import java.util.List;

/** A feature net's maps in Java's memory. */
final class NetFeatures implements FeatureExtractor, AutoCloseable {
  private final FeatureNet net;
  private final int batchSize;
  private final NDManager manager;

  NetFeatures(ModelBundle bundle, int batchSize, Device device) {
    this.net = FeatureNet.load(bundle, device);
    this.batchSize = batchSize;
    this.manager = TorchEngine.newManager(device);
  }

  @Override
  public String name() {
    return net.name();
  }

  @Override
  public String digest() {
    return net.digest();
  }

  @Override
  public int batchSize() {
    return batchSize;
  }

  @Override
  public List<List<FeatureMap>> maps(List<Raster> images) {
    Raster first = images.get(0);
    int samples = first.bands() * first.width() * first.height();
    float[] values = new float[images.size() * samples];
    List<List<FeatureMap>> maps = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      ImagePlanes.copy(images.get(i), values, i * samples);
      maps.add(new ArrayList<>());
    }
    Shape shape = new Shape(images.size(), first.bands(), first.height(), first.width());
    try (NativeScope scope = NativeScope.inference(manager)) {
      for (NDArray stage : net.maps(scope.manager().create(values, shape))) {
        add(stage, maps);
      }
    }
    return maps;
  }

  private static void add(NDArray stage, List<List<FeatureMap>> maps) {
    Shape shape = stage.getShape(); // (B, C, h, w)
    int channels = (int) shape.get(1);
    int height = (int) shape.get(2);
    int width = (int) shape.get(3);
    float[] values = stage.toFloatArray();
    int length = channels * height * width;
    for (int i = 0; i < maps.size(); i++) {
      float[] own = new float[length];
      System.arraycopy(values, i * length, own, 0, length);
      maps.get(i).add(new FeatureMap(channels, height, width, own));
    }
  }

  @Override
  public void close() {
    manager.close();
    net.close();
  }
}
