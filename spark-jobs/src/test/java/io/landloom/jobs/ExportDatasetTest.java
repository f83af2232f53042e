package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.format.SceneReaders;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.LocalByteSource;
import io.landloom.geo.tiff.TiffLimits;
import io.landloom.jobs.export.RunLengthsTest;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every format, read back by the JDK, Arrow and geo-io, holds the stored pixels. */
class ExportDatasetTest extends SparkTest {
  private static final int SIZE = 32;

  private static String root;
  private static Map<String, Stored> stored;

  /**
   * A patch or a pair as the dataset holds it.
   *
   * @param image its pixels: red, green and blue by turns
   * @param mask class indices
   * @param imageBytes the PNG
   * @param row the row of the table
   */
  private record Stored(
      String split, int[] image, int[] mask, byte[] imageBytes, byte[] maskBytes, Row row) {}

  @BeforeAll
  static void pairs() throws IOException {
    root = shared.resolve("dataset").toString();
    succeed(
        "simulate",
        "output.root=" + root,
        "simulate.width=192",
        "simulate.height=160",
        "simulate.block=64");
    succeed(
        "tile",
        "output.root=" + root,
        "input.scenes=" + root + "/images",
        "input.labels=" + root + "/labels",
        "splits.block=1",
        "output.bucketRows=6",
        "patch.size=" + SIZE);
    succeed("train", TinyNetworks.with("output.root=" + root, "csebgan.steps=1"));
    String bundle;
    try (Stream<Path> files = Files.list(Path.of(root))) {
      bundle =
          files
              .filter(file -> file.getFileName().toString().startsWith("run_id=train-"))
              .findFirst()
              .orElseThrow()
              .resolve("bundle")
              .toString();
    }
    succeed("plan", "output.root=" + root);
    succeed(
        "synthesize",
        "output.root=" + root,
        "model=" + bundle,
        "gates.leastRange=0",
        "gates.mostSaturated=1");
    stored = stored(root);
    assertTrue(stored.keySet().stream().anyMatch(name -> name.endsWith("_s0")));
    assertEquals(
        Set.of("train", "val", "test"),
        stored.values().stream().map(Stored::split).collect(Collectors.toSet()));
  }

  private static Map<String, Stored> stored(String dataset) throws IOException {
    Map<String, Stored> all = new TreeMap<>();
    for (String table : List.of("patches", "pairs")) {
      for (Row row : spark.read().parquet(dataset + "/run_id=*/" + table).collectAsList()) {
        String name =
            row.<String>getAs("scene_id") + "_r" + row.getAs("row") + "_c" + row.getAs("col");
        byte[] image = row.getStruct(row.fieldIndex("image")).getAs("bytes");
        byte[] mask = row.getStruct(row.fieldIndex("mask")).getAs("bytes");
        all.put(
            table.equals("pairs") ? name + "_s" + row.getAs("copy") : name,
            new Stored(row.getAs("split"), samples(image), samples(mask), image, mask, row));
      }
    }
    return all;
  }

  private static int[] samples(byte[] file) throws IOException {
    return samples(ImageIO.read(new ByteArrayInputStream(file)));
  }

  private static int[] samples(BufferedImage image) {
    return image.getRaster().getPixels(0, 0, image.getWidth(), image.getHeight(), (int[]) null);
  }

  private static int[] samples(Path file) throws IOException {
    BufferedImage image = ImageIO.read(file.toFile());
    assertTrue(image != null, "the JDK cannot read " + file);
    return samples(image);
  }

  /** Unknown is 0 in gid15. */
  private static int[] unknown255(int[] mask) {
    return Arrays.stream(mask).map(index -> index == 0 ? 255 : index - 1).toArray();
  }

  private String export(String format, String... more) {
    return succeed("export", keys(root, format, folder.resolve("out"), more));
  }

  private static String[] keys(String dataset, String format, Path to, String... more) {
    return Stream.concat(
            Stream.of("output.root=" + dataset, "export.format=" + format, "export.to=" + to),
            Stream.of(more))
        .toArray(String[]::new);
  }

  private static Set<String> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .filter(name -> !name.endsWith("run.json") && !name.endsWith(".crc"))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /** All files but the record, which has dates. */
  private static Map<String, byte[]> contents(Path folder) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    for (String name : files(folder)) {
      contents.put(name, Files.readAllBytes(folder.resolve(name)));
    }
    return contents;
  }

  private static void assertSame(Map<String, byte[]> expected, Map<String, byte[]> actual) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, bytes) -> assertArrayEquals(bytes, actual.get(name), name));
  }

  @Test
  void mmsegmentationHasTheStoredImagesAndUnknownAs255() throws IOException {
    String out = export("mmsegmentation");
    assertTrue(out.contains("pairs: " + stored.size() + " {test="), out);
    Path to = folder.resolve("out");
    Set<String> expected = new TreeSet<>(Set.of("classes.json"));
    for (Map.Entry<String, Stored> one : stored.entrySet()) {
      String file = one.getValue().split() + "/" + one.getKey() + ".png";
      expected.add("img_dir/" + file);
      expected.add("ann_dir/" + file);
      assertArrayEquals(
          one.getValue().imageBytes(), Files.readAllBytes(to.resolve("img_dir/" + file)), file);
      assertArrayEquals(
          unknown255(one.getValue().mask()), samples(to.resolve("ann_dir/" + file)), file);
    }
    assertEquals(expected, files(to));
    Config classes = ConfigFactory.parseFile(to.resolve("classes.json").toFile());
    assertEquals(15, classes.getStringList("classes").size());
    assertEquals("industrial land", classes.getStringList("classes").get(0));
    assertEquals(List.of(200, 0, 0), classes.getList("palette").get(0).unwrapped());
    assertFalse(classes.getBoolean("reduce_zero_label"));
  }

  @Test
  void masksOfTheSchemesIndicesAreTheStoredFiles() throws IOException {
    export("mmsegmentation", "export.indices=keep", "export.scope=real", "export.splits=[val]");
    Path to = folder.resolve("out");
    int found = 0;
    for (Map.Entry<String, Stored> one : stored.entrySet()) {
      Path mask = to.resolve("ann_dir/val/" + one.getKey() + ".png");
      if (one.getValue().split().equals("val")) {
        found++;
        assertArrayEquals(one.getValue().maskBytes(), Files.readAllBytes(mask));
      }
    }
    assertEquals(1 + 2 * found, files(to).size());
    assertTrue(
        ConfigFactory.parseFile(to.resolve("classes.json").toFile())
            .getBoolean("reduce_zero_label"));
  }

  @Test
  void torchgeoHasTiffsAndGrayMasks() throws IOException {
    export("torchgeo");
    Path to = folder.resolve("out/GID");
    for (Map.Entry<String, Stored> one : stored.entrySet()) {
      String file = one.getValue().split() + "/" + one.getKey();
      assertArrayEquals(one.getValue().image(), samples(to.resolve("img_dir/" + file + ".tif")));
      Path mask = to.resolve("ann_dir/" + file + "_15label.png");
      assertArrayEquals(one.getValue().mask(), samples(mask));
      BufferedImage gray = ImageIO.read(mask.toFile());
      assertEquals(BufferedImage.TYPE_BYTE_GRAY, gray.getType(), "a palette would turn to grays");
    }
    assertEquals(1 + 2 * stored.size(), files(folder.resolve("out")).size());
  }

  @Test
  void cocoHasEveryLabelledPixelInOneAnnotation() throws IOException {
    export("coco");
    Set<Long> imageIds = new HashSet<>();
    Set<Long> annotationIds = new HashSet<>();
    int annotations = 0;
    int images = 0;
    for (String split : List.of("train", "val", "test")) {
      Path to = folder.resolve("out");
      Config coco =
          ConfigFactory.parseFile(to.resolve("annotations/stuff_" + split + ".json").toFile());
      assertEquals(15, coco.getConfigList("categories").size());
      Map<Long, int[]> masks = new HashMap<>();
      Map<Long, String> names = new HashMap<>();
      for (Config image : coco.getConfigList("images")) {
        String file = image.getString("file_name");
        Stored expected = stored.get(file.substring(0, file.length() - 4));
        assertEquals(split, expected.split());
        assertArrayEquals(
            expected.imageBytes(), Files.readAllBytes(to.resolve(split + "/" + file)));
        assertTrue(imageIds.add(image.getLong("id")));
        masks.put(image.getLong("id"), new int[SIZE * SIZE]);
        names.put(image.getLong("id"), file.substring(0, file.length() - 4));
        images++;
      }
      for (Config annotation : coco.getConfigList("annotations")) {
        assertTrue(annotationIds.add(annotation.getLong("id")));
        int[] mask = masks.get(annotation.getLong("image_id"));
        byte[] shown =
            RunLengthsTest.decode(annotation.getString("segmentation.counts"), SIZE, SIZE);
        int area = 0;
        List<Integer> box = annotation.getIntList("bbox");
        for (int i = 0; i < shown.length; i++) {
          if (shown[i] == 1) {
            assertEquals(0, mask[i], "a pixel in two annotations");
            mask[i] = annotation.getInt("category_id");
            area++;
            int x = i % SIZE - box.get(0);
            int y = i / SIZE - box.get(1);
            assertTrue(x >= 0 && y >= 0 && x < box.get(2) && y < box.get(3), box.toString());
          }
        }
        assertEquals(annotation.getInt("area"), area);
        annotations++;
      }
      masks.forEach((id, mask) -> assertArrayEquals(stored.get(names.get(id)).mask(), mask));
    }
    assertEquals(stored.size(), images);
    assertTrue(annotations > images);
    assertFalse(Files.exists(folder.resolve("out/_parts")));
  }

  @Test
  void webDatasetHasTheFilesOfASampleTogether() throws IOException {
    export("webdataset", "export.shardRows=10");
    Map<String, List<String>> samples = new TreeMap<>();
    for (String shard : files(folder.resolve("out"))) {
      if (shard.endsWith(".tar")) {
        String last = "";
        for (Map.Entry<String, byte[]> file : untar(folder.resolve("out/" + shard)).entrySet()) {
          int dot = file.getKey().indexOf('.');
          String key = file.getKey().substring(0, dot);
          assertTrue(key.equals(last) || !samples.containsKey(key), key + " is in two places");
          last = key;
          samples
              .computeIfAbsent(key, one -> new ArrayList<>())
              .add(file.getKey().substring(dot + 1));
          Stored expected = stored.get(key);
          assertTrue(shard.startsWith(expected.split() + "-"), shard);
          switch (file.getKey().substring(dot + 1)) {
            case "image.png" -> assertArrayEquals(expected.imageBytes(), file.getValue());
            case "mask.png" -> assertArrayEquals(expected.maskBytes(), file.getValue());
            default -> {
              Config json =
                  ConfigFactory.parseString(new String(file.getValue(), StandardCharsets.UTF_8));
              assertEquals(expected.row().getAs("scene_id"), json.getString("scene_id"));
              assertEquals(
                  expected.row().getList(expected.row().fieldIndex("class_pixels")),
                  json.getLongList("class_pixels"));
            }
          }
        }
      }
    }
    assertEquals(stored.keySet(), samples.keySet());
    samples.values().forEach(of -> assertEquals(List.of("image.png", "mask.png", "json"), of));
    assertTrue(Files.exists(folder.resolve("out/train-000000.tar")));
    assertTrue(Files.exists(folder.resolve("out/train-000001.tar")), "shards are numbered on");
  }

  /** Files of a tar in their order, by the fields of POSIX's ustar. */
  private static Map<String, byte[]> untar(Path tar) throws IOException {
    byte[] bytes = Files.readAllBytes(tar);
    Map<String, byte[]> files = new java.util.LinkedHashMap<>();
    int at = 0;
    while (bytes[at] != 0) {
      String name = new String(bytes, at, 100, StandardCharsets.US_ASCII);
      int size = Integer.parseInt(new String(bytes, at + 124, 11, StandardCharsets.US_ASCII), 8);
      int stated = Integer.parseInt(new String(bytes, at + 148, 6, StandardCharsets.US_ASCII), 8);
      int sum = 8 * ' ';
      for (int i = 0; i < 512; i++) {
        sum += i >= 148 && i < 156 ? 0 : bytes[at + i] & 0xFF;
      }
      assertEquals(stated, sum);
      files.put(
          name.substring(0, name.indexOf('\u0000')),
          Arrays.copyOfRange(bytes, at + 512, at + 512 + size));
      at += 512 + (size + 511) / 512 * 512;
    }
    assertEquals(bytes.length, at + 1024);
    return files;
  }

  @Test
  void arrowHasTheStoredBytes() throws IOException {
    export("arrow");
    int rows = 0;
    try (RootAllocator allocator = new RootAllocator()) {
      for (String split : List.of("train", "val", "test")) {
        try (ArrowFileReader reader =
            new ArrowFileReader(
                Files.newByteChannel(folder.resolve("out/" + split + "-000000.arrow")),
                allocator)) {
          VectorSchemaRoot batch = reader.getVectorSchemaRoot();
          while (reader.loadNextBatch()) {
            assertTrue(batch.getRowCount() <= 100);
            for (int i = 0; i < batch.getRowCount(); i++) {
              Object copy = batch.getVector("copy").getObject(i);
              String name =
                  batch.getVector("scene_id").getObject(i)
                      + "_r"
                      + batch.getVector("row").getObject(i)
                      + "_c"
                      + batch.getVector("col").getObject(i)
                      + (copy == null ? "" : "_s" + copy);
              Stored expected = stored.get(name);
              assertEquals(split, expected.split());
              assertArrayEquals(expected.imageBytes(), bytes(batch, "image", i));
              assertArrayEquals(expected.maskBytes(), bytes(batch, "mask", i));
              assertEquals(
                  expected.row().getList(expected.row().fieldIndex("class_pixels")),
                  batch.getVector("class_pixels").getObject(i));
              if (copy == null) {
                assertEquals(
                    expected.row().getList(expected.row().fieldIndex("transform")),
                    batch.getVector("transform").getObject(i));
              } else {
                assertNull(batch.getVector("transform").getObject(i));
              }
              rows++;
            }
          }
        }
      }
    }
    assertEquals(stored.size(), rows);
  }

  private static byte[] bytes(VectorSchemaRoot batch, String column, int row) {
    StructVector struct = (StructVector) batch.getVector(column);
    return ((VarBinaryVector) struct.getChild("bytes")).get(row);
  }

  @Test
  void geoTiffsHavePlaceAndPalette() throws IOException {
    export("geotiff");
    for (Map.Entry<String, Stored> one : stored.entrySet()) {
      Stored expected = one.getValue();
      String file = expected.split() + "/" + one.getKey() + ".tif";
      Path image = folder.resolve("out/images/" + file);
      Path mask = folder.resolve("out/masks/" + file);
      assertArrayEquals(expected.image(), samples(image));
      assertArrayEquals(expected.mask(), samples(mask));
      IndexColorModel palette = (IndexColorModel) ImageIO.read(mask.toFile()).getColorModel();
      assertEquals(0xC80000, palette.getRGB(1) & 0xFFFFFF, "industrial land");
      for (Path tiff : List.of(image, mask)) {
        try (SceneReader reader =
            SceneReaders.open(LocalByteSource.open(tiff), TiffLimits.defaults())) {
          if (one.getKey().contains("_s")) {
            assertNull(reader.header().georeference(), "a synthetic image shows no place");
          } else {
            assertEquals(expected.row().<String>getAs("crs"), reader.header().georeference().crs());
            assertEquals(
                expected.row().getList(expected.row().fieldIndex("transform")),
                Arrays.stream(reader.header().georeference().transform()).boxed().toList());
          }
        }
      }
    }
  }

  @Test
  void aSecondStartDoesNothingAndOtherFoldersAreLeftAlone() throws IOException {
    export("arrow");
    Map<String, byte[]> before = contents(folder.resolve("out"));
    String again = export("arrow");
    assertTrue(again.contains(" is already published with the same inputs; nothing to do"), again);
    Ended other =
        landloom("export", keys(root, "arrow", folder.resolve("out"), "export.splits=[val]"));
    assertEquals(2, other.code());
    assertTrue(other.err().contains(": there is another export, export-"), other.err());
    assertSame(before, contents(folder.resolve("out")));
    Path taken = Files.createDirectory(folder.resolve("taken"));
    Ended refused = landloom("export", keys(root, "arrow", taken));
    assertEquals(2, refused.code());
    assertTrue(
        refused.err().contains(": there is something that is no export; name another folder"),
        refused.err());
    assertEquals(Set.of(), files(taken));
    assertFalse(Files.exists(folder.resolve("_staging")));
  }

  @Test
  void aKilledExportGoesOnAndNothingIsSeenBefore() throws IOException, InterruptedException {
    Path whole = folder.resolve("whole");
    succeed("export", keys(root, "coco", whole, "export.shardRows=1"));
    for (int i = 0; i < 10; i++) {
      Path around = Files.createDirectory(folder.resolve("killed-" + i));
      String[] keys = keys(root, "coco", around.resolve("out"), "export.shardRows=1");
      Process driver = driver(keys, folder.resolve(i + ".log"));
      while (staged(around) < 2 && !driver.waitFor(1, TimeUnit.MILLISECONDS)) {
        assertFalse(Files.exists(around.resolve("out/annotations")) && staged(around) > 0);
      }
      driver.destroyForcibly();
      if (driver.waitFor() == 137 && !Files.exists(around.resolve("out"))) {
        int kept = staged(around);
        assertTrue(kept >= 2, "killed too early");
        DriverKills.letLeaseDie(around);
        String out = succeed("export", keys);
        assertTrue(out.contains(kept + " of "), out);
        assertTrue(out.contains(" buckets were staged before"), out);
        assertSame(contents(whole), contents(around.resolve("out")));
        assertFalse(Files.exists(around.resolve("_staging")));
        try (Stream<Path> left = Files.list(around.resolve("out"))) {
          assertTrue(left.noneMatch(file -> file.getFileName().toString().startsWith("_")));
        }
        return;
      }
    }
    throw new AssertionError("ten drivers ended before they could be killed");
  }

  private static int staged(Path around) throws IOException {
    if (!Files.exists(around.resolve("_staging"))) {
      return 0;
    }
    try (Stream<Path> files = Files.find(around.resolve("_staging"), 3, (file, of) -> true)) {
      return (int)
          files
              .filter(file -> file.getParent().getFileName().toString().equals("_buckets"))
              .filter(file -> file.getFileName().toString().matches("\\d+"))
              .count();
    } catch (java.io.UncheckedIOException e) {
      return 0; // a folder went away while it was looked at
    }
  }

  private static Process driver(String[] keys, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens"))
        .forEach(command::add);
    command.addAll(List.of("-Dspark.master=local[1]", "-Xmx768m", "-Djava.awt.headless=true"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp"));
    command.addAll(List.of(System.getProperty("java.class.path"), Main.class.getName(), "export"));
    for (String key : keys) {
      command.addAll(List.of("--set", key));
    }
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  @Test
  void rawImagesAreKeptOrRefusedByName() throws IOException {
    BufferedImage deep = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_USHORT_GRAY);
    for (int i = 0; i < SIZE * SIZE; i++) {
      deep.getRaster().setSample(i % SIZE, i / SIZE, 0, i * 63 & 0xFFFF);
    }
    Path image = folder.resolve("images/sub/x.y.png");
    Files.createDirectories(image.getParent());
    assertTrue(ImageIO.write(deep, "png", image.toFile()));
    int water = TestScenes.color("mbrsc", 0);
    TestScenes.write(folder.resolve("labels/sub/x.y.png"), SIZE, SIZE, (x, y) -> water);
    String dataset = folder.resolve("deep").toString();
    succeed(
        "tile",
        "output.root=" + dataset,
        "input.scenes=" + folder.resolve("images"),
        "input.labels=" + folder.resolve("labels"),
        "scheme=mbrsc",
        "patch.size=" + SIZE);
    Ended refused =
        landloom("export", keys(dataset, "coco", folder.resolve("coco"), "scheme=mbrsc"));
    assertEquals(2, refused.code());
    assertTrue(
        refused
            .err()
            .contains(
                "export.format = coco takes images of 8 bits with 1 or 3 bands, and there are"
                    + " images of uint16 x 1 bands; export as geotiff, arrow or webdataset"),
        refused.err());
    succeed("export", keys(dataset, "geotiff", folder.resolve("tiff"), "scheme=mbrsc"));
    String tiff =
        files(folder.resolve("tiff")).stream()
            .filter(name -> name.startsWith("images/"))
            .findFirst()
            .orElseThrow();
    assertTrue(tiff.endsWith("/sub~2Fx~2Ey_r0_c0.tif"), tiff);
    assertArrayEquals(samples(deep), samples(folder.resolve("tiff/" + tiff)));
    succeed("export", keys(dataset, "webdataset", folder.resolve("tar"), "scheme=mbrsc"));
    String shard =
        files(folder.resolve("tar")).stream()
            .filter(name -> name.endsWith(".tar"))
            .findFirst()
            .orElseThrow();
    byte[] array = untar(folder.resolve("tar/" + shard)).get("sub~2Fx~2Ey_r0_c0.image.npy");
    assertEquals(128 + 2 * SIZE * SIZE, array.length);
    assertTrue(
        new String(array, 10, 118, StandardCharsets.US_ASCII)
            .startsWith("{'descr': '<u2', 'fortran_order': False, 'shape': (32, 32, 1), }"));
    assertEquals(63 * 5, (array[128 + 2 * 5] & 0xFF) | (array[128 + 2 * 5 + 1] & 0xFF) << 8);
  }
}
