package io.landloom.geo.tiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.JdkImages;
import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.scene.Georeference;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What GDAL's own programs say of the files that were written; skipped where there is no GDAL. */
class TiffWriterGdalTest {
  private static final List<String> PROGRAMS = List.of("gdalinfo", "gdal_translate", "gdalsrsinfo");

  @TempDir Path folder;

  @BeforeAll
  static void needsGdal() throws IOException {
    for (String program : PROGRAMS) {
      boolean there =
          Stream.of(System.getenv("PATH").split(":"))
              .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
      if (!there) {
        String skipped =
            "SKIPPED: "
                + program
                + " is not installed (Debian: gdal-bin), so what TiffWriter writes is not compared"
                + " with what GDAL reads";
        System.err.println(skipped);
        Assumptions.abort(skipped);
      }
    }
  }

  private String gdal(String... command) throws IOException, InterruptedException {
    Path errors = folder.resolve("errors.txt");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    String said = Files.readString(errors);
    assertEquals(0, code, String.join(" ", command) + ": " + said);
    assertEquals("", said, String.join(" ", command));
    return out;
  }

  private Path write(TiffWriter.Options options, Raster raster) throws IOException {
    Path file = folder.resolve("written.tif");
    try (TiffWriter writer = TiffWriter.create(file, options)) {
      writer.writeRows(raster);
    }
    return file;
  }

  /** What gdalinfo says. */
  private Config described(Path file) throws IOException, InterruptedException {
    return ConfigFactory.parseString(gdal("gdalinfo", "-json", file.toString()));
  }

  /** The pixels GDAL reads, bands interleaved by pixel, little endian. */
  private byte[] pixels(Path file) throws IOException, InterruptedException {
    Path raw = folder.resolve("raw.bin");
    gdal(
        "gdal_translate",
        "-q",
        "-of",
        "ENVI",
        "-co",
        "INTERLEAVE=BIP",
        file.toString(),
        raw.toString());
    return Files.readAllBytes(raw);
  }

  static Stream<Arguments> kinds() {
    List<Arguments> cases = new ArrayList<>();
    for (int type :
        List.of(
            BufferedImage.TYPE_BYTE_GRAY,
            BufferedImage.TYPE_USHORT_GRAY,
            BufferedImage.TYPE_3BYTE_BGR,
            BufferedImage.TYPE_4BYTE_ABGR)) {
      for (TiffWriter.Compression compression : TiffWriter.Compression.values()) {
        for (TiffWriter.Predictor predictor : TiffWriter.Predictor.values()) {
          TiffWriter.Layout layout =
              predictor == TiffWriter.Predictor.NONE
                  ? new TiffWriter.Layout.Strips(7)
                  : new TiffWriter.Layout.Tiles(32);
          cases.add(Arguments.of(type, compression, predictor, layout));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void gdalReadsThePixelsThatWereWritten(
      int type,
      TiffWriter.Compression compression,
      TiffWriter.Predictor predictor,
      TiffWriter.Layout layout)
      throws IOException, InterruptedException {
    Raster raster = JdkImages.raster(JdkImages.pattern(type, 101, 77, 8));
    TiffWriter.Options options =
        TiffWriter.Options.of(101, 77, raster.bands())
            .withType(raster.type())
            .withCompression(compression)
            .withPredictor(predictor)
            .withLayout(layout);
    Path file = write(options, raster);

    Config described = described(file);
    assertEquals(List.of(101, 77), described.getIntList("size"));
    assertEquals(raster.bands(), described.getConfigList("bands").size());
    Config structure = described.getConfig("metadata.IMAGE_STRUCTURE");
    boolean compressed = compression != TiffWriter.Compression.NONE;
    assertEquals(compressed, structure.hasPath("COMPRESSION"));
    if (compressed) {
      assertEquals(compression.name(), structure.getString("COMPRESSION"));
    }
    assertEquals(
        compressed && predictor == TiffWriter.Predictor.HORIZONTAL,
        structure.hasPath("PREDICTOR") && structure.getString("PREDICTOR").equals("2"));
    for (Config band : described.getConfigList("bands")) {
      assertEquals(raster.type() == SampleType.UINT8 ? "Byte" : "UInt16", band.getString("type"));
      assertEquals(
          layout instanceof TiffWriter.Layout.Tiles ? List.of(32, 32) : List.of(101, 7),
          band.getIntList("block"));
    }
    assertArrayEquals(raster.samples(), pixels(file));
  }

  @ParameterizedTest
  @CsvSource({
    "UINT16, UInt16",
    "INT16, Int16",
    "UINT32, UInt32",
    "INT32, Int32",
    "FLOAT32, Float32",
    "FLOAT64, Float64"
  })
  void gdalReadsSamplesOfEveryType(SampleType type, String gdalType)
      throws IOException, InterruptedException {
    byte[] samples = new byte[33 * 20 * 2 * type.bytes()];
    new Random(3).nextBytes(samples);
    Raster raster = new Raster(33, 20, 2, type, samples);
    TiffWriter.Predictor predictor =
        type.floating() ? TiffWriter.Predictor.NONE : TiffWriter.Predictor.HORIZONTAL;
    Path file =
        write(
            TiffWriter.Options.of(33, 20, 2)
                .withType(type)
                .withLayout(new TiffWriter.Layout.Tiles(16))
                .withCompression(TiffWriter.Compression.DEFLATE)
                .withPredictor(predictor),
            raster);
    assertEquals(gdalType, described(file).getConfigList("bands").get(0).getString("type"));
    assertArrayEquals(samples, pixels(file));
  }

  @Test
  void gdalSeesTheClassesInTheirColours() throws IOException, InterruptedException {
    LandCoverScheme scheme = LandCoverScheme.named("gid15");
    byte[] indices = new byte[64 * 48];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = (byte) (i / 5 % 16);
    }
    Path file =
        write(
            TiffWriter.Options.of(64, 48, 1)
                .withPalette(scheme.palette())
                .withLayout(new TiffWriter.Layout.Tiles(16))
                .withCompression(TiffWriter.Compression.DEFLATE),
            Raster.ofBytes(64, 48, 1, indices));
    Config band = described(file).getConfigList("bands").get(0);
    assertEquals("Palette", band.getString("colorInterpretation"));
    var entries = band.getList("colorTable.entries");
    assertEquals(256, entries.size());
    assertEquals(List.of(0, 0, 0, 255), entries.get(0).unwrapped());
    assertEquals(List.of(250, 0, 150, 255), entries.get(2).unwrapped()); // urban residential
    assertEquals(List.of(0, 200, 250, 255), entries.get(15).unwrapped()); // pond
    assertArrayEquals(indices, pixels(file));
  }

  static Stream<Arguments> places() {
    return Stream.of(
        // UTM zone 50 north, WGS 84
        Arguments.of(32650, new double[] {500_000, 4, 0, 3_320_000, 0, -4}),
        // CGCS2000: geographic, and Gauss-Kruger by 3 degrees
        Arguments.of(4490, new double[] {114.25, 1e-5, 0, 30.5, 0, -1e-5}),
        Arguments.of(4547, new double[] {400_000.5, 0.5, 0, 3_300_000.25, 0, -0.5}),
        // Web Mercator, and rows that run upwards
        Arguments.of(3857, new double[] {12_700_000, 10, 0, 3_500_000, 0, 10}),
        // turned by 30 degrees
        Arguments.of(32733, new double[] {300_000, 8.66, 5, 7_000_000, 5, -8.66}));
  }

  @ParameterizedTest
  @MethodSource("places")
  void gdalPutsTheSceneWhereItLies(int code, double[] transform)
      throws IOException, InterruptedException {
    Path file =
        write(
            TiffWriter.Options.of(20, 10, 3)
                .withGeoreference(new Georeference("EPSG:" + code, transform)),
            Raster.ofBytes(20, 10, 3, new byte[600]));
    assertEquals("EPSG:" + code, gdal("gdalsrsinfo", "-o", "epsg", file.toString()).strip());
    List<Double> read = described(file).getDoubleList("geoTransform");
    for (int i = 0; i < 6; i++) {
      assertEquals(transform[i], read.get(i), 1e-9 * Math.abs(transform[i]), "coefficient " + i);
    }
  }

  @Test
  void gdalFindsNoPlaceWhereNoneWasWritten() throws IOException, InterruptedException {
    Path file = write(TiffWriter.Options.of(20, 10, 3), Raster.ofBytes(20, 10, 3, new byte[600]));
    Config described = described(file);
    assertFalse(described.hasPath("coordinateSystem"));
    assertFalse(described.hasPath("geoTransform"));
    List<String> colors =
        described.getConfigList("bands").stream()
            .map(band -> band.getString("colorInterpretation"))
            .toList();
    assertEquals(List.of("Red", "Green", "Blue"), colors);
  }

  @Test
  void gdalReadsABigTiff() throws IOException, InterruptedException {
    // the directory of a file that may pass 4 GB, over blocks that do not
    byte[] samples = new byte[40 * 30];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (byte) (i * 31);
    }
    TiffIfdBuilder big = TiffIfdBuilder.forFileOf(1L << 33);
    big.longs(TiffTag.IMAGE_WIDTH, 40);
    big.longs(TiffTag.IMAGE_LENGTH, 30);
    big.shorts(TiffTag.BITS_PER_SAMPLE, 8);
    big.shorts(TiffTag.COMPRESSION, 1);
    big.shorts(TiffTag.PHOTOMETRIC, 1);
    big.shorts(TiffTag.SAMPLES_PER_PIXEL, 1);
    big.longs(TiffTag.ROWS_PER_STRIP, 15);
    big.offsets(TiffTag.STRIP_OFFSETS, 16, 616);
    big.offsets(TiffTag.STRIP_BYTE_COUNTS, 600, 600);
    Path file = folder.resolve("big.tif");
    Files.write(file, big.header(16 + 1200).array());
    Files.write(file, samples, java.nio.file.StandardOpenOption.APPEND);
    Files.write(file, big.build(16 + 1200), java.nio.file.StandardOpenOption.APPEND);
    assertEquals(43, Files.readAllBytes(file)[2]);
    assertArrayEquals(samples, pixels(file));
  }

  @Test
  void gdalReadsRowsThatArriveInOddSteps() throws IOException, InterruptedException {
    // rows that arrive in steps that fit no block
    int width = 533;
    int height = 301;
    Raster raster =
        JdkImages.raster(JdkImages.pattern(BufferedImage.TYPE_3BYTE_BGR, width, height, 4));
    Path file = folder.resolve("steps.tif");
    TiffWriter.Options options =
        TiffWriter.Options.of(width, height, 3)
            .withLayout(new TiffWriter.Layout.Tiles(64))
            .withCompression(TiffWriter.Compression.DEFLATE)
            .withPredictor(TiffWriter.Predictor.HORIZONTAL);
    try (TiffWriter writer = TiffWriter.create(file, options)) {
      for (int y = 0; y < height; y += 37) {
        writer.writeRows(raster.crop(0, y, width, Math.min(37, height - y)));
      }
    }
    assertArrayEquals(raster.samples(), pixels(file));
    assertTrue(
        gdal("gdalinfo", file.toString())
            .contains(String.format(Locale.ROOT, "Size is %d, %d", width, height)));
  }
}
