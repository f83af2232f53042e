package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.source.LocalByteSource;
import io.landloom.synthesis.weights.ModelBundle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.hadoop.util.ShutdownHookManager;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code train}, for each model it knows. */
class TrainModelTest extends SparkTest {
  private static final int SIGKILL_EXIT = 137;
  private static final int SIGTERM_EXIT = 143;
  private static final long MOST_SECONDS = 300;

  private static Path tiled;

  @BeforeAll
  static void tile() {
    tiled = shared.resolve("tiled");
    succeed(
        "simulate",
        "output.root=" + tiled,
        "simulate.scenes=1",
        "simulate.width=192",
        "simulate.height=160",
        "simulate.block=64");
    succeed(
        "tile",
        "output.root=" + tiled,
        "input.scenes=" + tiled + "/images",
        "input.labels=" + tiled + "/labels",
        "splits.block=1",
        "patch.size=32");
  }

  /** A dataset of its own with the same patches. */
  private Path dataset(String name) throws IOException {
    return Path.of(copyRuns(tiled, folder.resolve(name), "tile"));
  }

  private static Path only(Path folder, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
      assertEquals(1, found.size(), folder + "/" + prefix + "*: " + found);
      return found.get(0);
    }
  }

  private static String[] keys(String model, Path root, String... more) {
    List<String> keys = new ArrayList<>(Arrays.asList(TinyNetworks.of(model)));
    keys.add("output.root=" + root);
    keys.addAll(Arrays.asList(more));
    return keys.toArray(String[]::new);
  }

  private static ModelBundle bundle(Path run) throws IOException {
    return ModelBundle.read(
        LocalByteSource.open(run.resolve("bundle/card.json")),
        LocalByteSource.open(run.resolve("bundle/weights.safetensors")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"segmenter", "features"})
  void aNetThatSegmentsIsMeasuredOnTheValidationSplit(String model) throws IOException {
    Path root = dataset("measured");
    String out = succeed("train", keys(model, root, model + ".steps=3", "train.name=tiny"));
    Path run = only(root, "run_id=train-");
    Config record = ConfigFactory.parseFile(run.resolve("run.json").toFile());
    ModelBundle bundle = bundle(run);
    assertEquals(model, bundle.card().architecture());
    assertEquals("tiny", bundle.card().name());
    assertEquals(bundle.digest(), record.getString("modelDigest"));
    double meanIou = bundle.card().training().metrics().get("mIoU");
    assertTrue(meanIou >= 0 && meanIou <= 1, "mIoU " + meanIou);
    assertEquals(meanIou, record.getDouble("val.mIoU"));
    assertEquals(
        spark.read().parquet(tiled + "/run_id=*/patches").where("split = 'val'").count(),
        record.getLong("val.patches"));
    assertTrue(out.contains(String.format("mIoU %.3f of ", meanIou)), out);
    assertTrue(out.contains("[train] 3/3 steps"), out);
    assertTrue(out.contains(", cross_entropy "), out);
  }

  @Test
  void headsOfBothFormsStandOnADdpmThatSawNoLabels() throws IOException {
    Path unlabelled = folder.resolve("unlabelled");
    succeed(
        "tile",
        "output.root=" + unlabelled,
        "input.scenes=" + tiled + "/images",
        "input.labels=none",
        "splits.block=1",
        "patch.size=32");
    succeed("train", keys("ddpm", unlabelled, "ddpm.steps=3", "train.name=first"));
    Path first = only(unlabelled, "run_id=train-").resolve("bundle");
    Path root = dataset("second");
    String[] second = keys("ddpm", root, "ddpm.steps=2", "ddpm.start=" + first);
    succeed("train", second);
    Path run = only(root, "run_id=train-");
    assertEquals("ddpm", bundle(run).card().architecture());
    Config record = ConfigFactory.parseFile(run.resolve("run.json").toFile());
    assertTrue(record.getDouble("val.\"error at signal 0.521\"") > 0);

    for (String form : List.of("residual", "pixels")) {
      Path heads = dataset(form);
      String[] settings = {
        "head.form=" + form,
        "head.steps=2",
        "head.labels.fraction=0.25",
        "head.labels.pixels=5",
        "train.sheetSteps=2",
        "head.backbone.model=" + run.resolve("bundle")
      };
      String out = succeed("train", keys("head", heads, settings));
      Path trained = only(heads, "run_id=train-");
      assertEquals("head-" + form, bundle(trained).card().architecture());
      double meanIou = bundle(trained).card().training().metrics().get("mIoU");
      assertTrue(meanIou >= 0 && meanIou <= 1, "mIoU " + meanIou);
      assertTrue(out.contains(String.format("mIoU %.3f of ", meanIou)), out);
      assertTrue(Files.exists(trained.resolve("sheets/step-00000002.png")));
    }
  }

  @Test
  void aHeadWithoutADdpmIsRefused() throws IOException {
    Path root = dataset("headless");
    Ended none = landloom("train", keys("head", root));
    assertEquals(2, none.code(), none.err());
    assertTrue(
        none.err().contains("head.backbone.model = none: a head stands on a ddpm; train one"),
        none.err());
    succeed("train", keys("segmenter", root, "segmenter.steps=1"));
    Path bundle = only(root, "run_id=train-").resolve("bundle");
    Ended other = landloom("train", keys("head", root, "head.backbone.model=" + bundle));
    assertEquals(2, other.code(), other.err());
    assertTrue(other.err().contains("is segmenter ("), other.err());
    assertTrue(other.err().contains("head.backbone.model = " + bundle), other.err());
  }

  @Test
  void aClassMayHaveAnyName() throws IOException {
    Path root = folder.resolve("named");
    String shipped = Files.readString(Path.of("../conf/schemes/gid15.conf"));
    Path scheme = folder.resolve("gid15.conf");
    Files.writeString(scheme, shipped.replace("\"lake\"", "\"lake+reservoir (2.5 ha: $)\""));
    succeed(
        "tile",
        "output.root=" + root,
        "scheme=" + scheme,
        "input.scenes=" + tiled + "/images",
        "input.labels=" + tiled + "/labels",
        "splits.block=1",
        "patch.size=32");
    succeed("train", keys("segmenter", root, "segmenter.steps=1", "scheme=" + scheme));
    ModelBundle bundle = bundle(only(root, "run_id=train-"));
    assertTrue(bundle.card().scheme().classes().contains("lake+reservoir (2.5 ha: $)"));
    assertTrue(bundle.card().training().metrics().containsKey("p5 acc over all"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"csebgan", "segmenter", "features", "autoencoder", "denoiser", "ddpm"})
  void publishesLossesAPlotAndSheets(String model) throws IOException {
    Path root = dataset("sheets");
    String out = succeed("train", keys(model, root, model + ".steps=4", "train.sheetSteps=2"));
    Path run = only(root, "run_id=train-");
    List<String> losses = Files.readAllLines(run.resolve("losses.csv"));
    assertEquals(5, losses.size());
    assertTrue(losses.get(0).startsWith("step,"), losses.get(0));
    assertTrue(losses.get(4).startsWith("4,"), losses.get(4));
    int panels = losses.get(0).split(",").length - 1;
    BufferedImage plot = ImageIO.read(run.resolve("losses.png").toFile());
    assertEquals(150 * panels, plot.getHeight());
    try (Stream<Path> sheets = Files.list(run.resolve("sheets"))) {
      assertEquals(
          List.of("step-00000002.png", "step-00000004.png"),
          sheets.map(sheet -> sheet.getFileName().toString()).sorted().toList());
    }
    BufferedImage sheet = ImageIO.read(run.resolve("sheets/step-00000004.png").toFile());
    int columns =
        Map.of("csebgan", 5, "autoencoder", 2, "denoiser", 4, "ddpm", 4).getOrDefault(model, 3);
    assertEquals(columns * 34 + 2, sheet.getWidth());
    assertEquals(2, sheet.getHeight() % 34, "rows of 32 pixels with gaps");
    assertTrue(sheet.getHeight() >= 3 * 34, "several classes have a row");
    assertFalse(Files.exists(run.resolve("_checkpoint.safetensors")));
    assertTrue(out.contains(losses.get(0).split(",")[1] + " "), out);
  }

  @ParameterizedTest
  @ValueSource(strings = {"csebgan", "segmenter", "denoiser"})
  void aKilledTrainingGoesOnAsIfNothingHadHappened(String model) throws Exception {
    Path whole = dataset("whole");
    Path killed = dataset("killed");
    String[] settings = {model + ".steps=40", "train.checkpointSteps=4", "train.sheetSteps=0"};
    endAfterTheFirstCheckpoint(
        Main.class, keys(model, killed, settings), Process::destroyForcibly, SIGKILL_EXIT);
    Path staging = only(killed.resolve("_staging"), "train-");
    int steps = Files.readAllLines(staging.resolve("losses.csv")).size() - 1;
    assertTrue(steps >= 4 && steps < 40, "killed after " + steps + " steps");

    DriverKills.letLeaseDie(killed);
    succeed("train", keys(model, killed, settings));
    succeed("train", keys(model, whole, settings));
    Path resumed = only(killed, "run_id=train-");
    Path expected = only(whole, "run_id=train-");
    assertEquals(expected.getFileName(), resumed.getFileName());
    assertSameNumbers(
        Files.readAllLines(expected.resolve("losses.csv")),
        Files.readAllLines(resumed.resolve("losses.csv")));
    ModelBundle expectedBundle = bundle(expected);
    bundle(resumed)
        .tensors()
        .asMap()
        .forEach(
            (name, tensor) -> {
              float[] values = expectedBundle.tensors().get(name).values();
              for (int i = 0; i < values.length; i++) {
                assertEquals(values[i], tensor.values()[i], 1e-6f, name + " " + i);
              }
            });
  }

  @Test
  void aTrainingEndsBySigtermWithoutACrashAndGoesOnAtOnce() throws Exception {
    Path root = dataset("terminated");
    String[] sets =
        keys("csebgan", root, "csebgan.steps=200", "train.checkpointSteps=4", "train.sheetSteps=0");
    String output = endAfterTheFirstCheckpoint(LateEnd.class, sets, Process::destroy, SIGTERM_EXIT);
    assertFalse(output.contains("fatal error"), output);
    assertTrue(output.contains(LateEnd.JOB_FAILED_FIRST), output);
    Path staging = only(root.resolve("_staging"), "train-");
    assertTrue(Files.readAllLines(staging.resolve("losses.csv")).size() > 4);
    succeed("train", sets);
  }

  /**
   * A job that has failed for lack of Spark before the last hook of the JVM's end: as it goes on a
   * busy machine.
   */
  static final class LateEnd {
    static final String JOB_FAILED_FIRST = "the job failed before the last hook";
    private static final int AFTER_SPARK_BEFORE_THE_LAST = 1;

    public static void main(String[] arguments) {
      Thread job = Thread.currentThread();
      ShutdownHookManager.get().addShutdownHook(() -> awaitExit(job), AFTER_SPARK_BEFORE_THE_LAST);
      Main.main(arguments);
    }

    private static void awaitExit(Thread job) {
      long start = System.nanoTime();
      while (!isExiting(job)) {
        if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(MOST_SECONDS)) {
          return;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      }
      System.out.println(JOB_FAILED_FIRST);
    }

    private static boolean isExiting(Thread job) {
      return Arrays.stream(job.getStackTrace())
          .anyMatch(frame -> frame.getClassName().equals("java.lang.Shutdown"));
    }
  }

  /**
   * Trains in a process of its own, and ends that once it has a checkpoint.
   *
   * @param main the class to start
   * @return what it printed
   */
  private String endAfterTheFirstCheckpoint(
      Class<?> main, String[] sets, Consumer<Process> end, int code) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.matches("--add-opens.*|-Dai\\.djl.*|-DOPT_OUT.*"))
        .forEach(command::add);
    command.addAll(List.of("-Xmx1g", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(main.getName(), "train", "--set", "master=local[1]"));
    for (String set : sets) {
      command.addAll(List.of("--set", set));
    }
    Path output = folder.resolve("killed.log");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      Path root =
          Path.of(
              Arrays.stream(sets)
                  .filter(set -> set.startsWith("output.root="))
                  .findFirst()
                  .orElseThrow()
                  .substring("output.root=".length()));
      long start = System.nanoTime();
      while (!hasCheckpoint(root.resolve("_staging"))) {
        if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
          fail("ended with " + process.exitValue() + ":\n" + Files.readString(output));
        }
        if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(MOST_SECONDS)) {
          fail("no checkpoint after " + MOST_SECONDS + " s:\n" + Files.readString(output));
        }
      }
      end.accept(process);
      assertTrue(process.waitFor(MOST_SECONDS, TimeUnit.SECONDS), Files.readString(output));
      assertEquals(code, process.exitValue(), Files.readString(output));
      return Files.readString(output);
    } finally {
      process.destroyForcibly();
    }
  }

  private static boolean hasCheckpoint(Path staging) throws IOException {
    if (!Files.isDirectory(staging)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(staging)) {
      return files.anyMatch(file -> file.endsWith("_checkpoint.safetensors"));
    }
  }

  private static void assertSameNumbers(List<String> expected, List<String> actual) {
    assertEquals(expected.size(), actual.size());
    assertEquals(expected.get(0), actual.get(0));
    for (int line = 1; line < expected.size(); line++) {
      String[] wanted = expected.get(line).split(",");
      String[] found = actual.get(line).split(",");
      for (int i = 0; i < wanted.length; i++) {
        double value = Double.parseDouble(wanted[i]);
        assertEquals(
            value,
            Double.parseDouble(found[i]),
            1e-6 * Math.max(1, Math.abs(value)),
            actual.get(line));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"csebgan", "segmenter", "features"})
  void aDivergedTrainingStopsWithAdvice(String model) throws IOException {
    Path root = dataset("diverged");
    String rate = model.equals("csebgan") ? ".learningRate.generator" : ".learningRate";
    Ended ended = landloom("train", keys(model, root, model + rate + "=1e30", model + ".steps=9"));
    assertEquals(4, ended.code(), ended.err());
    assertTrue(ended.err().contains("training diverged at step "), ended.err());
    assertTrue(ended.err().contains("half the learning rates"), ended.err());
    assertFalse(Files.exists(root.resolve("_staging")));
  }

  @Test
  void aGpuThatIsNotThereIsRefused() throws IOException {
    Ended ended = landloom("train", keys("segmenter", dataset("gpu"), "train.device=gpu"));
    assertEquals(2, ended.code(), ended.err());
    assertTrue(ended.err().contains("the task was given no GPU address"), ended.err());
  }

  @Test
  void aPerceptualNetIsFoundAndDecidesTheRun() throws IOException {
    Path root = dataset("perceptual");
    succeed("train", keys("features", root, "features.steps=1"));
    Path features = only(root, "run_id=train-");
    Path other = dataset("perceptual-2");
    succeed(
        "train",
        keys(
            "csebgan",
            other,
            "csebgan.steps=1",
            "csebgan.perceptual.net=" + features.resolve("bundle")));
    List<String> losses = Files.readAllLines(only(other, "run_id=train-").resolve("losses.csv"));
    int column = List.of(losses.get(0).split(",")).indexOf("perceptual");
    assertTrue(Float.parseFloat(losses.get(1).split(",")[column]) > 0, losses.toString());

    Ended missing =
        landloom("train", keys("csebgan", root, "csebgan.perceptual.net=" + folder.resolve("no")));
    assertEquals(2, missing.code());
    assertTrue(
        missing.err().contains("csebgan.perceptual.net = " + folder.resolve("no") + ": neither"),
        missing.err());
  }

  @Test
  void aTorchScriptFileIsRunOnlyIfItsDigestIsAllowed() throws IOException {
    Path program = Files.writeString(folder.resolve("vgg19.pt"), "not a program");
    Path root = dataset("script");
    Ended refused =
        landloom(
            "train",
            keys(
                "csebgan",
                root,
                "csebgan.perceptual.net=" + program,
                "csebgan.perceptual.sha256=" + "0".repeat(64)));
    assertEquals(2, refused.code(), refused.err());
    assertTrue(refused.err().contains("vgg19.pt"), refused.err());
    assertTrue(refused.err().contains("0".repeat(64)), refused.err());

    Ended missing =
        landloom("train", keys("csebgan", root, "csebgan.perceptual.net=" + folder + "/no.pt"));
    assertEquals(2, missing.code());
    assertTrue(
        missing.err().contains("csebgan.perceptual.net = " + folder + "/no.pt: no such file"),
        missing.err());
  }
}
