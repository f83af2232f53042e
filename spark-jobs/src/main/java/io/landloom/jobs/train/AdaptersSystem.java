package io.landloom.jobs.train;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.diffusion.training.AdaptersSettings;
import io.landloom.synthesis.diffusion.training.AdaptersTrainer;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import org.apache.hadoop.conf.Configuration;

/**
 * Adapters of a denoiser of masks.
 *
 * @param keys their keys, as HOCON
 * @param denoiser the bundle of the denoiser
 */
record AdaptersSystem(String keys, OtherBundle denoiser) implements TrainableSystem {
  /** The system of these keys; finds the denoiser they name. */
  static AdaptersSystem of(String keys, Configuration configuration) throws IOException {
    AdaptersSystem alone = TrainableSystem.checked(new AdaptersSystem(keys, OtherBundle.NOTHING));
    return new AdaptersSystem(
        keys, OtherBundle.find("adapters.denoiser", alone.settings().denoiser(), configuration));
  }

  private AdaptersSettings settings() {
    return AdaptersSettings.of(TrainableSystem.parsed(keys));
  }

  @Override
  public String name() {
    return "adapters";
  }

  @Override
  public String identity() {
    return settings().identity() + " with " + denoiser.digest();
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
                new AdaptersTrainer(
                    settings(),
                    start.scheme(),
                    start.set(),
                    start.device(),
                    denoiser.open().orElseThrow())),
        start.checkpoint());
  }

  @Override
  public List<String> columns() {
    return Drawing.OF_MASKS;
  }

  @Override
  public List<List<Picture>> sheet(
      ModelBundle bundle, LandCoverScheme scheme, TrainingSet items, Device device) {
    return Drawing.masks(bundle, scheme, items, device, settings().course().seed());
  }

  @Override
  public SortedMap<String, Double> measure(
      ModelBundle bundle, LandCoverScheme scheme, Sets sets, Device device) {
    return MaskMeasures.ofCard(
        bundle, scheme, sets, device, settings().course().batch(), settings().course().seed());
  }
}
