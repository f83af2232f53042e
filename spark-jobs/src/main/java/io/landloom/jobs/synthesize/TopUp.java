package io.landloom.jobs.synthesize;

import io.landloom.geo.landcover.LandCoverScheme;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes good what gates take from a bucket, so that its classes keep their shares.
 *
 * <p>A pair that is given up is drawn once more, as a further copy of its own mask. If that is
 * given up too, the mask may be one that the model cannot draw: then its pixels are owed, and each
 * later mask of the bucket whose pixels bring what is owed nearer to nothing gives a pair more, as
 * far as it has spares. What is owed at the end of the bucket is lost. All of it depends on the
 * bucket alone, so that a task that makes it again does the same.
 */
final class TopUp {
  private final int unknown;
  private final double[] owed;
  private final Deque<String> gates = new ArrayDeque<>();
  private int underWay;
  private long toppedUp;

  /** Nothing lost yet. */
  TopUp(LandCoverScheme scheme) {
    this.unknown = scheme.position(scheme.unknownIndex());
    this.owed = new double[scheme.size()];
  }

  /**
   * A planned pair is given up for good.
   *
   * @param pixels of its mask, by position in the scheme
   * @param gate what rejected it
   */
  void lost(long[] pixels, String gate) {
    gates.add(gate);
    owe(pixels, 1);
  }

  /**
   * How many pairs a mask gives for lost ones of others.
   *
   * @param pixels of the mask, by position in the scheme
   * @param spares how many it may give; negative for none
   */
  int more(long[] pixels, int spares) {
    int more = 0;
    while (more < spares && underWay < gates.size() && helps(pixels)) {
      more++;
      underWay++;
      owe(pixels, -1);
    }
    return more;
  }

  /** Whether the sum of squares of what is owed becomes less with the mask's pixels taken off. */
  private boolean helps(long[] pixels) {
    double gain = 0;
    for (int k = 0; k < owed.length; k++) {
      gain += k == unknown ? 0 : pixels[k] * (2 * owed[k] - pixels[k]);
    }
    return gain > 0;
  }

  private void owe(long[] pixels, int times) {
    for (int k = 0; k < owed.length; k++) {
      owed[k] += k == unknown ? 0 : times * pixels[k];
    }
  }

  /** A pair for a lost one of another mask is made. */
  void made() {
    underWay--;
    gates.remove();
    toppedUp++;
  }

  /** A pair for a lost one of another mask is given up itself. */
  void failed(long[] pixels) {
    underWay--;
    owe(pixels, 1);
  }

  /** A pair is made in the place of a lost one of the same mask. */
  void madeInPlace() {
    toppedUp++;
  }

  /** Pairs made in the place of others. */
  long toppedUp() {
    return toppedUp;
  }

  /** Planned pairs that nothing was made for. */
  long missing() {
    return gates.size();
  }

  /** Those by the gate that rejected them. */
  Map<String, Long> rejected() {
    Map<String, Long> rejected = new TreeMap<>();
    gates.forEach(gate -> rejected.merge(gate, 1L, Long::sum));
    return rejected;
  }
}
