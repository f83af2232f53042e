package io.landloom.geo.tiff;

import io.landloom.geo.source.MemoryByteSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Decodes a block of about 1 MiB of runs and literals: {@code benchmarks/jmh PackBitsDecoding}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PackBitsDecoding {
  private static final int LENGTH = 1 << 20;

  private final byte[] target = new byte[LENGTH];
  private final byte[] stored = stored();

  private static byte[] stored() {
    Random random = new Random(4);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    byte[] literals = new byte[128];
    for (int length = 0; length < LENGTH; ) {
      int count = 2 + random.nextInt(126);
      if (random.nextBoolean()) {
        packed.write(257 - count);
        packed.write(random.nextInt(256));
      } else {
        random.nextBytes(literals);
        packed.write(count - 1);
        packed.write(literals, 0, count);
      }
      length += count;
    }
    return packed.toByteArray();
  }

  /** Decodes the block. */
  @Benchmark
  public int decode() throws IOException {
    SourceWindow window = new SourceWindow(new MemoryByteSource("block", stored), 1 << 20);
    BlockInput input = new BlockInput(window, 0, stored.length);
    return new PackBitsDecompressor(input).read(target, 0, LENGTH);
  }
}
