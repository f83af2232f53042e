package io.landloom.jobs;

import io.landloom.jobs.inspect.Inspection;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.JobException.Kind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code inspect}: says of each file what is in it, after reading all of its pixels.
 *
 * <p>It has no configuration and starts no Spark. Ends with 0 when all files were read, else with
 * the code of the worst problem: 3 a defect, 2 a file that is not there, 5 a file system that
 * failed, 4 a refused file.
 */
@Command(
    name = InspectFiles.NAME,
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = 1,
    description = "Says what is in image files, reading all of their pixels.")
final class InspectFiles implements Callable<Integer> {
  static final String NAME = "inspect";
  private static final List<Kind> WORST_FIRST = List.of(Kind.BUG, Kind.USER, Kind.INFRA, Kind.DATA);

  @Option(names = "--json", description = "one line of JSON a file")
  private boolean json;

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description = "GeoTIFF, PNG or JPEG, on any of Hadoop's file systems")
  private List<String> files = new ArrayList<>();

  @Override
  public Integer call() {
    if (files.isEmpty()) {
      throw JobException.user("inspect needs files; give the path of one or more");
    }
    Configuration configuration = new Configuration();
    Set<Kind> problems = EnumSet.noneOf(Kind.class);
    for (String file : files) {
      Inspection inspection = Inspection.of(file, configuration);
      if (!inspection.read()) {
        problems.add(inspection.problem());
      }
      System.out.print(json ? inspection.json() + "\n" : inspection.text());
      System.out.flush();
    }
    return WORST_FIRST.stream()
        .filter(problems::contains)
        .mapToInt(Kind::exitCode)
        .findFirst()
        .orElse(0);
  }
}
