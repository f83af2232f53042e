package io.landloom.jobs.synthesize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.source.Captions;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.gate.Gate;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SharedSynthesizerTest {
  private static final int THREADS = 16;
  private static final AtomicInteger LOADS = new AtomicInteger();
  private static final AtomicInteger FAILURES = new AtomicInteger();

  /** Counts what it loads, and fails first as often as it is told. */
  private record Counting(String name) implements Placement {
    @Override
    public Device device(String wanted, List<String> addresses) {
      return Device.gpu(Integer.parseInt(addresses.get(0)));
    }

    @Override
    public Synthesizer synthesizer(
        ModelBundle bundle, LandCoverScheme scheme, Device device, int batch, long seed) {
      if (FAILURES.getAndDecrement() > 0) {
        throw new IllegalStateException("no room for a model");
      }
      LOADS.incrementAndGet();
      return new FakeGpus(0, "").synthesizer(bundle, scheme, device, batch, seed);
    }

    @Override
    public List<Gate> gates(GateRule rule, LandCoverScheme scheme, Device device) {
      return List.of();
    }
  }

  @BeforeEach
  void forgetCounts() {
    LOADS.set(0);
    FAILURES.set(0);
  }

  private static SharedSynthesizer shared(String test, String digest) throws IOException {
    BundleFiles files = BundleFiles.find("csebgan-demo", new Configuration(false));
    return new SharedSynthesizer(
        files,
        digest,
        LandCoverScheme.named("gid15"),
        "auto",
        2,
        1,
        new GateRule(new GateRule.Limits(2, 0.2), null, 0, 0),
        null,
        Captions.NONE,
        new Counting(test));
  }

  @Test
  void taskThreadsOfTwoDevicesShareOneModelEach() throws Exception {
    SharedSynthesizer shared = shared("two devices", "a");
    CyclicBarrier together = new CyclicBarrier(THREADS);
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<SharedSynthesizer.Loaded>> loading = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        List<String> address = List.of(Integer.toString(i % 2));
        loading.add(
            threads.submit(
                () -> {
                  together.await();
                  return shared.load(address);
                }));
      }
      SharedSynthesizer.Loaded first = loading.get(0).get();
      SharedSynthesizer.Loaded second = loading.get(1).get();
      assertEquals("gpu:0", first.device());
      assertEquals("gpu:1", second.device());
      assertNotSame(first.synthesizer(), second.synthesizer());
      for (int i = 0; i < THREADS; i++) {
        assertSame(i % 2 == 0 ? first : second, loading.get(i).get());
      }
      assertEquals(2, LOADS.get());
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void anotherDigestIsAnotherModel() throws IOException {
    List<String> address = List.of("0");
    SharedSynthesizer.Loaded one = shared("digests", "a").load(address);
    assertNotSame(one, shared("digests", "b").load(address));
    assertSame(one, shared("digests", "a").load(address));
    assertEquals(2, LOADS.get());
  }

  @Test
  void aFailedLoadIsTriedAgain() throws IOException {
    FAILURES.set(1);
    SharedSynthesizer shared = shared("failing", "a");
    assertEquals(
        "no room for a model",
        assertThrows(IllegalStateException.class, () -> shared.load(List.of("0"))).getMessage());
    assertEquals("gpu:0", shared.load(List.of("0")).device());
    assertEquals(1, LOADS.get());
  }
}
