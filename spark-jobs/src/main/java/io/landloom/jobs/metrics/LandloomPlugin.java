package io.landloom.jobs.metrics;

import java.util.Map;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/** Shows the {@link Meters} of each executor to Spark's metrics system. */
public final class LandloomPlugin implements SparkPlugin {
  @Override
  public DriverPlugin driverPlugin() {
    return null; // Spark's word for none
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      @Override
      public void init(PluginContext context, Map<String, String> extra) {
        context.metricRegistry().registerAll(Meters.ALL);
      }
    };
  }
}
