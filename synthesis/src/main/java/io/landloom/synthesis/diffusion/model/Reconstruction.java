package io.landloom.synthesis.diffusion.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.diffusion.mask.ClassCodes;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.training.ImagePlanes;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelException;

/** What an autoencoder makes of patches: encoded by the means of their latents, and decoded. */
public final class Reconstruction implements AutoCloseable {
  private final NDManager manager;
  private final ShippedAutoencoder autoencoder;
  private final boolean masks;
  private final ClassPositions positions;
  private final ClassCodes codes;

  private Reconstruction(ModelBundle bundle, LandCoverScheme scheme, Device device) {
    bundle.card().requireScheme(scheme);
    this.masks = ShippedAutoencoder.read(bundle).content() == DenoiserSizes.Content.MASKS;
    this.positions = new ClassPositions(scheme);
    this.codes = new ClassCodes(scheme.validClasses().size());
    this.manager = TorchEngine.newManager(device);
    this.autoencoder = ShippedAutoencoder.load(manager, bundle);
  }

  /**
   * Loads an autoencoder onto a device.
   *
   * @throws ModelException if the bundle holds none, or is of another scheme
   */
  public static Reconstruction load(ModelBundle bundle, LandCoverScheme scheme, Device device) {
    return new Reconstruction(bundle, scheme, device);
  }

  /** Whether it encodes masks, not images. */
  public boolean ofMasks() {
    return masks;
  }

  /** An image as it comes back. */
  public Raster decoded(Raster image) {
    float[] planes = planes(image);
    float[] back = back(planes, image.bands(), image.height(), image.width());
    int pixels = image.width() * image.height();
    byte[] samples = new byte[planes.length];
    for (int i = 0; i < planes.length; i++) {
      float inside = Math.max(-1, Math.min(1, back[i]));
      samples[i % pixels * image.bands() + i / pixels] = (byte) Math.round((inside + 1) * 127.5f);
    }
    return Raster.ofBytes(image.width(), image.height(), image.bands(), samples);
  }

  /** Mean absolute difference of an image and what comes back, in grey levels. */
  public double error(Raster image) {
    float[] planes = planes(image);
    float[] back = back(planes, image.bands(), image.height(), image.width());
    double sum = 0;
    for (int i = 0; i < planes.length; i++) {
      sum += Math.abs((double) planes[i] - back[i]);
    }
    return 127.5 * sum / planes.length;
  }

  private static float[] planes(Raster image) {
    float[] planes = new float[image.bands() * image.height() * image.width()];
    ImagePlanes.copy(image, planes, 0);
    return planes;
  }

  /** Class positions of a mask as it comes back. */
  public byte[] decoded(ClassMask mask) {
    byte[] truth = positions.of(mask, mask.width(), "mask");
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray coded = new CodeSpace(codes, 1).encode(scope.manager(), truth, mask.width()).codes();
      return codes.decode(autoencoder.again(coded).toFloatArray());
    }
  }

  /** Share of a mask's valid pixels that come back as they were; 1 where there is none. */
  public double right(ClassMask mask) {
    byte[] truth = positions.of(mask, mask.width(), "mask");
    byte[] back = decoded(mask);
    double right = 0;
    double valid = 0;
    for (int i = 0; i < truth.length; i++) {
      if ((truth[i] & 0xFF) < codes.classes()) {
        valid++;
        right += truth[i] == back[i] ? 1 : 0;
      }
    }
    return valid == 0 ? 1 : right / valid;
  }

  private float[] back(float[] planes, int channels, int height, int width) {
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray image = scope.manager().create(planes, new Shape(1, channels, height, width));
      return autoencoder.again(image).toFloatArray();
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
