package io.landloom.synthesis.gate;

import io.landloom.synthesis.Pair;
import java.util.List;

/** Decides whether drawn images are kept; one gate serves several task threads at once. */
public interface Gate extends AutoCloseable {
  /** The gate's name, as written into every decision's row. */
  String name();

  /**
   * Measures pairs.
   *
   * @param pairs at least one, all of one size
   * @return the decisions of each pair, one a measure; a pair passes when all accept it, and so one
   *     without a decision does
   */
  List<List<GateDecision>> judge(List<Pair> pairs);

  /** Frees the native memory; no call may be running. */
  @Override
  void close();
}
