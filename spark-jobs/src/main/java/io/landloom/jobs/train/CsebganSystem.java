package io.landloom.jobs.train;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.gan.CsebganSettings;
import io.landloom.synthesis.gan.CsebganSynthesizer;
import io.landloom.synthesis.gan.CsebganTrainer;
import io.landloom.synthesis.tensor.FeatureMaps;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.Precision;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * CSEBGAN.
 *
 * @param keys its keys, as HOCON
 * @param perceptual its perceptual net, null without one
 */
record CsebganSystem(String keys, PerceptualFile perceptual) implements TrainableSystem {
  /** The system of these keys; finds the net they name. */
  static CsebganSystem of(String keys, Configuration configuration) throws IOException {
    CsebganSystem alone = TrainableSystem.checked(new CsebganSystem(keys, null));
    CsebganSettings.PerceptualNet net = alone.settings().perceptual();
    return net.given() ? new CsebganSystem(keys, PerceptualFile.find(net, configuration)) : alone;
  }

  private CsebganSettings settings() {
    return CsebganSettings.of(TrainableSystem.parsed(keys));
  }

  @Override
  public String name() {
    return "csebgan";
  }

  @Override
  public String identity() {
    return settings() + (perceptual == null ? "" : " with " + perceptual.digest());
  }

  @Override
  public Sizes sizes() {
    CsebganSettings settings = settings();
    return new Sizes(settings.steps(), settings.widths().patchSize(), settings.widths().bands());
  }

  @Override
  public Training open(Start start) throws IOException {
    Optional<FeatureMaps> net = perceptualNet(start.device());
    try {
      return new Running(trainer(start, net), net);
    } catch (IOException | RuntimeException e) {
      net.ifPresent(FeatureMaps::close);
      throw e;
    }
  }

  private Optional<FeatureMaps> perceptualNet(Device device) throws IOException {
    return perceptual == null
        ? Optional.empty()
        : Optional.of(perceptual.open(sizes().bands(), device));
  }

  private CsebganTrainer trainer(Start start, Optional<FeatureMaps> net) throws IOException {
    CsebganSettings settings = settings();
    return start.checkpoint().isPresent()
        ? CsebganTrainer.resume(
            settings, start.scheme(), start.set(), start.device(), net, start.checkpoint().get())
        : new CsebganTrainer(settings, start.scheme(), start.set(), start.device(), net);
  }

  /**
   * A training in progress.
   *
   * @param trainer what trains
   * @param net the perceptual net
   */
  private record Running(CsebganTrainer trainer, Optional<FeatureMaps> net) implements Training {
    @Override
    public long steps() {
      return trainer.steps();
    }

    @Override
    public Map<String, Float> step() {
      return trainer.step().byName();
    }

    @Override
    public void save(OutputStream target) throws IOException {
      trainer.save(target);
    }

    @Override
    public ModelBundle bundle(TrainingTask.Card card) {
      return trainer.bundle(card.name(), card.dataset(), card.licence(), Precision.F16);
    }

    @Override
    public void close() {
      trainer.close();
      net.ifPresent(FeatureMaps::close);
    }
  }

  @Override
  public List<String> columns() {
    return Drawing.OF_IMAGES;
  }

  @Override
  public List<List<Picture>> sheet(
      ModelBundle bundle, LandCoverScheme scheme, TrainingSet items, Device device) {
    try (CsebganSynthesizer synthesizer =
        new CsebganSynthesizer(bundle, scheme, device, Drawing.COPIES, settings().seed())) {
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
