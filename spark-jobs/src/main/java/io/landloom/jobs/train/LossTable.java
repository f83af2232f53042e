package io.landloom.jobs.train;

import io.landloom.jobs.run.WholeFile;
import io.landloom.synthesis.gan.StepLosses;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/** The losses of every step as CSV, those before an interruption too. */
final class LossTable {
  private static final String HEADING =
      "step,discriminator,adversarial,feature_matching,perceptual,conductor_real,conductor_fake";

  private final StringBuilder csv = new StringBuilder(HEADING).append('\n');
  private String last = "";

  /** The table of an interrupted start up to the step of its checkpoint; empty without one. */
  static LossTable read(Path path, long steps, Configuration configuration) throws IOException {
    LossTable table = new LossTable();
    try (FSDataInputStream in = path.getFileSystem(configuration).open(path)) {
      List<String> lines =
          new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().skip(1).toList();
      for (String line : lines) {
        if (Long.parseLong(line.substring(0, line.indexOf(','))) <= steps) {
          table.add(line);
        }
      }
    } catch (FileNotFoundException e) {
      return table;
    }
    return table;
  }

  void add(StepLosses losses) {
    add(
        String.format(
            Locale.ROOT,
            "%d,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g",
            losses.step(),
            losses.discriminator(),
            losses.adversarial(),
            losses.featureMatching(),
            losses.perceptual(),
            losses.conductorReal(),
            losses.conductorFake()));
  }

  private void add(String line) {
    csv.append(line).append('\n');
    last = line;
  }

  /** The last step as people read it, with the heading. */
  String last() {
    return HEADING + " = " + last;
  }

  void write(Path path, Configuration configuration) throws IOException {
    WholeFile.write(
        path,
        configuration,
        file -> Files.writeString(file, csv.toString(), StandardCharsets.UTF_8));
  }
}
