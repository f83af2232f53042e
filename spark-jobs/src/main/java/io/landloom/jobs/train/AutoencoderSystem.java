package io.landloom.jobs.train;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.diffusion.model.Reconstruction;
import io.landloom.synthesis.diffusion.training.AutoencoderSettings;
import io.landloom.synthesis.diffusion.training.AutoencoderTrainer;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The autoencoder of latent diffusion.
 *
 * @param keys its keys, as HOCON
 */
record AutoencoderSystem(String keys) implements TrainableSystem {
  private static final int MOST_MEASURED = 64;

  private AutoencoderSettings settings() {
    return AutoencoderSettings.of(TrainableSystem.parsed(keys));
  }

  @Override
  public String name() {
    return "autoencoder";
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
        TrainableSystem.refused(
            () -> new AutoencoderTrainer(settings(), start.scheme(), start.set(), start.device())),
        start.checkpoint());
  }

  @Override
  public List<String> columns() {
    return List.of("real", "decoded");
  }

  @Override
  public List<List<Picture>> sheet(
      ModelBundle bundle, LandCoverScheme scheme, TrainingSet items, Device device) {
    List<List<Picture>> rows = new ArrayList<>();
    try (Reconstruction net = Reconstruction.load(bundle, scheme, device)) {
      for (int i = 0; i < items.size(); i++) {
        rows.add(
            net.ofMasks()
                ? List.of(
                    Picture.of(items.mask(i), scheme),
                    Picture.of(net.decoded(items.mask(i)), items.mask(i).width(), scheme))
                : List.of(Picture.of(items.image(i)), Picture.of(net.decoded(items.image(i)))));
      }
    }
    return rows;
  }

  /** The latents' factor, and how far decoded patches are from real ones. */
  @Override
  public SortedMap<String, Double> measure(
      ModelBundle bundle, LandCoverScheme scheme, Sets sets, Device device) {
    TrainingSet validation = sets.validation();
    SortedMap<String, Double> measures = new TreeMap<>(bundle.card().training().metrics());
    int count = Math.min(MOST_MEASURED, validation.size());
    if (count == 0) {
      return measures;
    }
    double sum = 0;
    try (Reconstruction net = Reconstruction.load(bundle, scheme, device)) {
      for (int i = 0; i < count; i++) {
        sum += net.ofMasks() ? net.right(validation.mask(i)) : net.error(validation.image(i));
      }
      measures.put(net.ofMasks() ? "acc" : "grey levels off", sum / count);
    }
    measures.put("patches", (double) count);
    return measures;
  }
}
