package io.landloom.jobs;

import io.landloom.jobs.run.RunId;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/** {@code demo}: the whole way on simulated scenes, from nothing to a report. */
final class Demo implements Job {
  private static final List<JobName> STEPS =
      List.of(
          JobName.SIMULATE,
          JobName.TILE,
          JobName.PLAN,
          JobName.SYNTHESIZE,
          JobName.SUMMARIZE,
          JobName.VERIFY,
          JobName.REPORT);

  @Override
  public Outcome run(JobContext context) throws IOException {
    Settings settings = context.settings();
    if (settings.optionalText("output.root").isEmpty()) {
      settings = settings.with("output.root", "landloom-demo");
    }
    Path root = context.with(settings).dataset().path();
    settings =
        settings
            .with("input.scenes", new Path(root, "images").toString())
            .with("input.labels", new Path(root, "labels").toString());
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("dataset", root);
    RunId report = null;
    for (JobName step : STEPS) {
      context.out().println();
      context.out().println("== " + step.text());
      Outcome outcome = JobRunner.run(step, context.with(settings));
      report = step == JobName.REPORT ? outcome.run() : report;
    }
    summary.put("report", new Path(context.with(settings).dataset().run(report), "report.html"));
    summary.put("next", "open the report, or query run_id=*/class_proportions/*.parquet");
    return new Outcome(null, summary);
  }
}
