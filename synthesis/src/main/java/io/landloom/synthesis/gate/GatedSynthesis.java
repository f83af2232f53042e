package io.landloom.synthesis.gate;

import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.tensor.BatchHalving;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Draws conditions until all gates accept them, or a limit of draws is reached.
 *
 * <p>Draws fill batches: what is drawn again goes into the next batch, ahead of new conditions, so
 * that batches are full but for the last, and at most {@code batch size * (redraws + 1)} conditions
 * are under way, times one more for each that may be drawn instead. What shares a batch depends on
 * nothing but the order of the conditions, unless the device has not the memory for it: then its
 * halves are drawn, see {@link BatchHalving}.
 */
public final class GatedSynthesis {
  private final Synthesizer synthesizer;
  private final List<Gate> gates;
  private final int redraws;
  private final BatchHalving halving = new BatchHalving();
  private final Deque<UnderWay> inOrder = new ArrayDeque<>();
  private final Deque<UnderWay> waiting = new ArrayDeque<>();

  /**
   * Nothing drawn yet.
   *
   * @param gates asked in this order; one that rejects spares the later ones the work
   * @param redraws draws after the first, at most
   */
  public GatedSynthesis(Synthesizer synthesizer, List<Gate> gates, int redraws) {
    if (redraws < 0) {
      throw new IllegalArgumentException("redraws " + redraws + " is negative");
    }
    this.synthesizer = synthesizer;
    this.gates = List.copyOf(gates);
    this.redraws = redraws;
  }

  /**
   * One draw of a condition.
   *
   * @param number of the draw, from 0
   * @param decisions what the gates that were asked said
   */
  public record Draw(int number, List<GateDecision> decisions) {
    /** Copies the decisions. */
    public Draw {
      decisions = List.copyOf(decisions);
    }

    /** The gate that rejected it. */
    public Optional<String> rejectedBy() {
      return decisions.stream().filter(d -> !d.accepted()).map(GateDecision::gate).findFirst();
    }
  }

  /**
   * What became of a condition.
   *
   * @param draws all of its draws, in order; only the last can have been accepted
   * @param pair the accepted pair; empty where every draw was rejected
   */
  public record Result(List<Draw> draws, Optional<Pair> pair) {
    /** Copies the draws. */
    public Result {
      Objects.requireNonNull(pair, "pair");
      draws = List.copyOf(draws);
    }

    /** The gate that rejected the last draw. */
    public Optional<String> rejectedBy() {
      return draws.get(draws.size() - 1).rejectedBy();
    }
  }

  private static final class UnderWay {
    private final Deque<Condition> instead;
    private final List<Result> givenUp = new ArrayList<>();
    private final List<Draw> draws = new ArrayList<>();
    private Condition condition;
    private Optional<Pair> pair = Optional.empty();
    private boolean decided;

    UnderWay(Condition condition, List<Condition> instead) {
      this.condition = condition;
      this.instead = new ArrayDeque<>(instead);
    }

    /** Goes on to what is drawn instead; false where there is nothing. */
    boolean giveUp() {
      if (instead.isEmpty()) {
        return false;
      }
      givenUp.add(new Result(draws, Optional.empty()));
      draws.clear();
      condition = instead.remove();
      return true;
    }

    Condition next() {
      return condition.drawn(draws.size());
    }
  }

  /**
   * Adds a condition, whose first draw is 0 whatever it says itself.
   *
   * @return the results that are there now, in the order their conditions were added
   */
  public List<Result> add(Condition condition) {
    return add(condition, List.of());
  }

  /**
   * Adds a condition, and others to draw one after the other in its place, each where the one
   * before it was given up.
   *
   * @return as {@link #add(Condition)}; those in the place of a condition have results of their
   *     own, right behind its own, up to the first with a pair
   */
  public List<Result> add(Condition condition, List<Condition> instead) {
    UnderWay added = new UnderWay(condition, instead);
    inOrder.add(added);
    waiting.add(added);
    while (waiting.size() >= synthesizer.batchSize()) {
      drawBatch();
    }
    return decided();
  }

  /** Draws what is left; the results of all conditions that have not been returned yet. */
  public List<Result> finish() {
    while (!waiting.isEmpty()) {
      drawBatch();
    }
    return decided();
  }

  /** How often a batch did not fit the device's memory and was drawn, or judged, in halves. */
  public long splits() {
    return halving.splits();
  }

  private void drawBatch() {
    List<UnderWay> batch = new ArrayList<>();
    while (batch.size() < synthesizer.batchSize() && !waiting.isEmpty()) {
      batch.add(waiting.poll());
    }
    List<Pair> pairs =
        halving.run(
            batch.stream().map(UnderWay::next).toList(),
            synthesizer.batchSize(),
            synthesizer::synthesize);
    List<List<GateDecision>> decisions = judge(pairs);
    List<UnderWay> again = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      UnderWay one = batch.get(i);
      Draw draw = new Draw(one.draws.size(), decisions.get(i));
      one.draws.add(draw);
      if (draw.rejectedBy().isEmpty()) {
        one.pair = Optional.of(pairs.get(i));
      }
      one.decided = one.pair.isPresent() || (one.draws.size() > redraws && !one.giveUp());
      if (!one.decided) {
        again.add(one);
      }
    }
    Collections.reverse(again);
    again.forEach(waiting::addFirst);
  }

  private List<List<GateDecision>> judge(List<Pair> pairs) {
    List<List<GateDecision>> all = new ArrayList<>();
    List<Integer> passing = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      all.add(new ArrayList<>());
      passing.add(i);
    }
    for (Gate gate : gates) {
      if (passing.isEmpty()) {
        break;
      }
      List<Pair> asked = passing.stream().map(pairs::get).toList();
      List<List<GateDecision>> some =
          halving.run(asked, asked.size(), (part, shape) -> gate.judge(part));
      List<Integer> passed = new ArrayList<>();
      for (int i = 0; i < some.size(); i++) {
        all.get(passing.get(i)).addAll(some.get(i));
        if (some.get(i).stream().allMatch(GateDecision::accepted)) {
          passed.add(passing.get(i));
        }
      }
      passing = passed;
    }
    return all;
  }

  private List<Result> decided() {
    List<Result> results = new ArrayList<>();
    while (!inOrder.isEmpty() && inOrder.peek().decided) {
      UnderWay first = inOrder.poll();
      results.addAll(first.givenUp);
      results.add(new Result(first.draws, first.pair));
    }
    return results;
  }
}
