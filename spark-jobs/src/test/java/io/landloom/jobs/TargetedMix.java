package io.landloom.jobs;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.landloom.jobs.synthesize.StandIn;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Whether a mix is what the preview said: {@code TargetedMix CONF PAIRS MASKS KEY=VALUE...} plans a
 * tiled dataset, draws with a stand-in for a model of which the given shares of the pairs and of
 * the masks are given up by an injected gate, sums, and prints promised and realised shares. The
 * keys are those of the plan. Ends with an exception where a share is off by more than half a
 * point.
 */
final class TargetedMix {
  private TargetedMix() {}

  public static void main(String[] arguments) throws IOException {
    Path conf = Path.of(arguments[0]);
    StandIn standIn =
        new StandIn(Double.parseDouble(arguments[1]), Double.parseDouble(arguments[2]));
    List<String> keys = Arrays.asList(arguments).subList(3, arguments.length);
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate()) {
      run(spark, conf, standIn, keys);
    }
  }

  private static void run(SparkSession spark, Path conf, StandIn standIn, List<String> keys)
      throws IOException {
    Settings settings = Settings.of(List.of(conf.toFile()), List.of());
    String root = settings.text("output.root");
    int size = settings.integer("patch.size", 32, 1024);
    if (newest(root, "train") == null) {
      job("train", conf, List.of(TinyNetworks.with("csebgan.steps=1", "patch.size=" + size)));
    }
    job("plan", conf, keys);
    Config plan = record(newest(root, "plan"));
    List<String> draw =
        List.of(
            "model=" + newest(root, "train").resolve("bundle"),
            "gates.redraws=0",
            "gates.maxRejected=1",
            "synthesize.plan=" + plan.getString("run_id"));
    PrintStream silent = new PrintStream(OutputStream.nullOutputStream());
    new SynthesizePairs(standIn)
        .run(new JobContext(spark, Settings.of(List.of(conf.toFile()), draw), silent));
    job("summarize", conf, List.of());
    Config made = record(newest(root, "synthesize"));
    System.out.printf(
        Locale.ROOT,
        "%s, gate gives up %s of the pairs and %s of the masks%n",
        String.join(" ", keys),
        arguments(standIn.pairs()),
        arguments(standIn.masks()));
    System.out.println(
        "counts "
            + made.getConfig("counts")
                .root()
                .render(com.typesafe.config.ConfigRenderOptions.concise()));
    System.out.println("target " + plan.getConfig("target").root().unwrapped());
    double worst = compare(plan, realised(spark, root));
    System.out.printf(Locale.ROOT, "worst class off by %.3f points%n", worst);
    job("verify", conf, List.of());
    System.out.println("verified");
    if (worst > 0.5) {
      throw new IllegalStateException("a share is off by " + worst + " points");
    }
  }

  private static String arguments(double share) {
    return String.format(Locale.ROOT, "%.0f %%", 100 * share);
  }

  private static double compare(Config plan, List<Double> realised) {
    double worst = 0;
    System.out.printf("%-22s %9s %9s %9s%n", "class", "real %", "promised", "realised");
    for (int k = 0; k < realised.size(); k++) {
      double promised = plan.getDoubleList("preview.mixed").get(k);
      worst = Math.max(worst, 100 * Math.abs(promised - realised.get(k)));
      System.out.printf(
          Locale.ROOT,
          "%-22s %9.3f %9.3f %9.3f%n",
          plan.getStringList("preview.classes").get(k),
          100 * plan.getDoubleList("preview.before").get(k),
          100 * promised,
          100 * realised.get(k));
    }
    return worst;
  }

  private static List<Double> realised(SparkSession spark, String root) {
    return spark
        .read()
        .parquet(root + "/run_id=summarize-*/class_proportions")
        .where("scope = 'mixed' AND split = 'train' AND scene_id IS NULL")
        .where("proportion IS NOT NULL")
        .orderBy("class_index")
        .selectExpr("proportion")
        .collectAsList()
        .stream()
        .map((Row row) -> row.getDouble(0))
        .toList();
  }

  private static void job(String name, Path conf, List<String> keys) {
    List<String> command = new ArrayList<>(List.of(name, "--conf", conf.toString()));
    keys.forEach(key -> command.addAll(List.of("--set", key)));
    SparkTest.Ended ended = SparkTest.command(command.toArray(String[]::new));
    if (ended.code() != 0) {
      throw new IllegalStateException(name + " ended with " + ended.code() + ": " + ended.err());
    }
  }

  private static Config record(Path run) {
    return ConfigFactory.parseFile(run.resolve("run.json").toFile());
  }

  private static Path newest(String root, String job) throws IOException {
    try (Stream<Path> runs = Files.list(Path.of(root))) {
      return runs.filter(run -> run.getFileName().toString().startsWith("run_id=" + job + "-"))
          .max(java.util.Comparator.comparing(run -> record(run).getString("finished")))
          .orElse(null);
    }
  }
}
