package io.landloom.jobs;

import io.landloom.jobs.catalog.RegisteredTables;
import io.landloom.jobs.metrics.LandloomPlugin;
import io.landloom.jobs.run.CodeVersion;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.Printable;
import io.landloom.jobs.run.Staging;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Runs a job: session, effective configuration, summary, and the outcome for schedulers. */
final class JobRunner {
  private static final String METASTORE = "tables.metastore";

  private JobRunner() {}

  /** Runs a job in a session of its own, or in the one that is there. */
  static void run(JobName name, Settings settings, PrintStream out) {
    out.println("landloom " + CodeVersion.text() + " " + name.text());
    out.println(settings.describe());
    out.flush();
    boolean own = SparkSession.getActiveSession().isEmpty() && noDefaultSession();
    SparkSession spark = session(name, settings);
    try {
      run(name, new JobContext(spark, settings, out));
    } finally {
      if (own) {
        spark.stop();
        // or a later job of this thread would take it for one that is there
        SparkSession.clearActiveSession();
      }
    }
  }

  /** Says what a job would cost, in a local session whatever the master is. */
  static void estimate(JobName name, Settings settings, PrintStream out) {
    boolean own = SparkSession.getActiveSession().isEmpty() && noDefaultSession();
    SparkSession spark = session(name, settings.with("master", "local[1]"));
    try {
      new DryRun(new JobContext(spark, settings, out)).print(name);
    } catch (IOException | RuntimeException e) {
      throw Failure.of(e).exception();
    } finally {
      if (own) {
        spark.stop();
        SparkSession.clearActiveSession();
      }
    }
  }

  /** Runs a job in a session, as {@code demo} does with its parts. */
  static Outcome run(JobName name, JobContext context) {
    long start = System.nanoTime();
    try {
      Optional<RegisteredTables> tables = tables(name, context);
      Outcome outcome = name.create().run(context);
      if (tables.isPresent()) {
        // what is published stays if this fails: the job started again finds its run, and registers
        int runs = tables.get().update(context.dataset());
        outcome.summary().put("registered", runs + " runs of tables");
      }
      summarize(name, outcome, start, context.out());
      keep(name, context, outcome.run() == null ? "" : outcome.run().text(), "OK", "");
      return outcome;
    } catch (Exception e) { // Spark throws checked exceptions that Java does not see coming
      Failure failure = Failure.of(e);
      keep(name, context, "", failure.kind().name(), failure.message());
      throw failure.exception();
    }
  }

  /** Where the job registers its tables; looked for before hours of work. */
  private static Optional<RegisteredTables> tables(JobName name, JobContext context) {
    return name.publishesTables()
        ? context
            .settings()
            .optionalText(METASTORE)
            .map(database -> new RegisteredTables(context.spark(), METASTORE, database))
        : Optional.empty();
  }

  private static void summarize(JobName name, Outcome outcome, long start, PrintStream out) {
    out.printf(Locale.ROOT, "%s done in %.1f s%n", name.text(), (System.nanoTime() - start) / 1e9);
    outcome
        .summary()
        .forEach(
            (key, value) -> out.println("  " + key + ": " + Printable.of(String.valueOf(value))));
    out.flush();
  }

  private static void keep(
      JobName name, JobContext context, String run, String kind, String message) {
    if (context.settings().optionalText("output.root").isEmpty()) {
      return;
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("job", name.text());
    fields.put("run_id", run);
    fields.put("kind", kind);
    fields.put("message", message);
    fields.put("finished", Instant.now().toString());
    try {
      DatasetRoot dataset = context.dataset();
      // a job that only reads does not make the folder of a mistyped dataset
      if (name.startsDatasets() || dataset.exists()) {
        Staging.keepOutcome(dataset, name.text(), fields);
      }
    } catch (IOException | JobException e) {
      context.out().println("could not keep the outcome: " + Printable.of(e.getMessage()));
    }
  }

  private static boolean noDefaultSession() {
    return SparkSession.getDefaultSession().isEmpty();
  }

  private static SparkSession session(JobName name, Settings settings) {
    SparkConf conf =
        new SparkConf()
            .setAppName("landloom " + name.text())
            .setIfMissing("spark.master", settings.text("master"))
            .setIfMissing("spark.ui.enabled", "false")
            .setIfMissing("spark.ui.showConsoleProgress", "false")
            .set("spark.speculation", "false")
            // jobs send records to tasks, which the Kryo that Spark ships cannot copy
            .set("spark.serializer", "org.apache.spark.serializer.JavaSerializer")
            // Parquet writes checksums of pages, but compares them only where it is asked to
            .set("spark.hadoop.parquet.page.verify-checksum.enabled", "true")
            .setIfMissing("spark.sql.shuffle.partitions", "16")
            .setIfMissing("spark.sql.session.timeZone", "UTC");
    String plugins = conf.get("spark.plugins", "");
    conf.set(
        "spark.plugins", (plugins.isEmpty() ? "" : plugins + ",") + LandloomPlugin.class.getName());
    if (conf.get("spark.master").startsWith("local")) {
      conf.setIfMissing("spark.executor.heartbeatInterval", "2s")
          // a local master has no application's id yet when it names metrics, and would warn
          .setIfMissing("spark.metrics.namespace", "landloom")
          .setIfMissing("spark.driver.host", "127.0.0.1")
          .setIfMissing("spark.driver.bindAddress", "127.0.0.1");
    }
    SparkSession.Builder builder = SparkSession.builder();
    if (settings.optionalText(METASTORE).isPresent()
        && (name.publishesTables() || name == JobName.DEMO)) {
      withHive(builder, conf);
    }
    try {
      return builder.config(conf).getOrCreate();
    } catch (RuntimeException e) {
      if (String.valueOf(e.getMessage()).contains("Could not parse Master URL")) {
        throw JobException.user("master = " + conf.get("spark.master") + ": not a Spark master");
      }
      throw e;
    }
  }

  /** Asks for Hive's catalog, unless the configuration names another. */
  private static void withHive(SparkSession.Builder builder, SparkConf conf) {
    if (conf.contains("spark.sql.catalogImplementation")) {
      return;
    }
    try {
      builder.enableHiveSupport();
    } catch (IllegalArgumentException e) {
      throw new JobException(
          JobException.Kind.USER,
          METASTORE
              + " needs a Spark with Hive's classes, and this one has none; submit with the"
              + " SPARK_HOME of a full distribution",
          e);
    }
  }
}
