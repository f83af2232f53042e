package io.landloom.benchmarks;

import ai.djl.Device;
import com.sun.management.OperatingSystemMXBean;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.gan.CsebganSettings;
import io.landloom.synthesis.gan.CsebganTrainer;
import io.landloom.synthesis.training.TrainingSet;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * CPU seconds of a CSEBGAN training step, and the process's resident memory while it trains.
 *
 * <p>{@code benchmarks/training/compare} runs it beside the same step in Python. Arguments: pixels
 * along an edge, steps to warm up, steps to measure, and the networks as {@code csebgan} keys.
 * Images are random, masks of squares, classes those of mbrsc. The time of all threads counts, the
 * collector's and the compiler's too.
 */
public final class TrainingSteps {
  private static final int ITEMS = 16;
  private static final int SQUARE = 16;

  private TrainingSteps() {}

  /** Random images of random squares. */
  private record Noise(LandCoverScheme scheme, int patchSize) implements TrainingSet {
    @Override
    public int size() {
      return ITEMS;
    }

    @Override
    public Raster image(int i) {
      byte[] samples = new byte[patchSize * patchSize * 3];
      new Random(i).nextBytes(samples);
      return Raster.ofBytes(patchSize, patchSize, 3, samples);
    }

    @Override
    public ClassMask mask(int i) {
      int squares = patchSize / SQUARE;
      int[] classes = new Random(i).ints((long) squares * squares, 0, scheme.size()).toArray();
      byte[] indices = new byte[patchSize * patchSize];
      for (int pixel = 0; pixel < indices.length; pixel++) {
        int square = pixel / patchSize / SQUARE * squares + pixel % patchSize / SQUARE;
        indices[pixel] = (byte) scheme.classes().get(classes[square]).index();
      }
      return new ClassMask(patchSize, patchSize, indices);
    }
  }

  /** Runs the measurement. */
  public static void main(String[] args) throws IOException {
    int size = Integer.parseInt(args[0]);
    int warmUp = Integer.parseInt(args[1]);
    int steps = Integer.parseInt(args[2]);
    LandCoverScheme scheme = LandCoverScheme.named("mbrsc");
    CsebganSettings settings =
        CsebganSettings.of(
            ConfigFactory.parseString(args[3])
                .withFallback(
                    ConfigFactory.parseString(
                        "patchSize=" + size + ",decayFrom=1,steps=" + (warmUp + steps))));
    try (CsebganTrainer trainer =
        new CsebganTrainer(settings, scheme, new Noise(scheme, size), Device.cpu())) {
      take(trainer, warmUp);
      long resident = resident();
      double cpu = cpu();
      take(trainer, steps);
      System.out.printf(
          "java %d %.4f CPU s a step, resident %d to %d kB in %d steps (%+.2f %%)%n",
          size,
          (cpu() - cpu) / steps,
          resident,
          resident(),
          steps,
          100.0 * (resident() - resident) / resident);
    }
  }

  private static void take(CsebganTrainer trainer, int steps) {
    for (int i = 0; i < steps; i++) {
      trainer.step();
    }
  }

  private static double cpu() {
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return process.getProcessCpuTime() / 1e9;
  }

  private static long resident() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
