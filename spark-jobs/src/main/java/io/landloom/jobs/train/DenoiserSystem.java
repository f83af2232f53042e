package io.landloom.jobs.train;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.diffusion.model.DenoiserSizes.Content;
import io.landloom.synthesis.diffusion.model.DiffusionSynthesizer;
import io.landloom.synthesis.diffusion.training.DenoiserSettings;
import io.landloom.synthesis.diffusion.training.DenoiserTrainer;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * The denoiser of masks, or of images.
 *
 * @param keys its keys, as HOCON
 * @param autoencoder the bundle of the autoencoder of its latents
 */
record DenoiserSystem(String keys, OtherBundle autoencoder) implements TrainableSystem {
  /** The system of these keys; finds the autoencoder they name. */
  static DenoiserSystem of(String keys, Configuration configuration) throws IOException {
    DenoiserSystem alone = TrainableSystem.checked(new DenoiserSystem(keys, OtherBundle.NOTHING));
    String named = alone.settings().autoencoder();
    return new DenoiserSystem(keys, OtherBundle.find("denoiser.autoencoder", named, configuration));
  }

  private DenoiserSettings settings() {
    return DenoiserSettings.of(TrainableSystem.parsed(keys));
  }

  @Override
  public String name() {
    return "denoiser";
  }

  @Override
  public String identity() {
    return settings().identity() + " with " + autoencoder.digest();
  }

  @Override
  public boolean readsCaptions() {
    return settings().asking().captions();
  }

  @Override
  public Sizes sizes() {
    return NetworkTraining.sizes(settings().course());
  }

  @Override
  public Training open(Start start) throws IOException {
    return NetworkTraining.open(
        TrainableSystem.refused(
            () ->
                new DenoiserTrainer(
                    settings(), start.scheme(), start.set(), start.device(), autoencoder.open())),
        start.checkpoint());
  }

  private boolean drawsImages() {
    return settings().content() == Content.IMAGES;
  }

  @Override
  public List<String> columns() {
    return drawsImages() ? Drawing.OF_IMAGES : Drawing.OF_MASKS;
  }

  @Override
  public List<List<Picture>> sheet(
      ModelBundle bundle, LandCoverScheme scheme, TrainingSet items, Device device) {
    long seed = settings().course().seed();
    if (!drawsImages()) {
      return Drawing.masks(bundle, scheme, items, device, seed);
    }
    try (DiffusionSynthesizer synthesizer =
        DiffusionSynthesizer.withoutMasks(bundle, scheme, device, Drawing.COPIES, seed)) {
      return Drawing.images(synthesizer, scheme, items);
    }
  }

  /** Of masks, how far they are from the shares asked for; of images nothing. */
  @Override
  public SortedMap<String, Double> measure(
      ModelBundle bundle, LandCoverScheme scheme, Sets sets, Device device) {
    DenoiserSettings settings = settings();
    return drawsImages()
        ? new TreeMap<>()
        : MaskMeasures.ofCard(
            bundle, scheme, sets, device, settings.course().batch(), settings.course().seed());
  }
}
