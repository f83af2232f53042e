package io.landloom.jobs.synthesize;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.source.Captions;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer;
import io.landloom.synthesis.gate.Gate;
import java.io.IOException;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A model as tasks share it: loaded once a JVM, device and digest.
 *
 * @param files the bundle
 * @param digest the bundle's digest
 * @param scheme scheme of the masks
 * @param device auto, cpu or gpu
 * @param batch images a batch
 * @param seed the run's seed
 * @param gates what judges the images
 * @param layouts what draws masks that a plan asks for; null where all are there
 * @param captions what was written about the masks
 * @param placement how it is put on a device
 */
public record SharedSynthesizer(
    BundleFiles files,
    String digest,
    LandCoverScheme scheme,
    String device,
    int batch,
    long seed,
    GateRule gates,
    LayoutRule layouts,
    Captions captions,
    Placement placement)
    implements Serializable {
  private static final Map<Key, Loaded> LOADED = new HashMap<>();

  private record Key(
      Placement placement,
      String digest,
      Device device,
      int batch,
      long seed,
      String gates,
      String layouts) {}

  /**
   * A loaded model.
   *
   * @param synthesizer ready to use from several threads; it lives as long as the JVM
   * @param gates what judges its images, on the same device and for as long
   * @param layouts what draws masks, on the same device; null without
   * @param device the device it is on
   */
  public record Loaded(
      Synthesizer synthesizer, List<Gate> gates, LayoutSynthesizer layouts, String device) {}

  private String identity() {
    return layouts == null ? "" : layouts.identity();
  }

  /** The model on the device of the running task; the first call of a JVM loads it. */
  public Loaded load() throws IOException {
    return load(TaskDevice.addresses());
  }

  Loaded load(List<String> addresses) throws IOException {
    Device chosen = placement.device(device, addresses);
    synchronized (LOADED) {
      Key key = new Key(placement, digest, chosen, batch, seed, gates.identity(), identity());
      Loaded loaded = LOADED.get(key);
      if (loaded == null) {
        loaded =
            new Loaded(
                placement.synthesizer(files.open(), scheme, chosen, batch, seed),
                placement.gates(gates, scheme, chosen),
                layouts == null ? null : layouts.open(scheme, chosen, seed),
                TaskDevice.name(chosen));
        LOADED.put(key, loaded);
      }
      return loaded;
    }
  }
}
