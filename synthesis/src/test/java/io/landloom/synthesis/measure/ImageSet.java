package io.landloom.synthesis.measure;

import io.landloom.geo.image.Raster;
import io.landloom.synthesis.weights.HostTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Images in memory. */
record ImageSet(List<Raster> images) implements Images {
  /** Images of a tensor (N, H, W, bands) of whole numbers from 0 to 255. */
  static ImageSet of(HostTensor tensor) {
    int count = (int) tensor.shape()[0];
    int height = (int) tensor.shape()[1];
    int width = (int) tensor.shape()[2];
    int bands = (int) tensor.shape()[3];
    List<Raster> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] samples = new byte[height * width * bands];
      for (int k = 0; k < samples.length; k++) {
        samples[k] = (byte) (int) tensor.values()[i * samples.length + k];
      }
      images.add(Raster.ofBytes(width, height, bands, samples));
    }
    return new ImageSet(images);
  }

  ImageSet map(UnaryOperator<Raster> change) {
    return new ImageSet(images.stream().map(change).toList());
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public Raster image(int i) {
    return images.get(i);
  }
}
