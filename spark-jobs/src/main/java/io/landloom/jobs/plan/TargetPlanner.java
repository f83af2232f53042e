package io.landloom.jobs.plan;

import io.landloom.jobs.synthesize.PatchesFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Plans for a target: reads the counts of all masks once, and decides how often each is used.
 *
 * <p>Counts stay with the executors, two bytes a class and mask; those of up to {@link #LOCAL}
 * masks come to the driver, where a round takes no Spark job. Both give the same plan.
 */
public final class TargetPlanner implements AutoCloseable {
  private static final long LOCAL = 1 << 17;
  private static final int TIGHTENINGS = 8;
  private static final double LEAST_TIGHTENING = 2e-5;

  private final CandidateRule rule;
  private final JavaRDD<FileCounts> files;
  private final List<FileSize> sizes;
  private final Tally real;
  private final MaskPool pool;

  private record FileSize(Tally real, long size) implements java.io.Serializable {}

  /**
   * Reads the counts.
   *
   * @param files all published files of patches, ordered by run and bucket
   * @param rule which of their masks may be chosen
   * @param partitions Spark partitions to read and keep them in
   */
  public TargetPlanner(
      JavaSparkContext spark,
      List<PatchesFile> files,
      CandidateRule rule,
      Broadcast<SerializableConfiguration> hadoop,
      int partitions) {
    this(spark, files, rule, hadoop, partitions, LOCAL);
  }

  TargetPlanner(
      JavaSparkContext spark,
      List<PatchesFile> files,
      CandidateRule rule,
      Broadcast<SerializableConfiguration> hadoop,
      int partitions,
      long local) {
    this.rule = rule;
    this.files =
        spark
            .parallelize(files, partitions)
            .map(file -> rule.read(file, hadoop.value().value()))
            .persist(StorageLevel.MEMORY_AND_DISK());
    this.sizes = this.files.map(file -> new FileSize(file.real(), file.size())).collect();
    this.real = sizes.stream().map(FileSize::real).reduce(Tally.none(rule.classes()), Tally::plus);
    long masks = sizes.stream().mapToLong(FileSize::size).sum();
    JavaRDD<MaskCounts> counts = this.files.map(FileCounts::candidates);
    this.pool =
        masks <= local ? new MaskPool.Local(counts.collect()) : new SparkPool(counts, masks);
  }

  /** Real patches of the training split. */
  public Tally real() {
    return real;
  }

  /** How many masks may be chosen. */
  public long candidates() {
    return pool.size();
  }

  /**
   * Decides how often each mask is used.
   *
   * @param there what counts as there already: real patches and pairs drawn before
   * @param pairs pairs to make; empty for as few as meet the goal
   * @param eps what the share of a class may miss
   * @param maxReuse most pairs of a mask
   * @param segmentPairs most pairs that are not to be cut apart
   */
  public Decision decide(
      Goal goal, Tally there, Optional<Long> pairs, double eps, int maxReuse, long segmentPairs) {
    Balance balance = new Balance(pool, goal, there, rule.maskPixels(), maxReuse);
    if (pairs.isEmpty()) {
      return smallest(balance, goal, there, eps, maxReuse, segmentPairs);
    }
    Decision decision = whole(balance.of(pairs.get(), eps), pairs.get(), segmentPairs);
    return decision.mix().isFeasible()
        ? tightened(balance, goal, there, eps, decision, segmentPairs)
        : decision;
  }

  private Decision smallest(
      Balance balance, Goal goal, Tally there, double eps, int maxReuse, long segmentPairs) {
    Mix mix = balance.smallest(eps);
    if (!mix.isFeasible()) {
      return new Decision(0, mix, List.of(), Tally.none(rule.classes()), least(balance, eps));
    }
    long most = Math.multiplyExact(pool.size(), (long) maxReuse);
    long pairs = (long) Math.ceil(total(mix) - 1e-6);
    while (true) {
      Decision decision = whole(balance.of(pairs, eps), pairs, segmentPairs);
      if (decision.mix().isFeasible()) {
        decision = tightened(balance, goal, there, eps, decision, segmentPairs);
      }
      if (goal.isMet(there.plus(decision.planned()), eps) || pairs >= most) {
        return decision;
      }
      pairs = Math.min(most, pairs + Math.max(1, pairs / 200));
    }
  }

  /**
   * Whole pairs can miss by a little what fractions of them meet; then the same is asked for with
   * less to miss.
   */
  private Decision tightened(
      Balance balance, Goal goal, Tally there, double eps, Decision first, long segmentPairs) {
    Decision best = first;
    double asked = eps;
    long missing = goal.missingPatches(there.plus(first.planned()));
    long[] patches = goal.patches().clone();
    for (int i = 0; i < TIGHTENINGS && !goal.isMet(there.plus(best.planned()), eps); i++) {
      double over = goal.largestMiss(there.plus(best.planned()).shares()) - eps;
      asked -= Math.max(0, over) + (over > 0 ? LEAST_TIGHTENING : 0);
      for (int k = 0; k < patches.length; k++) {
        patches[k] += patches[k] > 0 && missing > 0 ? missing : 0;
      }
      Goal harder = new Goal(goal.text(), goal.classes(), goal.shares(), patches);
      Mix mix = balance.with(harder).of(first.pairs(), Math.max(0, asked));
      Decision next = whole(mix, first.pairs(), segmentPairs);
      missing = goal.missingPatches(there.plus(next.planned()));
      if (!mix.isFeasible()) {
        break;
      }
      best = next;
    }
    return best;
  }

  /** The least that the worst class can miss with any number of pairs, to a thousandth. */
  private static double least(Balance balance, double eps) {
    double low = eps;
    double high = 1;
    while (high - low > 1e-3) {
      double middle = (low + high) / 2;
      if (balance.smallest(middle).isFeasible()) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  private double total(Mix mix) {
    return files.mapToDouble(file -> mix.copies(file.candidates())).collect().stream()
        .mapToDouble(Double::doubleValue)
        .sum();
  }

  private Decision whole(Mix mix, long pairs, long segmentPairs) {
    List<Double> wanted = files.map(file -> mix.copies(file.candidates())).collect();
    List<Long> quotas = quotas(wanted, pairs, mix.maxReuse());
    int classes = rule.classes();
    double maskUnits = rule.maskPixels() / MaskCounts.unit(rule.maskPixels());
    List<Chosen> chosen =
        files
            .zipWithIndex()
            .map(
                file ->
                    Chosen.of(
                        file._1(),
                        mix,
                        quotas.get(file._2().intValue()),
                        segmentPairs,
                        classes,
                        maskUnits))
            .collect();
    Tally units = chosen.stream().map(Chosen::tally).reduce(Tally.none(classes), Tally::plus);
    long[] pixels = new long[classes];
    for (int k = 0; k < classes; k++) {
      pixels[k] = Math.round(units.pixels()[k] * MaskCounts.unit(rule.maskPixels()));
    }
    Tally planned = new Tally(pixels, units.patches(), units.count());
    return new Decision(pairs, mix, chosen, planned, Double.NaN);
  }

  /** Whole numbers of pairs of each file, by rounding what all files up to each have together. */
  private List<Long> quotas(List<Double> wanted, long pairs, int maxReuse) {
    List<Long> quotas = new ArrayList<>();
    double sum = 0;
    long before = 0;
    for (int i = 0; i < wanted.size(); i++) {
      sum += wanted.get(i);
      long until = i == wanted.size() - 1 ? pairs : Math.round(sum);
      long most = maxReuse * sizes.get(i).size();
      long quota = Math.max(0, Math.min(most, until - before));
      quotas.add(quota);
      before += quota;
    }
    // what the last files could not give
    for (int i = 0; i < wanted.size() && before < pairs; i++) {
      long more = Math.min(pairs - before, maxReuse * sizes.get(i).size() - quotas.get(i));
      quotas.set(i, quotas.get(i) + more);
      before += more;
    }
    return quotas;
  }

  /** Lets the counts go. */
  @Override
  public void close() {
    files.unpersist();
  }
}
