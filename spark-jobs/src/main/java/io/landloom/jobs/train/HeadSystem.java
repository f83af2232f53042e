package io.landloom.jobs.train;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.run.JobException;
import io.landloom.synthesis.ddpm.HeadSegmenter;
import io.landloom.synthesis.ddpm.HeadSettings;
import io.landloom.synthesis.ddpm.HeadTrainer;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import org.apache.hadoop.conf.Configuration;

/**
 * A head on the features of a diffusion model of pixels.
 *
 * @param keys its keys, as HOCON
 * @param backbone the model whose maps are the features
 */
record HeadSystem(String keys, OtherBundle backbone) implements TrainableSystem {
  private static final String MODEL = "backbone.model";
  private static final String KEY = "head." + MODEL;

  /** The system of these keys; finds the model they name. */
  static HeadSystem of(String keys, Configuration configuration) throws IOException {
    TrainableSystem.checked(new HeadSystem(keys, OtherBundle.NOTHING));
    String model = TrainableSystem.parsed(keys).getString(MODEL);
    if (model.equals("none")) {
      throw JobException.user(
          KEY + " = none: a head stands on a ddpm; train one with model=ddpm and give its bundle");
    }
    return new HeadSystem(keys, DdpmSystem.ddpm(KEY, model, configuration));
  }

  private HeadSettings settings() {
    return HeadSettings.of(TrainableSystem.parsed(keys));
  }

  @Override
  public String name() {
    return "head";
  }

  @Override
  public String identity() {
    return settings().identity() + " on " + backbone.digest();
  }

  @Override
  public Sizes sizes() {
    return NetworkTraining.sizes(settings().course());
  }

  @Override
  public Training open(Start start) throws IOException {
    try {
      return NetworkTraining.open(
          new HeadTrainer(
              settings(),
              backbone.open().orElseThrow(),
              start.scheme(),
              start.set(),
              start.device()),
          start.checkpoint());
    } catch (IllegalArgumentException e) {
      throw new JobException(JobException.Kind.USER, name() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public List<String> columns() {
    return Segmentation.COLUMNS;
  }

  @Override
  public List<List<Picture>> sheet(
      ModelBundle bundle, LandCoverScheme scheme, TrainingSet items, Device device) {
    try (HeadSegmenter net = HeadSegmenter.load(bundle, scheme, device)) {
      return Segmentation.sheet(net::predict, scheme, items);
    }
  }

  @Override
  public SortedMap<String, Double> measure(
      ModelBundle bundle, LandCoverScheme scheme, Sets sets, Device device) {
    try (HeadSegmenter net = HeadSegmenter.load(bundle, scheme, device)) {
      return Segmentation.measure(
          net::predict, scheme, sets.validation(), (truth, predicted) -> {});
    }
  }
}
