package io.landloom.synthesis.training;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.SeededStream;
import java.util.List;

/** A training set whose classes each have a colour with a little noise. */
public record Checkerboards(LandCoverScheme scheme, int size, int patchSize)
    implements TrainingSet {
  @Override
  public ClassMask mask(int i) {
    byte[] indices = new byte[patchSize * patchSize];
    for (int pixel = 0; pixel < indices.length; pixel++) {
      int field = pixel % patchSize / 16 * 3 + pixel / patchSize / 16 * 5 + i;
      indices[pixel] = (byte) scheme.classes().get(field % scheme.size()).index();
    }
    return new ClassMask(patchSize, patchSize, indices);
  }

  @Override
  public Raster image(int i) {
    byte[] mask = mask(i).indices();
    byte[] samples = new byte[mask.length * 3];
    SeededStream stream = SeededStream.of(List.of("checkerboard"), i);
    for (int pixel = 0; pixel < mask.length; pixel++) {
      for (int band = 0; band < 3; band++) {
        int color = (mask[pixel] & 0xFF) * (37 + 40 * band) % 200;
        samples[pixel * 3 + band] = (byte) (color + stream.nextInt(30));
      }
    }
    return Raster.ofBytes(patchSize, patchSize, 3, samples);
  }
}
