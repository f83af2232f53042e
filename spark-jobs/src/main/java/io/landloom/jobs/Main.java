package io.landloom.jobs;

import io.landloom.jobs.run.CodeVersion;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.ProcessEnd;
import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.util.ShutdownHookManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The command line: {@code <job> [--conf FILE] [--set key=value]...} or {@code inspect [--json]
 * FILE...}; the only place that exits.
 *
 * <p>Exit codes: 0 done, 1 command line, 2 user or configuration, 3 bug, 4 data rejected, 5 cluster
 * or file system.
 */
@Command(
    name = "landloom",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = InspectFiles.class,
    description = "Labelled satellite scenes in, image-mask pairs and class tables out.")
public final class Main implements Runnable {
  private static final int COMMAND_LINE = 1;
  private static final int AFTER_ALL_OTHERS = 0;

  /** Threads in which a JVM ends by a signal, and the codes it ends with. */
  private static final Map<String, Integer> CODES_OF_SIGNALS =
      Map.of("SIGHUP handler", 129, "SIGINT handler", 130, "SIGTERM handler", 143);

  private static volatile int failed;

  @Spec private CommandSpec spec;

  // picocli would ask for a required one in front of a command too
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "JOB",
      description = "${COMPLETION-CANDIDATES}",
      completionCandidates = JobNames.class,
      converter = JobConverter.class)
  private JobName job;

  @Option(
      names = "--conf",
      paramLabel = "FILE",
      description = "HOCON file of keys, over the defaults; may be given again")
  private List<File> conf = new ArrayList<>();

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "one key, over --conf; may be given again")
  private List<String> sets = new ArrayList<>();

  @Option(
      names = "--print-master",
      hidden = true,
      description = "print the effective master and stop; for the launcher")
  private boolean printMaster;

  @Option(
      names = "--dry-run",
      description = "say what the job would make and cost, and make nothing")
  private boolean dryRun;

  /** Starts a job. */
  public static void main(String[] arguments) {
    ShutdownHookManager.get().addShutdownHook(Main::endNow, AFTER_ALL_OTHERS);
    int code = run(arguments);
    if (code != 0) {
      // a signal that ends Spark makes the job fail too: the code is then the signal's
      if (!ShutdownHookManager.get().isShutdownInProgress()) {
        failed = code;
      }
      System.exit(code);
    }
  }

  /**
   * Ends a JVM that a signal asked to end or whose job failed, once Spark and Hadoop have. Its own
   * end would run libtorch's destructors below threads that still compute, and crash.
   */
  private static void endNow() {
    if (failed != 0) {
      ProcessEnd.now(failed);
    }
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      Integer code = CODES_OF_SIGNALS.get(thread.getName());
      if (code != null) {
        ProcessEnd.now(code);
      }
    }
  }

  /** Runs a job and gives the exit code; never exits. */
  static int run(String... arguments) {
    CommandLine commandLine = new CommandLine(new Main());
    commandLine.setExecutionExceptionHandler(
        (exception, command, parsed) -> Failure.of(exception).report(command.getErr()));
    commandLine
        .getCommandSpec()
        .exitCodeOnInvalidInput(COMMAND_LINE)
        .exitCodeOnExecutionException(JobException.Kind.BUG.exitCode());
    return commandLine.execute(arguments);
  }

  @Override
  public void run() {
    if (job == null) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "Missing required parameter: 'JOB'");
    }
    Settings settings = Settings.of(conf, sets);
    if (printMaster) {
      System.out.println(settings.text("master"));
      return;
    }
    if (dryRun) {
      JobRunner.estimate(job, settings, System.out);
      return;
    }
    JobRunner.run(job, settings, System.out);
  }

  static final class JobNames extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    JobNames() {
      super(Arrays.stream(JobName.values()).map(JobName::text).toList());
    }
  }

  static final class JobConverter implements CommandLine.ITypeConverter<JobName> {
    @Override
    public JobName convert(String text) {
      return Arrays.stream(JobName.values())
          .filter(name -> name.text().equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new CommandLine.TypeConversionException(
                      "'"
                          + text
                          + "' is not a job; jobs are "
                          + Arrays.stream(JobName.values())
                              .map(JobName::text)
                              .collect(Collectors.joining(", "))
                          + ", "
                          + InspectFiles.NAME));
    }
  }

  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"landloom " + CodeVersion.text()};
    }
  }
}
