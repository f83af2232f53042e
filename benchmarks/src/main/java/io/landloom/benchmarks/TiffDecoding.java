package io.landloom.benchmarks;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.MemoryByteSource;
import io.landloom.geo.tiff.TiffLimits;
import io.landloom.geo.tiff.TiffReader;
import io.landloom.geo.tiff.TiffWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Decodes a TIFF of 1024 x 1024 RGB pixels (3 MiB) from memory: {@code benchmarks/jmh
 * TiffDecoding}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TiffDecoding {
  private static final int SIDE = 1024;

  /** Compression of the blocks. */
  @Param({"NONE", "LZW", "DEFLATE"})
  public TiffWriter.Compression compression;

  /** What the pixels show. */
  @Param({"image", "label"})
  public String pixels;

  private byte[] file;

  /** Writes the file, and reads it once to see that it is what was written. */
  @Setup
  public void write() throws IOException {
    Raster raster =
        pixels.equals("image")
            ? Pictures.image(SIDE, SIDE)
            : Pictures.label(SIDE, SIDE, LandCoverScheme.named("gid15"));
    TiffWriter.Predictor predictor =
        compression == TiffWriter.Compression.NONE || pixels.equals("label")
            ? TiffWriter.Predictor.NONE
            : TiffWriter.Predictor.HORIZONTAL;
    Path path = Files.createTempFile("landloom", ".tif");
    Files.delete(path);
    TiffWriter.Options options =
        new TiffWriter.Options(
            SIDE,
            SIDE,
            3,
            raster.type(),
            new TiffWriter.Layout.Tiles(256),
            compression,
            predictor,
            Optional.empty(),
            Optional.empty());
    try (TiffWriter writer = TiffWriter.create(path, options)) {
      writer.writeRows(raster);
    }
    file = Files.readAllBytes(path);
    Files.delete(path);
    try (TiffReader reader = open()) {
      if (!reader.rows(0, SIDE).equals(raster)) {
        throw new IllegalStateException(compression + " does not give back what was written");
      }
    }
  }

  private TiffReader open() throws IOException {
    return TiffReader.open(new MemoryByteSource("benchmark", file), TiffLimits.defaults());
  }

  /** Opens the file and decodes all rows, 256 at a time. */
  @Benchmark
  public void decode(Blackhole hole) throws IOException {
    try (TiffReader reader = open()) {
      for (int y = 0; y < SIDE; y += 256) {
        hole.consume(reader.rows(y, 256));
      }
    }
  }
}
