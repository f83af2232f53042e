package io.landloom.jobs;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.server.MiniYARNCluster;
import org.apache.hadoop.yarn.server.resourcemanager.rmapp.RMApp;
import org.apache.hadoop.yarn.util.resource.DominantResourceCalculator;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;

/**
 * Runs {@code submit/landloom} with {@code master=yarn} against a small HDFS and YARN; started by
 * {@code submit/check-yarn}.
 *
 * <p>With {@code gpu} as third argument only the steps on GPUs run, as {@link YarnGpuIT} has them
 * run in every build: {@code tile}, {@code synthesize} and {@code summarize} in cluster mode, where
 * the one that synthesizes asks for GPUs by stage. Nodes have GPUs in YARN's books and in a made-up
 * nvidia-smi, which shows every container number 0; {@code FakeGpus} draws on the CPU. With {@code
 * all}, the jar's own {@code synthesize} must refuse such a GPU.
 *
 * <p>With {@code diffusion}, networks of latent diffusion are trained on HDFS, a plan mixes masks
 * and layouts, and both are drawn in cluster mode.
 *
 * <p>With {@code serve}, nothing runs: its only line is the folder of the client's configuration,
 * and both clusters stay until standard input ends.
 *
 * <p>Every job runs as a child process in client mode. Those that ship files or load libtorch run
 * in cluster mode too, there with a {@code --conf} file and a scheme of its own, and with two
 * executors on the one node. Failures must come back as the exit codes of the README, and YARN must
 * kill an executor that is over its memory.
 */
final class YarnLauncher {
  private static final String LOOPBACK =
      " --conf spark.executorEnv.SPARK_LOCAL_IP=127.0.0.1"
          + " --conf spark.yarn.appMasterEnv.SPARK_LOCAL_IP=127.0.0.1";
  private static final String CLIENT =
      "--num-executors 1 --executor-cores 2 --conf spark.executor.memory=768m"
          + " --conf spark.driver.host=127.0.0.1"
          + LOOPBACK;
  private static final String CLUSTER =
      "--deploy-mode cluster --num-executors 2 --executor-cores 1 --executor-memory 768m"
          + LOOPBACK;
  private static final String CPUS_ONLY =
      "--deploy-mode cluster --num-executors 1 --executor-cores 1 --executor-memory 768m"
          + LOOPBACK;
  private static final String OVER_ITS_MEMORY =
      CLIENT
          + " --conf spark.executor.memory=480m --conf spark.executor.memoryOverhead=1m"
          + " --conf spark.executor.defaultJavaOptions=-XX:+AlwaysPreTouch"
          + " --conf spark.executor.extraJavaOptions=-Xms480m"
          + " --conf spark.task.maxFailures=1";
  private static final String STATIC_GPUS =
      " --conf spark.executor.resource.gpu.amount=1 --conf spark.task.resource.gpu.amount=1"
          + " --conf spark.executor.resource.gpu.discoveryScript=./gpu-discovery";
  private static final String GPUS_BY_STAGE =
      "--deploy-mode cluster --executor-cores 1 --executor-memory 768m"
          + " --conf spark.dynamicAllocation.enabled=true"
          + " --conf spark.dynamicAllocation.shuffleTracking.enabled=true"
          + " --conf spark.dynamicAllocation.maxExecutors=1"
          + " --conf spark.ui.enabled=false"
          + LOOPBACK;
  // the steps with GPUs are part of every build; JVMs that live for seconds need no second compiler
  private static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1";
  private static final String LIGHT =
      (" --conf spark.driver.defaultJavaOptions=" + SHORT_LIVED)
          + (" --conf spark.executor.defaultJavaOptions=" + SHORT_LIVED)
          + " --conf spark.yarn.report.interval=200ms"
          + " --conf spark.yarn.scheduler.initial-allocation.interval=50ms"
          + " --conf spark.yarn.scheduler.heartbeat.interval-ms=500";
  private static final String GPU = "yarn.io/gpu";
  private static final int MINUTES_A_STEP = 10;

  private final Path home;
  private final Path folder;
  private final FileSystem fileSystem;
  private final MiniYARNCluster yarn;
  private int steps;

  private YarnLauncher(Path home, Path folder, FileSystem fileSystem, MiniYARNCluster yarn) {
    this.home = home;
    this.folder = folder;
    this.fileSystem = fileSystem;
    this.yarn = yarn;
  }

  /**
   * Takes the root of the sources, an empty folder, and what to run; ends with 0 if all went as it
   * should.
   */
  public static void main(String[] arguments) {
    int code = 0;
    if (!List.of("all", "gpu", "diffusion", "serve").contains(arguments[2])) {
      System.out.println("check-yarn [all | gpu | diffusion | serve], not " + arguments[2]);
      System.exit(2);
    }
    try {
      run(Path.of(arguments[0]), Path.of(arguments[1]), arguments[2]);
      if (!arguments[2].equals("serve")) {
        System.out.println("OK");
      }
    } catch (IOException | InterruptedException | YarnException | IllegalStateException e) {
      System.out.println("FAILED: " + e.getMessage());
      code = 1;
    }
    System.exit(code);
  }

  /** Runs what {@link #main} does. */
  static void run(Path home, Path folder, String what)
      throws IOException, InterruptedException, YarnException {
    long start = System.nanoTime();
    Configuration hdfs = new Configuration();
    hdfs.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("dfs").toString());
    hdfs.setInt("dfs.replication", 1);
    try (MiniDFSCluster dfs = new MiniDFSCluster.Builder(hdfs).numDataNodes(1).build();
        MiniYARNCluster yarn = new MiniYARNCluster("landloom", 1, 1, 1)) {
      dfs.waitActive();
      yarn.init(resources(dfs.getFileSystem()));
      yarn.start();
      if (!yarn.waitForNodeManagersToConnect(60_000)) {
        throw new IllegalStateException("the node manager did not come up");
      }
      writeClientConfiguration(folder.resolve("conf"), dfs.getFileSystem(), yarn.getConfig());
      if (what.equals("serve")) {
        System.out.println(folder.resolve("conf"));
        System.in.transferTo(OutputStream.nullOutputStream());
        return;
      }
      line("", "HDFS and YARN", "up", start);
      YarnLauncher launcher = new YarnLauncher(home, folder, dfs.getFileSystem(), yarn);
      boolean all = what.equals("all");
      if (all) {
        launcher.steps();
      }
      if (all || what.equals("diffusion")) {
        launcher.diffusionSteps();
      }
      if (all || what.equals("gpu")) {
        launcher.gpuSteps(all);
      }
      line("", "all of it", "done", start);
    }
  }

  private static YarnConfiguration resources(FileSystem fileSystem) {
    YarnConfiguration yarn = new YarnConfiguration();
    yarn.set("fs.defaultFS", fileSystem.getUri().toString());
    yarn.set("yarn.minicluster.yarn.nodemanager.resource.memory-mb", "12288");
    yarn.set("yarn.nodemanager.resource.cpu-vcores", "8");
    yarn.set("yarn.scheduler.minimum-allocation-mb", "128");
    yarn.set("yarn.resource-types", GPU);
    yarn.set("yarn.nodemanager.resource-type." + GPU, "2");
    yarn.set(
        "yarn.scheduler.capacity.resource-calculator", DominantResourceCalculator.class.getName());
    // memory is really watched, as on a cluster
    yarn.set("yarn.minicluster.control-resource-monitoring", "true");
    yarn.set("yarn.nodemanager.container-monitor.enabled", "true");
    yarn.set("yarn.nodemanager.pmem-check-enabled", "true");
    yarn.set("yarn.nodemanager.vmem-check-enabled", "false");
    yarn.set("yarn.nodemanager.resource.memory.enforced", "false"); // by cgroups, else
    yarn.set(
        "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage", "100.0");
    yarn.set("yarn.scheduler.capacity.root.queues", "default");
    yarn.set("yarn.scheduler.capacity.root.default.capacity", "100");
    yarn.set("yarn.scheduler.capacity.root.default.maximum-capacity", "100");
    yarn.set("yarn.scheduler.capacity.root.default.user-limit-factor", "1");
    yarn.set("yarn.scheduler.capacity.root.default.state", "RUNNING");
    yarn.set("yarn.scheduler.capacity.root.default.acl_submit_applications", "*");
    yarn.set("yarn.scheduler.capacity.maximum-am-resource-percent", "0.8");
    return yarn;
  }

  private static void writeClientConfiguration(
      Path folder, FileSystem fileSystem, Configuration yarn) throws IOException {
    Files.createDirectories(folder);
    Configuration core = new Configuration(false);
    core.set("fs.defaultFS", fileSystem.getUri().toString());
    core.set("dfs.replication", "1");
    Configuration client = new Configuration(false);
    for (Map.Entry<String, String> entry : yarn) {
      if (entry.getKey().matches("yarn\\.resource-types|yarn\\.resourcemanager\\..*address")) {
        client.set(entry.getKey(), yarn.get(entry.getKey()));
      }
    }
    write(core, folder.resolve("core-site.xml"));
    write(client, folder.resolve("yarn-site.xml"));
  }

  private static void write(Configuration configuration, Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      configuration.writeXml(out);
    }
  }

  private void steps() throws IOException, InterruptedException {
    String root = fileSystem.getUri() + "/landloom/client";
    String output = "output.root=" + root;
    String images = "input.scenes=" + root + "/images";
    String labels = "input.labels=" + root + "/labels";
    client(
        0,
        "simulate",
        output,
        "simulate.scenes=1",
        "simulate.width=256",
        "simulate.height=200",
        "simulate.layout=striped",
        "simulate.compression=lzw");
    client(0, "tile", output, images, labels, "splits.block=1", "patch.size=32");
    client(0, "train", TinyNetworks.with(output, "csebgan.steps=1"));
    client(0, "plan", output);
    String model = "model=" + published(root, "train") + "/bundle";
    step(
        "client", 5, OVER_ITS_MEMORY, List.of(), "synthesize", output, model, "synthesize.batch=4");
    client(0, "synthesize", output, model, "synthesize.batch=4");
    client(0, "summarize", output);
    client(0, "verify", output);
    client(0, "report", output);

    client(2, "tile", output, "patch.sizes=32");
    client(2, "synthesize", output, model, "synthesize.plan=plan-none");
    client(4, "tile", output + "-bad", images, labels, "scheme=mbrsc", "patch.size=32");

    Path conf = folder.resolve("small.conf");
    Files.writeString(
        conf, "patch.size = 32\nsplits.block = 1\nsynthesize.batch = 4\noutput.bucketRows = 4\n");
    Path scheme = folder.resolve("own.conf");
    Files.copy(home.resolve("conf/schemes/gid15.conf"), scheme);
    String own = "scheme=" + scheme;
    String second = fileSystem.getUri() + "/landloom/cluster";
    output = "output.root=" + second;
    cluster(0, conf, "tile", output, own, images, labels);
    cluster(0, conf, "plan", output, own);
    cluster(0, conf, "synthesize", output, own, model);
    client(0, "verify", output);
    cluster(1, conf, "synthesize", output, own, model, "synthesize.plan=plan-none");
    requireOutcome(second, "synthesize", "plan-none: no such plan");
  }

  /** Masks from shares and images from masks, by models that two tasks draw with. */
  private void diffusionSteps() throws IOException, InterruptedException {
    String root = fileSystem.getUri() + "/landloom/diffusion";
    String output = "output.root=" + root;
    local("simulate", output, "simulate.scenes=1", "simulate.width=256", "simulate.height=192");
    local(
        "tile",
        output,
        "input.scenes=" + root + "/images",
        "input.labels=" + root + "/labels",
        "splits.shares=[2, 1, 1]",
        "splits.block=1",
        "patch.size=32");
    String autoencoder = trained(root, "autoencoder");
    String images =
        trained(
            root,
            "denoiser",
            "denoiser.content=images",
            "denoiser.space=latents",
            "denoiser.condition=prompt",
            "denoiser.text.captions=rules",
            "denoiser.autoencoder=" + autoencoder);
    String control = trained(root, "controlnet", "controlnet.denoiser=" + images);
    String masks = trained(root, "denoiser");
    Path conf = folder.resolve("diffusion.conf");
    Files.writeString(
        conf,
        "patch.size = 32\nsynthesize.batch = 4\noutput.bucketRows = 8\n"
            + "plan { layouts = auto, target = real, alpha = 1.5, maxReuse = 1, eps = 0.05 }\n"
            + "layouts.attempts = 2\ngates { leastRange = 0, mostSaturated = 1 }\n");
    cluster(0, conf, "plan", output);
    cluster(0, conf, "synthesize", output, "model=" + control, "layouts.model=" + masks);
    client(0, "verify", output);
    requireLayouts(root);
  }

  /** The bundle of a training of three steps. */
  private String trained(String root, String model, String... more)
      throws IOException, InterruptedException {
    Set<String> before = runs(root, "train");
    List<String> keys = new ArrayList<>(List.of(TinyNetworks.of(model)));
    keys.addAll(List.of("output.root=" + root, model + ".steps=3", "train.sheetSteps=0"));
    keys.addAll(List.of(more));
    local("train", keys.toArray(String[]::new));
    Set<String> made = runs(root, "train");
    made.removeAll(before);
    return made.iterator().next() + "/bundle";
  }

  private Set<String> runs(String root, String job) throws IOException {
    Set<String> runs = new TreeSet<>();
    for (FileStatus run :
        fileSystem.globStatus(new org.apache.hadoop.fs.Path(root + "/run_id=" + job + "-*"))) {
      runs.add(run.getPath().toString());
    }
    return runs;
  }

  private void requireLayouts(String root) throws IOException {
    var file = new org.apache.hadoop.fs.Path(published(root, "synthesize") + "/run.json");
    try (FSDataInputStream in = fileSystem.open(file)) {
      String record = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      if (!record.contains("\"mCPE\"")) {
        throw new IllegalStateException(file + " says nothing of drawn layouts: " + record);
      }
    }
  }

  /** With {@code refused}, also a step on GPUs that libtorch does not see. */
  private void gpuSteps(boolean refused) throws IOException, InterruptedException {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    GpuDiscoveryTest.nvidiaSmi(bin, "echo '0, GPU-00000000'\n");
    String path = " --conf spark.executorEnv.PATH=" + bin + ":/usr/bin:/bin";
    String root = fileSystem.getUri() + "/landloom/gpu";
    String output = "output.root=" + root;
    Path conf = folder.resolve("gpu.conf");
    Files.writeString(
        conf,
        "splits.shares = [1, 0, 0]\noutput.bucketRows = 2\nsynthesize.batch = 2\n"
            + "gates { leastRange = 0, mostSaturated = 1 }\n");
    List<String> files = List.of("--conf", conf.toString());
    local("simulate", output, "simulate.scenes=1", "simulate.width=512", "simulate.height=512");
    light(
        CPUS_ONLY,
        files,
        "tile",
        output,
        "input.scenes=" + root + "/images",
        "input.labels=" + root + "/labels");
    requireGpuSeconds("tile", 0, 0);
    local("plan", output);
    if (refused) {
      step("client", 2, CLIENT + STATIC_GPUS + path, files, "synthesize", output);
      requireOutcome(root, "synthesize", "GPU 0 was given, but libtorch sees 0 GPU(s)");
    }
    light(
        GPUS_BY_STAGE + path + " --class " + FakeGpuMain.class.getName() + " --jars " + fakeGpus(),
        files,
        "synthesize",
        output,
        "gpus.from=stage",
        "synthesize.device=gpu");
    requireGpuSeconds("synthesize", 1, Long.MAX_VALUE);
    requireDevices(root, Set.of("gpu:0"));
    light(CPUS_ONLY, files, "summarize", output);
    requireGpuSeconds("summarize", 0, 0);
  }

  /** The classes that only tests have, as a jar. */
  private Path fakeGpus() throws IOException {
    Path classes = home.resolve("spark-jobs/target/test-classes");
    Path jar = folder.resolve("fake-gpus.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("FakeGpu")).toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        Files.copy(file, out);
      }
    }
    return jar;
  }

  /** Checks by YARN's books for how long the executors of the newest application held GPUs. */
  private void requireGpuSeconds(String job, long least, long most) {
    RMApp newest =
        yarn.getResourceManager().getRMContext().getRMApps().values().stream()
            .max(Comparator.comparing(RMApp::getApplicationId))
            .orElseThrow();
    long seconds = newest.getRMAppMetrics().getResourceSecondsMap().getOrDefault(GPU, 0L);
    System.out.printf("        %-14s%d GPU seconds%n", job, seconds);
    if (seconds < least || seconds > most) {
      throw new IllegalStateException(
          newest.getName() + " held GPUs for " + seconds + " s, expected " + least + " to " + most);
    }
  }

  private void requireDevices(String root, Set<String> expected) throws IOException {
    Set<String> devices = new TreeSet<>();
    for (FileStatus file :
        fileSystem.globStatus(
            new org.apache.hadoop.fs.Path(root + "/run_id=synthesize-*/pairs/*.parquet"))) {
      try (ParquetReader<Group> pairs =
          ParquetReader.builder(new GroupReadSupport(), file.getPath())
              .withConf(fileSystem.getConf())
              .build()) {
        for (Group pair = pairs.read(); pair != null; pair = pairs.read()) {
          devices.add(pair.getString("device", 0));
        }
      }
    }
    if (!devices.equals(expected)) {
      throw new IllegalStateException("pairs name devices " + devices + ", expected " + expected);
    }
  }

  private void client(int code, String job, String... sets)
      throws IOException, InterruptedException {
    step("client", code, CLIENT, List.of(), job, sets);
  }

  private void cluster(int code, Path conf, String job, String... sets)
      throws IOException, InterruptedException {
    step("cluster", code, CLUSTER, List.of("--conf", conf.toString()), job, sets);
  }

  /** On this machine, with the cluster's HDFS. */
  private void local(String job, String... sets) throws IOException, InterruptedException {
    step("local", 0, "local[1]", "", List.of(), job, sets);
  }

  private void light(String options, List<String> files, String job, String... sets)
      throws IOException, InterruptedException {
    step("cluster", 0, options + LIGHT, files, job, sets);
  }

  private void step(
      String mode, int expected, String options, List<String> files, String job, String... sets)
      throws IOException, InterruptedException {
    step(mode, expected, "yarn", options, files, job, sets);
  }

  private void step(
      String mode,
      int expected,
      String master,
      String options,
      List<String> files,
      String job,
      String... sets)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of(home.resolve("submit/landloom").toString(), job));
    command.addAll(files);
    command.addAll(List.of("--set", "master=" + master));
    for (String set : sets) {
      command.addAll(List.of("--set", set));
    }
    steps++;
    File log = folder.resolve(String.format(Locale.ROOT, "%02d-%s.log", steps, job)).toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
    Map<String, String> environment = builder.environment();
    // as check-yarn clears them: another Spark or cluster of this machine is not meant
    List.of("SPARK_HOME", "SPARK_CONF_DIR", "YARN_CONF_DIR").forEach(environment::remove);
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("LANDLOOM_JAVA_OPTIONS", SHORT_LIVED);
    environment.put("HADOOP_CONF_DIR", folder.resolve("conf").toString());
    environment.put("SPARK_LOCAL_IP", "127.0.0.1");
    environment.put("LANDLOOM_MEMORY", "768m");
    environment.put("LANDLOOM_SUBMIT_OPTIONS", options);
    long start = System.nanoTime();
    Process process = builder.start();
    if (!process.waitFor(MINUTES_A_STEP, TimeUnit.MINUTES)) {
      process.destroy();
      throw new IllegalStateException(job + " took more than " + MINUTES_A_STEP + " minutes");
    }
    line(mode, job, "exit " + process.exitValue(), start);
    if (process.exitValue() != expected) {
      throw new IllegalStateException(
          job + " should have ended with " + expected + "; it said:\n" + tail(log.toPath()));
    }
  }

  private static String tail(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
  }

  private static void line(String mode, String what, String end, long start) {
    System.out.printf(
        Locale.ROOT, "%-8s%-14s%6.1f s  %s%n", mode, what, (System.nanoTime() - start) / 1e9, end);
    System.out.flush();
  }

  private String published(String root, String job) throws IOException {
    return runs(root, job).iterator().next();
  }

  private void requireOutcome(String root, String job, String message) throws IOException {
    var file = new org.apache.hadoop.fs.Path(root + "/_outcomes/" + job + ".json");
    try (FSDataInputStream in = fileSystem.open(file)) {
      String outcome = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      if (!outcome.contains("USER") || !outcome.contains(message)) {
        throw new IllegalStateException(file + " should say " + message + ": " + outcome);
      }
    }
  }
}
