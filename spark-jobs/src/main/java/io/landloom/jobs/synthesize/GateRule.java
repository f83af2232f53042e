package io.landloom.jobs.synthesize;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.run.JobException;
import io.landloom.synthesis.gate.ConsistencyGate;
import io.landloom.synthesis.gate.Gate;
import io.landloom.synthesis.gate.TechnicalGate;
import io.landloom.synthesis.segment.Segmenter;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Which gates judge what is drawn, and how often it may be drawn again.
 *
 * @param technical the gate that is always asked
 * @param segmenter bundle of the consistency gate's segmenter, null without that gate
 * @param redraws draws of a pair after the first, at most
 * @param maxRejected largest share of the planned pairs that may be missing at last
 */
public record GateRule(Limits technical, BundleFiles segmenter, int redraws, double maxRejected)
    implements Serializable {
  /**
   * Limits of the technical gate, see {@link TechnicalGate}.
   *
   * @param leastRange grey levels
   * @param mostSaturated share of the samples
   */
  public record Limits(int leastRange, double mostSaturated) implements Serializable {}

  /** Everything that decides which pairs are made, as text. */
  public String identity() {
    return String.join(
        " ",
        technical.toString(),
        "segmenter=" + (segmenter == null ? "none" : segmenter.digest()),
        "redraws=" + redraws);
  }

  /** How many of so many planned pairs may be rejected. */
  public long mostRejected(long planned) {
    return (long) Math.floor(maxRejected * planned);
  }

  /**
   * Checks that the segmenter fits what it is to judge.
   *
   * @throws JobException if it is none, has no thresholds, or reads other images
   */
  public void check(ModelCard drawn, LandCoverScheme scheme) throws IOException {
    if (segmenter == null) {
      return;
    }
    ModelCard card = segmenter.open().card();
    try {
      ConsistencyGate.requireThresholds(card, scheme);
    } catch (ModelException e) {
      throw new JobException(JobException.Kind.USER, "gates.segmenter: " + e.getMessage(), e);
    }
    if (card.bands() != drawn.bands() || drawn.patchSize() % 16 != 0) {
      throw JobException.user(
          String.format(
              "gates.segmenter: model '%s' reads %d bands and sides of multiples of 16, model '%s'"
                  + " draws %d bands of %d pixels a side",
              card.name(), card.bands(), drawn.name(), drawn.bands(), drawn.patchSize()));
    }
  }

  /** The gates, in the order they are asked. */
  List<Gate> open(LandCoverScheme scheme, Device device) throws IOException {
    List<Gate> gates = new ArrayList<>();
    gates.add(new TechnicalGate(technical.leastRange(), technical.mostSaturated()));
    if (segmenter != null) {
      ModelBundle bundle = segmenter.open();
      gates.add(new ConsistencyGate(Segmenter.load(bundle, scheme, device), bundle.card(), scheme));
    }
    return gates;
  }
}
