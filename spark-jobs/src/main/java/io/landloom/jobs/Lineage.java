package io.landloom.jobs;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.run.CodeVersion;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.RunRecord;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** Where results come from: what is written into footers and run records. */
final class Lineage {
  private Lineage() {}

  /** Footer entries of every file of a run. */
  static Map<String, String> footer(RunId run, LandCoverScheme scheme) {
    Map<String, String> footer = new TreeMap<>();
    footer.put("landloom.run", run.text());
    footer.put("landloom.code", CodeVersion.text());
    footer.put("landloom.scheme", scheme.name());
    footer.put("landloom.scheme_version", Integer.toString(scheme.version()));
    return footer;
  }

  /** The record of a run, with its configuration and versions. */
  static RunRecord record(
      RunId run, LandCoverScheme scheme, Settings settings, Map<String, Object> fields) {
    Map<String, Object> all = new TreeMap<>(fields);
    all.put(RunRecord.SCHEME, scheme.name());
    all.put(RunRecord.SCHEME_DIGEST, RunRecord.digest(scheme));
    settings.values().forEach((key, value) -> all.put("config." + key, value));
    all.put("versions.landloom", CodeVersion.text());
    all.put("versions.spark", org.apache.spark.package$.MODULE$.SPARK_VERSION());
    all.put("versions.java", System.getProperty("java.version"));
    all.put("kind", "OK");
    return new RunRecord(run, Instant.now().toString(), all);
  }
}
