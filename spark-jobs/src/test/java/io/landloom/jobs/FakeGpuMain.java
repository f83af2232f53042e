package io.landloom.jobs;

import io.landloom.jobs.synthesize.FakeGpus;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/**
 * {@code synthesize} on {@link FakeGpus}, with the keys of its {@code --conf} and {@code --set};
 * {@link YarnLauncher} ships it to where there is no GPU.
 */
public final class FakeGpuMain {
  private FakeGpuMain() {}

  /** Takes what {@link Main} takes. */
  public static void main(String[] arguments) throws IOException {
    List<File> conf = new ArrayList<>();
    List<String> sets = new ArrayList<>();
    for (int i = 1; i + 1 < arguments.length; i += 2) {
      if (arguments[i].equals("--conf")) {
        conf.add(new File(arguments[i + 1]));
      } else {
        sets.add(arguments[i + 1]);
      }
    }
    SparkSession spark = SparkSession.builder().appName("landloom " + arguments[0]).getOrCreate();
    new SynthesizePairs(new FakeGpus(0, ""))
        .run(new JobContext(spark, Settings.of(conf, sets), System.out));
    spark.stop();
  }
}
