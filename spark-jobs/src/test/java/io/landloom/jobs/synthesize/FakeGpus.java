package io.landloom.jobs.synthesize;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.gan.CsebganSynthesizer;
import io.landloom.synthesis.gate.Gate;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * GPUs where there are none: the address that Spark gave a task names its device, libtorch computes
 * on the CPU, and the devices fail as CUDA's do.
 *
 * @param outOfMemory one of so many full batches of a device finds no memory, at the end of its
 *     work; 0 for none
 * @param lost file that the first batch of all makes, and with that loses its device; empty for
 *     none
 */
public record FakeGpus(int outOfMemory, String lost) implements Placement {
  /** Images drawn in this JVM, padding and what ran out of memory included. */
  public static final AtomicLong DRAWN = new AtomicLong();

  @Override
  public Device device(String wanted, List<String> addresses) {
    return addresses.isEmpty() ? Device.cpu() : Device.gpu(Integer.parseInt(addresses.get(0)));
  }

  @Override
  public Synthesizer synthesizer(
      ModelBundle bundle, LandCoverScheme scheme, Device device, int batch, long seed) {
    return new Faulty(new CsebganSynthesizer(bundle, scheme, Device.cpu(), batch, seed), this);
  }

  @Override
  public List<Gate> gates(GateRule rule, LandCoverScheme scheme, Device device) throws IOException {
    return rule.open(scheme, Device.cpu());
  }

  private boolean losesNow() {
    if (lost.isEmpty()) {
      return false;
    }
    try {
      Files.createFile(Path.of(lost));
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Faulty(Synthesizer model, FakeGpus faults, AtomicInteger batches)
      implements Synthesizer {
    Faulty(Synthesizer model, FakeGpus faults) {
      this(model, faults, new AtomicInteger());
    }

    @Override
    public List<Pair> synthesize(List<Condition> conditions, int shape) {
      if (faults.losesNow()) {
        throw new EngineException(
            "CUDA error: device-side assert triggered\nCUDA kernel errors might be asynchronously"
                + " reported at some other API call");
      }
      List<Pair> pairs = model.synthesize(conditions, shape);
      DRAWN.addAndGet(shape);
      if (faults.outOfMemory > 0
          && shape == batchSize()
          && batches.incrementAndGet() % faults.outOfMemory == 0) {
        throw new EngineException(
            "CUDA out of memory. Tried to allocate 512.00 MiB. GPU 0 has a total capacity of 79.15"
                + " GiB of which 8.25 MiB is free.");
      }
      return pairs;
    }

    @Override
    public String name() {
      return model.name();
    }

    @Override
    public String modelDigest() {
      return model.modelDigest();
    }

    @Override
    public int patchSize() {
      return model.patchSize();
    }

    @Override
    public int bands() {
      return model.bands();
    }

    @Override
    public String scheme() {
      return model.scheme();
    }

    @Override
    public int batchSize() {
      return model.batchSize();
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
