package io.landloom.jobs.synthesize;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.gan.CsebganSynthesizer;
import io.landloom.synthesis.gate.Gate;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;

/**
 * The CPU, with something done when a model is loaded and before each of its batches.
 *
 * @param hook what is done
 */
public record Hooked(Hook hook) implements Placement {
  /** What is done; equal hooks share a model. */
  public interface Hook extends Serializable {
    /** Before a model is loaded. */
    default void load() {}

    /** Before a batch is drawn, in the thread of its task. */
    default void draw() {}
  }

  @Override
  public Device device(String wanted, List<String> addresses) {
    return Device.cpu();
  }

  @Override
  public Synthesizer synthesizer(
      ModelBundle bundle, LandCoverScheme scheme, Device device, int batch, long seed) {
    hook.load();
    return new Model(new CsebganSynthesizer(bundle, scheme, device, batch, seed), hook);
  }

  @Override
  public List<Gate> gates(GateRule rule, LandCoverScheme scheme, Device device) throws IOException {
    return rule.open(scheme, device);
  }

  private record Model(Synthesizer model, Hook hook) implements Synthesizer {
    @Override
    public List<Pair> synthesize(List<Condition> conditions, int shape) {
      hook.draw();
      return model.synthesize(conditions, shape);
    }

    @Override
    public String name() {
      return model.name();
    }

    @Override
    public String modelDigest() {
      return model.modelDigest();
    }

    @Override
    public int patchSize() {
      return model.patchSize();
    }

    @Override
    public int bands() {
      return model.bands();
    }

    @Override
    public String scheme() {
      return model.scheme();
    }

    @Override
    public int batchSize() {
      return model.batchSize();
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
