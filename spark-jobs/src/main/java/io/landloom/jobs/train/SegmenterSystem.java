package io.landloom.jobs.train;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.gate.ConsistencyCalibration;
import io.landloom.synthesis.segment.Segmenter;
import io.landloom.synthesis.segment.SegmenterSettings;
import io.landloom.synthesis.segment.SegmenterTrainer;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;

/**
 * The plain segmenter.
 *
 * @param keys its keys, as HOCON
 */
record SegmenterSystem(String keys) implements TrainableSystem {
  private SegmenterSettings settings() {
    return SegmenterSettings.of(TrainableSystem.parsed(keys));
  }

  @Override
  public String name() {
    return "segmenter";
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
        new SegmenterTrainer(settings(), start.scheme(), start.set(), start.device()),
        start.checkpoint());
  }

  @Override
  public List<String> columns() {
    return Segmentation.COLUMNS;
  }

  @Override
  public List<List<Picture>> sheet(
      ModelBundle bundle, LandCoverScheme scheme, TrainingSet items, Device device) {
    try (Segmenter net = Segmenter.load(bundle, scheme, device)) {
      return Segmentation.sheet(net::predict, scheme, items);
    }
  }

  @Override
  public SortedMap<String, Double> measure(
      ModelBundle bundle, LandCoverScheme scheme, Sets sets, Device device) {
    try (Segmenter net = Segmenter.load(bundle, scheme, device)) {
      ConsistencyCalibration calibration = new ConsistencyCalibration(scheme);
      SortedMap<String, Double> measures =
          Segmentation.measure(net::predict, scheme, sets.validation(), calibration::add);
      measures.putAll(calibration.metrics());
      return measures;
    }
  }
}
