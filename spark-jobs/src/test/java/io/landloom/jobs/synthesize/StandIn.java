package io.landloom.jobs.synthesize;

import ai.djl.Device;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.gate.Gate;
import io.landloom.synthesis.gate.GateDecision;
import io.landloom.synthesis.weights.ModelBundle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Paints masks in the colours of their scheme, without a network, and gives pairs up that it is
 * told to, in all of their draws.
 *
 * @param pairs share of the pairs that are given up, by condition and copy
 * @param masks share of the masks of which every pair is given up
 */
public record StandIn(double pairs, double masks) implements Placement {
  private static final double ALL = 1L << 32;

  @Override
  public Device device(String wanted, List<String> addresses) {
    return Device.cpu();
  }

  @Override
  public Synthesizer synthesizer(
      ModelBundle bundle, LandCoverScheme scheme, Device device, int batch, long seed) {
    return new Painter(
        bundle.card().patchSize(), scheme.palette(), scheme.name(), bundle.digest(), batch);
  }

  @Override
  public List<Gate> gates(GateRule rule, LandCoverScheme scheme, Device device) {
    return List.of(new Injected(this));
  }

  private record Injected(StandIn faults) implements Gate {
    @Override
    public String name() {
      return "injected";
    }

    @Override
    public List<List<GateDecision>> judge(List<Pair> drawn) {
      List<List<GateDecision>> decisions = new ArrayList<>();
      for (Pair pair : drawn) {
        Condition condition = pair.condition();
        double ofPair = fraction(condition.key() + " copy " + condition.copy());
        boolean kept = ofPair >= faults.pairs && fraction(condition.key()) >= faults.masks;
        decisions.add(
            List.of(new GateDecision("injected", "fraction", ofPair, faults.pairs, kept)));
      }
      return decisions;
    }

    private static double fraction(String text) {
      CRC32 crc = new CRC32();
      crc.update(text.getBytes(StandardCharsets.UTF_8));
      return crc.getValue() / ALL;
    }

    @Override
    public void close() {}
  }

  private record Painter(
      int patchSize, int[] palette, String scheme, String modelDigest, int batchSize)
      implements Synthesizer {
    @Override
    public List<Pair> synthesize(List<Condition> conditions, int shape) {
      Synthesizer.requireFits(conditions, shape, batchSize);
      return conditions.stream().map(one -> new Pair(one, paint(one), 0)).toList();
    }

    private Raster paint(Condition condition) {
      byte[] indices = condition.mask().indices();
      byte[] samples = new byte[3 * indices.length];
      for (int i = 0; i < indices.length; i++) {
        int color = palette[indices[i] & 0xFF];
        samples[3 * i] = (byte) (color >> 16);
        samples[3 * i + 1] = (byte) (color >> 8);
        samples[3 * i + 2] = (byte) color;
      }
      return Raster.ofBytes(condition.mask().width(), condition.mask().height(), 3, samples);
    }

    @Override
    public String name() {
      return "painter";
    }

    @Override
    public int bands() {
      return 3;
    }

    @Override
    public void close() {}
  }
}
