package io.landloom.jobs.train;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.segment.FeatureNet;
import io.landloom.synthesis.segment.FeatureNetSettings;
import io.landloom.synthesis.segment.FeatureNetTrainer;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;

/**
 * The feature net.
 *
 * @param keys its keys, as HOCON
 */
record FeaturesSystem(String keys) implements TrainableSystem {
  private FeatureNetSettings settings() {
    return FeatureNetSettings.of(TrainableSystem.parsed(keys));
  }

  @Override
  public String name() {
    return "features";
  }

  @Override
  public String identity() {
    return settings().toString();
  }

  @Override
  public Sizes sizes() {
    return NetworkTraining.sizes(settings().course());
  }

  @Override
  public Training open(Start start) throws IOException {
    return NetworkTraining.open(
        new FeatureNetTrainer(settings(), start.scheme(), start.set(), start.device()),
        start.checkpoint());
  }

  @Override
  public List<String> columns() {
    return Segmentation.COLUMNS;
  }

  @Override
  public List<List<Picture>> sheet(
      ModelBundle bundle, LandCoverScheme scheme, TrainingSet items, Device device) {
    try (FeatureNet net = FeatureNet.load(bundle, device)) {
      return Segmentation.sheet(net::predict, scheme, items);
    }
  }

  @Override
  public SortedMap<String, Double> measure(
      ModelBundle bundle, LandCoverScheme scheme, Sets sets, Device device) {
    try (FeatureNet net = FeatureNet.load(bundle, device)) {
      return Segmentation.measure(
          net::predict, scheme, sets.validation(), (truth, predicted) -> {});
    }
  }
}
