package io.landloom.jobs.summarize;

import io.landloom.jobs.table.ClassDriftTable.ClassDrift;
import io.landloom.jobs.table.ClassProportionsTable.ClassProportion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How far the classes of one population are from those of another.
 *
 * <p>Compared are, within each split: real patches with the pairs and with both together, and each
 * run with the one of its kind before it.
 */
final class Drifts {
  private final List<String> runs;
  private final Map<Population, List<ClassProportion>> shares = new TreeMap<>();

  /**
   * The drift between populations.
   *
   * @param runs tile and synthesize runs, oldest first
   */
  Drifts(List<String> runs) {
    this.runs = runs;
  }

  /** Adds a population; one of a single scene is not compared. */
  void add(Population population, List<ClassProportion> proportions) {
    if (population.sceneId() == null) {
      shares.put(population, proportions);
    }
  }

  /** All comparisons, sorted by the table's key. */
  List<ClassDrift> all() {
    TreeSet<String> splits = new TreeSet<>();
    shares.keySet().forEach(population -> splits.add(population.split()));
    List<ClassDrift> drifts = new ArrayList<>();
    for (String split : splits) {
      List<ClassDrift> ofSplit = new ArrayList<>();
      for (String to : List.of("synthetic", "mixed")) {
        compare(
            new Population("real", split, null, null),
            new Population(to, split, null, null),
            ofSplit);
      }
      compareRuns("real", split, ofSplit);
      compareRuns("synthetic", split, ofSplit);
      ofSplit.sort(
          Comparator.comparing((ClassDrift drift) -> drift.from().scope())
              .thenComparing(drift -> drift.fromRun() == null ? "" : drift.fromRun())
              .thenComparing(drift -> drift.to().scope())
              .thenComparing(drift -> drift.from().position()));
      drifts.addAll(ofSplit);
    }
    return drifts;
  }

  private void compareRuns(String scope, String split, List<ClassDrift> drifts) {
    List<Population> ofRuns =
        runs.stream()
            .map(run -> new Population(scope, split, null, run))
            .filter(shares::containsKey)
            .toList();
    for (int i = 1; i < ofRuns.size(); i++) {
      compare(ofRuns.get(i - 1), ofRuns.get(i), drifts);
    }
  }

  private void compare(Population from, Population to, List<ClassDrift> drifts) {
    if (shares.containsKey(from) && shares.containsKey(to)) {
      List<ClassProportion> before = shares.get(from);
      List<ClassProportion> after = shares.get(to);
      for (int k = 0; k < before.size(); k++) {
        drifts.add(new ClassDrift(from.sourceRun(), before.get(k), to.sourceRun(), after.get(k)));
      }
    }
  }
}
