package io.landloom.synthesis.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.gate.GatedSynthesis.Draw;
import io.landloom.synthesis.gate.GatedSynthesis.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class GatedSynthesisTest {
  private static final ClassMask MASK = new ClassMask(1, 1, new byte[] {1});

  /** Draws pictures of one pixel, and keeps what it was asked for. */
  private static final class OnePixel implements Synthesizer {
    private final int batchSize;
    private final int room;
    private final List<List<Condition>> calls = new ArrayList<>();

    OnePixel(int batchSize) {
      this(batchSize, batchSize);
    }

    OnePixel(int batchSize, int room) {
      this.batchSize = batchSize;
      this.room = room;
    }

    @Override
    public String name() {
      return "one pixel";
    }

    @Override
    public String modelDigest() {
      return "none";
    }

    @Override
    public int patchSize() {
      return 1;
    }

    @Override
    public int bands() {
      return 1;
    }

    @Override
    public String scheme() {
      return "none";
    }

    @Override
    public int batchSize() {
      return batchSize;
    }

    @Override
    public List<Pair> synthesize(List<Condition> conditions, int shape) {
      Synthesizer.requireFits(conditions, shape, batchSize);
      if (shape > room) {
        throw new ai.djl.engine.EngineException("CUDA out of memory. Tried to allocate 9.00 GiB.");
      }
      calls.add(List.copyOf(conditions));
      return conditions.stream()
          .map(condition -> new Pair(condition, Raster.ofBytes(1, 1, 1, new byte[1]), 0))
          .toList();
    }

    @Override
    public void close() {}
  }

  /** Accepts by condition, and keeps what it was asked for. */
  private static final class Rule implements Gate {
    private final String name;
    private final Predicate<Condition> accepts;
    private final List<Condition> judged = new ArrayList<>();

    Rule(String name, Predicate<Condition> accepts) {
      this.name = name;
      this.accepts = accepts;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public List<List<GateDecision>> judge(List<Pair> pairs) {
      List<List<GateDecision>> decisions = new ArrayList<>();
      for (Pair pair : pairs) {
        judged.add(pair.condition());
        double value = accepts.test(pair.condition()) ? 1 : 0;
        decisions.add(List.of(GateDecision.atLeast(name, "rule", value, 1)));
      }
      return decisions;
    }

    @Override
    public void close() {}
  }

  private static Condition condition(int number) {
    return new Condition("k" + number, 0, 0, MASK);
  }

  private static int number(Condition condition) {
    return Integer.parseInt(condition.key().substring(1));
  }

  private static List<Result> all(GatedSynthesis synthesis, int conditions) {
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < conditions; i++) {
      results.addAll(synthesis.add(condition(i)));
    }
    results.addAll(synthesis.finish());
    return results;
  }

  @Test
  void drawsAgainWhatIsRejectedUntilTheLimit() {
    OnePixel model = new OnePixel(2);
    // condition n passes at draw n
    Rule gate = new Rule("late", condition -> condition.draw() >= number(condition));
    List<Result> results = all(new GatedSynthesis(model, List.of(gate), 2), 5);
    assertEquals(5, results.size());
    for (int i = 0; i < 5; i++) {
      Result result = results.get(i);
      int last = Math.min(i, 2);
      List<Integer> draws = result.draws().stream().map(Draw::number).toList();
      assertEquals(last, draws.get(draws.size() - 1), "condition " + i);
      assertEquals(last + 1, draws.size());
      assertEquals(i <= 2, result.pair().isPresent(), "condition " + i);
      result.pair().ifPresent(pair -> assertEquals(last, pair.condition().draw()));
      assertEquals(i <= 2 ? "" : "late", result.rejectedBy().orElse(""));
    }
  }

  @Test
  void givesResultsInTheOrderOfConditionsAndDrawsEachOnce() {
    for (long seed = 1; seed <= 200; seed++) {
      Random random = new Random(seed);
      int conditions = random.nextInt(40);
      int batch = 1 + random.nextInt(8);
      int redraws = random.nextInt(5);
      double share = random.nextDouble();
      long salt = seed;
      Rule gate =
          new Rule(
              "chance",
              c -> new Random(salt * 7919 + number(c) * 31L + c.draw()).nextDouble() < share);
      OnePixel model = new OnePixel(batch);
      List<Result> results = all(new GatedSynthesis(model, List.of(gate), redraws), conditions);
      String name = "seed " + seed;
      assertEquals(conditions, results.size(), name);
      long drawn = results.stream().mapToLong(result -> result.draws().size()).sum();
      List<Condition> asked = model.calls.stream().flatMap(List::stream).toList();
      assertEquals(drawn, asked.size(), name);
      assertEquals(drawn, asked.stream().map(Condition::toString).distinct().count(), name);
      for (int i = 0; i < conditions; i++) {
        Result result = results.get(i);
        boolean accepted = result.pair().isPresent();
        if (accepted) {
          assertEquals("k" + i, result.pair().get().condition().key(), name);
        } else {
          assertEquals(redraws + 1, result.draws().size(), name);
        }
        for (Draw draw : result.draws()) {
          boolean last = draw.number() == result.draws().size() - 1;
          assertEquals(accepted && last, draw.rejectedBy().isEmpty(), name);
        }
      }
    }
  }

  @Test
  void redrawsFillBatchesAheadOfNewConditions() {
    OnePixel model = new OnePixel(3);
    Rule gate = new Rule("once", c -> c.draw() > 0 || number(c) % 3 != 1);
    all(new GatedSynthesis(model, List.of(gate), 4), 7);
    assertEquals(
        List.of("k0-0 k1-0 k2-0", "k1-1 k3-0 k4-0", "k4-1 k5-0 k6-0"),
        model.calls.stream()
            .map(
                call ->
                    call.stream()
                        .map(c -> c.key() + "-" + c.draw())
                        .collect(Collectors.joining(" ")))
            .toList());
  }

  @Test
  void handsOutWhatIsDecidedAsSoonAsAllBeforeItIs() {
    OnePixel model = new OnePixel(2);
    Rule gate = new Rule("slow start", c -> number(c) > 0 || c.draw() == 2);
    GatedSynthesis synthesis = new GatedSynthesis(model, List.of(gate), 5);
    List<Integer> handed = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      handed.add(synthesis.add(condition(i)).size());
    }
    // k0 k1 | k0 k2 | k0 k3: only then is the first there, with the three that waited for it
    assertEquals(List.of(0, 0, 0, 4, 0, 2), handed);
    assertEquals(List.of(), synthesis.finish());
  }

  @Test
  void aGateIsAskedOnlyOfWhatTheOnesBeforeAccept() {
    Rule first = new Rule("first", c -> number(c) != 1);
    Rule second = new Rule("second", c -> number(c) != 2);
    List<Result> results = all(new GatedSynthesis(new OnePixel(4), List.of(first, second), 0), 4);
    assertEquals(List.of(0, 2, 3), second.judged.stream().map(c -> number(c)).toList());
    assertEquals("first", results.get(1).rejectedBy().orElseThrow());
    assertEquals(1, results.get(1).draws().get(0).decisions().size());
    assertEquals("second", results.get(2).rejectedBy().orElseThrow());
    assertEquals(
        List.of("first", "second"),
        results.get(2).draws().get(0).decisions().stream().map(GateDecision::gate).toList());
  }

  @Test
  void batchesWithoutMemoryAreDrawnAndJudgedInHalves() {
    OnePixel model = new OnePixel(4, 2);
    List<Integer> asked = new ArrayList<>();
    Rule rule = new Rule("once", c -> c.draw() > 0 || number(c) != 1);
    Gate gate =
        new Gate() {
          @Override
          public String name() {
            return rule.name();
          }

          @Override
          public List<List<GateDecision>> judge(List<Pair> pairs) {
            asked.add(pairs.size());
            if (pairs.size() > 3) {
              throw new ai.djl.engine.EngineException("CUDA error: out of memory");
            }
            return rule.judge(pairs);
          }

          @Override
          public void close() {}
        };
    GatedSynthesis synthesis = new GatedSynthesis(model, List.of(gate), 2);
    List<Result> results = all(synthesis, 6);
    assertEquals(
        List.of("k0", "k1", "k2", "k3", "k4", "k5"),
        results.stream().map(result -> result.pair().orElseThrow().condition().key()).toList());
    assertEquals(
        List.of(1, 2, 1, 1, 1, 1), results.stream().map(result -> result.draws().size()).toList());
    // k0 k1 k2 k3, then k1 k4 k5: both drawn in halves, the first judged in halves
    assertEquals(List.of(2, 2, 2, 1), model.calls.stream().map(List::size).toList());
    assertEquals(List.of(4, 2, 2, 3), asked);
    assertEquals(3, synthesis.splits());
  }

  @Test
  void refusesNegativeRedraws() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new GatedSynthesis(new OnePixel(1), List.of(), -1));
    assertEquals("redraws -1 is negative", e.getMessage());
  }

  @Test
  void whatIsGivenUpIsFollowedByWhatIsDrawnInstead() {
    OnePixel model = new OnePixel(2);
    // k0 fails throughout, k0' once, k1 never
    Rule rule = new Rule("rule", c -> number(c) == 1 || (c.copy() == 2 && c.draw() == 1));
    GatedSynthesis synthesis = new GatedSynthesis(model, List.of(rule), 1);
    List<Result> results = new ArrayList<>();
    results.addAll(
        synthesis.add(
            condition(0),
            List.of(new Condition("k0", 1, 0, MASK), new Condition("k0", 2, 0, MASK))));
    results.addAll(synthesis.add(condition(1), List.of(new Condition("k1", 1, 0, MASK))));
    results.addAll(synthesis.finish());
    assertEquals(4, results.size());
    assertEquals(List.of(2, 2, 2, 1), results.stream().map(r -> r.draws().size()).toList());
    assertEquals(
        List.of(false, false, true, true),
        results.stream().map(result -> result.pair().isPresent()).toList());
    Condition kept = results.get(2).pair().orElseThrow().condition();
    assertEquals("k0 2 1", kept.key() + " " + kept.copy() + " " + kept.draw());
    assertEquals("k1", results.get(3).pair().orElseThrow().condition().key());
  }
}
