package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.scene.Georeference;
import io.landloom.geo.tiff.TiffWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code inspect} as the command line runs it; no session is there, and none may come. */
class InspectFilesTest {
  @TempDir Path folder;

  private static SparkTest.Ended inspect(Object... arguments) {
    String[] texts =
        java.util.stream.Stream.concat(
                java.util.stream.Stream.of("inspect"),
                Arrays.stream(arguments).map(Object::toString))
            .toArray(String[]::new);
    SparkTest.Ended ended = SparkTest.command(texts);
    assertTrue(SparkSession.getDefaultSession().isEmpty(), "a session was started");
    return ended;
  }

  /** A TIFF of 4 x 3 x 3 samples 0 to 35, so that the bands sum to 198, 210 and 222. */
  private Path tiff(String name) throws IOException {
    Path file = folder.resolve(name);
    byte[] samples = new byte[36];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (byte) i;
    }
    Georeference place =
        new Georeference("EPSG:32650", new double[] {500000, 4, 0, 3400000, 0, -4});
    TiffWriter.Options options =
        TiffWriter.Options.of(4, 3, 3)
            .withGeoreference(place)
            .withCompression(TiffWriter.Compression.DEFLATE)
            .withLayout(new TiffWriter.Layout.Strips(2));
    try (TiffWriter writer = TiffWriter.create(file, options)) {
      writer.writeRows(new Raster(4, 3, 3, SampleType.UINT8, samples));
    }
    return file;
  }

  /** A TIFF whose second strip's bytes are not Deflate. */
  private Path damaged(String name) throws IOException {
    Path file = tiff(name);
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, 8, 40, (byte) 0x55);
    Files.write(file, bytes);
    return file;
  }

  @Test
  void saysOneLineOfJsonAFileWithItsKeysInOrder() throws IOException {
    Path file = tiff("a.tif");
    SparkTest.Ended ended = inspect("--json", file);
    assertEquals("", ended.err());
    assertEquals(
        "{\"file\": \""
            + file
            + "\", \"status\": \"read\", \"reason\": null, \"width\": 4, \"height\": 3, \"bands\": 3,"
            + " \"dtype\": \"uint8\", \"compression\": \"DEFLATE\", \"layout\": \"strips of 2 rows,"
            + " pixel interleaved\", \"crs\": \"EPSG:32650\", \"sums\": [198, 210, 222]}\n",
        ended.out());
    assertEquals(0, ended.code());
  }

  @Test
  void saysTheSameForPeople() throws IOException {
    Path file = tiff("a.tif");
    SparkTest.Ended ended = inspect(file);
    assertEquals(
        file
            + "\n  status  read"
            + "\n  image   4 x 3 pixels, 3 bands of uint8"
            + "\n  stored  DEFLATE, strips of 2 rows, pixel interleaved"
            + "\n  place   affine"
            + "\n  crs     EPSG:32650"
            + "\n  to tile as it is"
            + "\n  sums    [198, 210, 222]\n",
        ended.out());
    assertEquals(0, ended.code());
  }

  @Test
  void aRefusedFileStopsNoOtherAndEndsWith4() throws IOException {
    Path text = folder.resolve("text.tif");
    Files.writeString(text, "no image at all");
    Path bad = damaged("bad.tif");
    SparkTest.Ended ended = inspect("--json", text, bad, tiff("good.tif"));
    String[] lines = ended.out().split("\n");
    assertEquals(3, lines.length);
    assertEquals(
        "{\"file\": \""
            + text
            + "\", \"status\": \"refused\", \"reason\": \""
            + text.toUri().toString().replace("file://", "")
            + ": not a TIFF, PNG or JPEG\", \"width\": null, \"height\": null, \"bands\": null,"
            + " \"dtype\": null, \"compression\": null, \"layout\": null, \"crs\": null, \"sums\":"
            + " null}",
        lines[0]);
    assertTrue(
        lines[1].contains("\"status\": \"refused\"")
            && lines[1].contains("bad.tif: IFD 0: strip 0 is corrupt: Deflate: ")
            && lines[1].contains("\"width\": 4, ")
            && lines[1].endsWith("\"sums\": null}"),
        lines[1]);
    assertTrue(lines[2].contains("\"status\": \"read\""), lines[2]);
    assertEquals(4, ended.code());
  }

  @Test
  void aMissingFileAndAFolderEndWith2AfterAllOthers() throws IOException {
    Path missing = folder.resolve("missing.tif");
    SparkTest.Ended ended = inspect("--json", missing, damaged("bad.tif"), tiff("good.tif"));
    assertEquals(3, ended.out().lines().count());
    assertTrue(
        ended
            .out()
            .startsWith("{\"file\": \"" + missing + "\", \"status\": \"refused\", \"reason\""),
        ended.out());
    assertTrue(ended.out().contains("missing.tif does not exist"), ended.out());
    assertEquals(2, ended.code());
    SparkTest.Ended ofFolder = inspect(folder);
    assertTrue(ofFolder.out().contains(folder + " is a folder; give files\n"), ofFolder.out());
    assertEquals(2, ofFolder.code());
  }

  @Test
  void noFileIsAUserErrorAndAnUnknownOptionOneOfTheCommandLine() {
    SparkTest.Ended none = inspect("--json");
    assertEquals("landloom: inspect needs files; give the path of one or more\n", none.err());
    assertEquals("", none.out());
    assertEquals(2, none.code());
    SparkTest.Ended unknown = inspect("--yaml", "a.tif");
    assertTrue(unknown.err().startsWith("Unknown option: '--yaml'"), unknown.err());
    assertEquals(1, unknown.code());
  }

  @Test
  void namesAreEscaped() throws IOException {
    // a line end, a terminal's escape, a quote, a backslash, right-to-left, and what Hadoop reads
    // into names: colons, globs, percent signs
    String name = "a\n\u001b[31m\"\\\u202e é {b,c}*?%20 x:y.tif";
    Path file = tiff(name);
    SparkTest.Ended json = inspect("--json", file);
    assertTrue(
        json.out()
            .startsWith(
                "{\"file\": \""
                    + folder
                    + "/a\\u000a\\u001b[31m\\\"\\\\\\u202e \\u00e9 {b,c}*?%20 x:y.tif\","
                    + " \"status\": \"read\""),
        json.out());
    assertEquals(1, json.out().lines().count());
    SparkTest.Ended text = inspect(file);
    assertTrue(
        text.out()
            .startsWith(
                folder + "/a\\u{a}\\u{1b}[31m\"\\\\u{202e} é {b,c}*?%20 x:y.tif\n  status  read\n"),
        text.out());
    assertEquals(0, text.code());
  }

  @Test
  void readsPngAndJpegToo() throws IOException {
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_3BYTE_BGR);
    for (int i = 0; i < 6; i++) {
      image.setRGB(i % 3, i / 3, 0x0A1464);
    }
    Path png = folder.resolve("a.png");
    ImageIO.write(image, "png", png.toFile());
    SparkTest.Ended ended = inspect("--json", png);
    assertTrue(ended.out().contains("\"sums\": [60, 120, 600]"), ended.out());
    assertTrue(ended.out().contains("\"crs\": null"), ended.out());
    assertEquals(0, ended.code());
  }

  @Test
  void readsFromHdfs() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("dfs").toString());
    MiniDFSCluster cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    try {
      cluster.waitActive();
      URI root = cluster.getFileSystem().getUri();
      org.apache.hadoop.fs.Path remote = new org.apache.hadoop.fs.Path(root + "/scenes/a.tif");
      cluster
          .getFileSystem()
          .copyFromLocalFile(new org.apache.hadoop.fs.Path(tiff("a.tif").toUri()), remote);
      SparkTest.Ended ended = inspect("--json", remote, root + "/scenes/b.tif");
      String[] lines = ended.out().split("\n");
      assertTrue(
          lines[0].startsWith("{\"file\": \"" + remote + "\", \"status\": \"read\""), lines[0]);
      assertTrue(lines[0].endsWith("\"sums\": [198, 210, 222]}"), lines[0]);
      assertTrue(lines[1].contains("File does not exist: " + root + "/scenes/b.tif"), lines[1]);
      assertEquals(2, ended.code());
    } finally {
      cluster.shutdown(true);
    }
  }

  @Test
  void anUnknownFileSystemAndAnEmptyNameAreTheUsersErrors() {
    SparkTest.Ended ended = inspect("--json", "nfs9://host/a.tif", "");
    String[] lines = ended.out().split("\n");
    assertTrue(lines[0].contains("No FileSystem for scheme \\\"nfs9\\\""), lines[0]);
    assertTrue(lines[1].contains("Can not create a Path from an empty string"), lines[1]);
    assertEquals(2, ended.code());
  }

  @Test
  void aFileSystemThatIsNotThereEndsWith5() {
    SparkTest.Ended ended = inspect("--json", "hdfs://localhost:1/a.tif");
    assertTrue(ended.out().contains("\"status\": \"refused\""), ended.out());
    assertEquals(5, ended.code());
    assertTrue(StandardCharsets.US_ASCII.newEncoder().canEncode(ended.out()), ended.out());
  }
}
