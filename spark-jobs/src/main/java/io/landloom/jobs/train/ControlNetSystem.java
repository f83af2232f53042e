package io.landloom.jobs.train;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.diffusion.model.DenoiserSizes;
import io.landloom.synthesis.diffusion.model.DiffusionSynthesizer;
import io.landloom.synthesis.diffusion.training.ControlSettings;
import io.landloom.synthesis.diffusion.training.ControlTrainer;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * The ControlNet of a denoiser of images.
 *
 * @param keys its keys, as HOCON
 * @param denoiser the bundle of the denoiser
 * @param segmenter the bundle of the segmenter that is to find masks in drawn images
 */
record ControlNetSystem(String keys, OtherBundle denoiser, OtherBundle segmenter)
    implements TrainableSystem {
  /** The system of these keys; finds the denoiser and the segmenter they name. */
  static ControlNetSystem of(String keys, Configuration configuration) throws IOException {
    ControlNetSystem alone =
        TrainableSystem.checked(
            new ControlNetSystem(keys, OtherBundle.NOTHING, OtherBundle.NOTHING));
    return new ControlNetSystem(
        keys,
        OtherBundle.find("controlnet.denoiser", alone.settings().denoiser(), configuration),
        OtherBundle.find(
            "controlnet.consistency.segmenter",
            alone.settings().consistency().segmenter(),
            configuration));
  }

  private ControlSettings settings() {
    return ControlSettings.of(TrainableSystem.parsed(keys));
  }

  @Override
  public String name() {
    return "controlnet";
  }

  @Override
  public String identity() {
    String judge = segmenter.open().isEmpty() ? "" : " and " + segmenter.digest();
    return settings().identity() + " with " + denoiser.digest() + judge;
  }

  @Override
  public boolean readsCaptions() {
    return denoiser.open().map(ModelBundle::card).filter(DenoiserSizes::readsCaptions).isPresent();
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
                new ControlTrainer(
                    settings(),
                    start.scheme(),
                    start.set(),
                    start.device(),
                    denoiser.open().orElseThrow(),
                    segmenter.open())),
        start.checkpoint());
  }

  @Override
  public List<String> columns() {
    return Drawing.OF_IMAGES;
  }

  @Override
  public List<List<Picture>> sheet(
      ModelBundle bundle, LandCoverScheme scheme, TrainingSet items, Device device) {
    try (DiffusionSynthesizer synthesizer =
        new DiffusionSynthesizer(
            bundle, scheme, device, Drawing.COPIES, settings().course().seed())) {
      return Drawing.images(synthesizer, scheme, items);
    }
  }

  /** Nothing: images are measured by {@code evaluate}. */
  @Override
  public SortedMap<String, Double> measure(
      ModelBundle bundle, LandCoverScheme scheme, Sets sets, Device device) {
    return new TreeMap<>();
  }
}
