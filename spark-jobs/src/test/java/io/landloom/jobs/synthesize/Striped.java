package io.landloom.jobs.synthesize;

import ai.djl.Device;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.gate.Gate;
import io.landloom.synthesis.weights.ModelBundle;
import java.util.List;

/** In a model's place, one that costs next to nothing: where jobs are measured and not models. */
public record Striped() implements Placement {
  @Override
  public Device device(String wanted, List<String> addresses) {
    return Device.cpu();
  }

  @Override
  public Synthesizer synthesizer(
      ModelBundle bundle, LandCoverScheme scheme, Device device, int batch, long seed) {
    return new Stripes(bundle, batch);
  }

  @Override
  public List<Gate> gates(GateRule rule, LandCoverScheme scheme, Device device) {
    return List.of();
  }

  /** Draws stripes of three greys that differ from pair to pair. */
  private record Stripes(ModelBundle bundle, int batchSize) implements Synthesizer {
    @Override
    public List<Pair> synthesize(List<Condition> conditions, int shape) {
      return conditions.stream().map(this::pair).toList();
    }

    private Pair pair(Condition condition) {
      byte[] samples = new byte[patchSize() * patchSize() * bands()];
      int grey = condition.key().hashCode() + condition.copy();
      for (int i = 0; i < samples.length; i++) {
        samples[i] = (byte) (grey >> (8 * (i % 3)));
      }
      return new Pair(condition, Raster.ofBytes(patchSize(), patchSize(), bands(), samples), 0);
    }

    @Override
    public String name() {
      return bundle.card().name();
    }

    @Override
    public String modelDigest() {
      return bundle.digest();
    }

    @Override
    public int patchSize() {
      return bundle.card().patchSize();
    }

    @Override
    public int bands() {
      return 3;
    }

    @Override
    public String scheme() {
      return bundle.card().scheme().name();
    }

    @Override
    public void close() {}
  }
}
