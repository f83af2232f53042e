package io.landloom.benchmarks;

import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassCounts;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LabelDecoder;
import io.landloom.geo.landcover.LandCoverScheme;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What is done to one patch of 256 x 256 pixels: {@code benchmarks/jmh PatchCoding}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PatchCoding {
  private static final int SIDE = 256;

  private final LandCoverScheme scheme = LandCoverScheme.named("gid15");
  private final LabelDecoder decoder = LabelDecoder.byColor(scheme);
  private final PngEncoder png = new PngEncoder();
  private final Raster image = Pictures.image(SIDE, SIDE);
  private final Raster label = Pictures.label(SIDE, SIDE, scheme);
  private final ClassMask mask =
      new ClassMask(SIDE, SIDE, Pictures.indices(SIDE, SIDE, scheme.size()));
  private final byte[] indices = new byte[SIDE * SIDE];
  private final byte[] packed = new byte[1 << 20];

  /** Colours to class indices. */
  @Benchmark
  public byte[] decodeLabel() {
    decoder.decode(
        label.samples(), 0, indices, 0, indices.length, new LabelDecoder.OffPalette(decoder));
    return indices;
  }

  /** Pixels by class. */
  @Benchmark
  public ClassCounts count() {
    return mask.counts(scheme);
  }

  /** The image as PNG with the options of imagery. */
  @Benchmark
  public byte[] encodeImage() {
    return png.encode(image);
  }

  /** The mask as PNG. */
  @Benchmark
  public byte[] encodeMask() {
    return png.encodeMask(mask, scheme);
  }

  /** For comparison: zlib's Huffman coding of as many bytes, unfiltered. */
  @Benchmark
  public int deflateByZlib() {
    Deflater deflater = new Deflater(6);
    deflater.setStrategy(Deflater.HUFFMAN_ONLY);
    deflater.setInput(image.samples());
    deflater.finish();
    int length = 0;
    while (!deflater.finished()) {
      length += deflater.deflate(packed, length, packed.length - length);
    }
    deflater.end();
    return length;
  }
}
