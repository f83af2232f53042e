package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** What of a scene's pixels is stored, and how: bands, stretch, raw or PNG, and missing data. */
class StoredPixelsTest extends SparkTest {
  private static final int SIZE = 32;
  private static final TestTiff.Samples BYTES = new TestTiff.Samples(1, 8);

  private String[] sets(String... more) {
    List<String> sets =
        new ArrayList<>(
            List.of(
                "output.root=" + folder.resolve("out"),
                "input.scenes=" + folder.resolve("images"),
                "input.labels=none",
                "scheme=mbrsc",
                "patch.size=" + SIZE));
    sets.addAll(List.of(more));
    return sets.toArray(String[]::new);
  }

  private String tile(String... more) {
    return succeed("tile", sets(more));
  }

  private void refused(int code, String message, String... more) {
    Ended ended = landloom("tile", sets(more));
    assertEquals(code, ended.code(), ended.err());
    assertTrue(ended.err().contains(message), ended.err());
  }

  private List<Row> patches() {
    return spark
        .read()
        .parquet(folder + "/out/run_id=*/patches")
        .orderBy("scene_id", "row", "col")
        .collectAsList();
  }

  private static byte[] bytes(Row row, String column) {
    return row.getStruct(row.fieldIndex(column)).getAs("bytes");
  }

  private static BufferedImage picture(Row row, String column) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(bytes(row, column)));
  }

  private Path image(String name) throws IOException {
    return Files.createDirectories(folder.resolve("images")).resolve(name);
  }

  private static int deep(int x, int y) {
    return (x * 1999 + y * 77) & 0xFFFF;
  }

  /** A scene of one band of 16 bits. */
  private void writeDeep(String name, int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_USHORT_GRAY);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.getRaster().setSample(x, y, 0, deep(x, y));
      }
    }
    assertTrue(ImageIO.write(image, "png", image(name).toFile()));
  }

  /** A scene of four bands of 8 bits: texture and x + y. */
  private void writeFourBands(String name, int width, int height) {
    byte[] content = new byte[4 * width * height];
    for (int pixel = 0; pixel < width * height; pixel++) {
      int rgb = TestScenes.texture(pixel % width, pixel / width);
      content[4 * pixel] = (byte) (rgb >> 16);
      content[4 * pixel + 1] = (byte) (rgb >> 8);
      content[4 * pixel + 2] = (byte) rgb;
      content[4 * pixel + 3] = (byte) (pixel % width + pixel / width);
    }
    TestTiff.write(folder.resolve("images").resolve(name), width, height, 4, BYTES, null, content);
  }

  @Test
  void samplesOf16BitsAreStoredAsTheyAre() throws IOException {
    writeDeep("a.png", 64, 32);
    assertTrue(tile().contains("images: raw"));
    Row right = patches().get(1);
    assertEquals("uint16", right.getAs("dtype"));
    assertEquals("raw", right.getAs("image_format"));
    assertEquals("a/0/1.raw", right.getStruct(right.fieldIndex("image")).getAs("path"));
    ByteBuffer pixels = ByteBuffer.wrap(bytes(right, "image")).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(2 * SIZE * SIZE, pixels.capacity());
    for (int y = 0; y < SIZE; y++) {
      for (int x = 0; x < SIZE; x++) {
        assertEquals(deep(SIZE + x, y), pixels.getShort(2 * (y * SIZE + x)) & 0xFFFF);
      }
    }
    succeed("verify", "output.root=" + folder.resolve("out"), "scheme=mbrsc");
  }

  @Test
  void oneSceneThatNoPngHoldsMakesTheWholeRunRaw() throws IOException {
    TestScenes.write(folder.resolve("images/a.png"), SIZE, SIZE, TestScenes::texture);
    writeFourBands("b.tif", SIZE, SIZE);
    tile();
    List<Row> rows = patches();
    assertEquals(List.of(3, 4), rows.stream().map(row -> row.<Integer>getAs("bands")).toList());
    assertEquals(3 * SIZE * SIZE, bytes(rows.get(0), "image").length);
    byte[] four = bytes(rows.get(1), "image");
    assertEquals(4 * SIZE * SIZE, four.length);
    int at = 4 * (5 * SIZE + 7);
    assertEquals((7 * 37 + 5 * 11) & 0xFF, four[at] & 0xFF);
    assertEquals(7 + 5, four[at + 3]);
  }

  @Test
  void whatNoPngHoldsIsRefusedByNameWherePngIsAskedFor() {
    writeFourBands("b.tif", SIZE, SIZE);
    refused(
        4,
        "images/b.tif: 4 bands of uint8 do not fit a PNG, which takes 1 or 3 bands of uint8;"
            + " set output.images=raw, or choose with input.bands and input.stretch=MIN..MAX",
        "output.images=png");
  }

  @Test
  void theBandsThatAreAskedForAreStoredInTheirOrder() throws IOException {
    writeFourBands("b.tif", SIZE, SIZE);
    tile("input.bands=[4, 1, 2]");
    Row row = patches().get(0);
    assertEquals("png", row.getAs("image_format"));
    int rgb = TestScenes.texture(7, 5);
    assertEquals((7 + 5) << 16 | rgb >> 8, picture(row, "image").getRGB(7, 5) & 0xFFFFFF);
  }

  @Test
  void aBandThatASceneDoesNotHaveIsRefused() {
    writeFourBands("b.tif", SIZE, SIZE);
    refused(
        4, "images/b.tif: input.bands = [1, 5], but the scene has 4 bands", "input.bands=[1, 5]");
  }

  @Test
  void aStatedStretchMakes8Bits() throws IOException {
    writeDeep("a.png", SIZE, SIZE);
    tile("input.stretch=1000..5000");
    Row row = patches().get(0);
    assertEquals("uint8", row.getAs("dtype"));
    BufferedImage image = picture(row, "image");
    // 0, 1999, 3998 and 5997 from 1000..5000: 0, 999 / 4000 * 255 = 63.7, 191.1, above
    assertEquals(0, image.getRaster().getSample(0, 0, 0));
    assertEquals(64, image.getRaster().getSample(1, 0, 0));
    assertEquals(191, image.getRaster().getSample(2, 0, 0));
    assertEquals(255, image.getRaster().getSample(3, 0, 0));
  }

  @Test
  void otherTypesAreTakenWithAStatedStretchOnly() throws IOException {
    ByteBuffer content = ByteBuffer.allocate(4 * SIZE * SIZE).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < SIZE * SIZE; i++) {
      content.putFloat(i == 1 ? Float.NaN : i / 2048f);
    }
    TestTiff.write(
        image("f.tif"), SIZE, SIZE, 1, new TestTiff.Samples(3, 32), null, content.array());
    refused(
        4,
        "images/f.tif: samples of float32 are taken with a stated stretch only;"
            + " set input.stretch=MIN..MAX");
    tile("input.stretch=-0.5..0.5");
    BufferedImage image = picture(patches().get(0), "image");
    assertEquals(128, image.getRaster().getSample(0, 0, 0)); // 0.5 of 255, half up
    assertEquals(0, image.getRaster().getSample(1, 0, 0)); // not a number
    assertEquals(191, image.getRaster().getSample(0, 16, 0)); // 512 / 2048: 0.75 of 255
    assertEquals(255, image.getRaster().getSample(31, 31, 0)); // 1023 / 2048: 254.9
  }

  @Test
  void aStretchThatIsNoneIsRefused() throws IOException {
    writeDeep("a.png", SIZE, SIZE);
    refused(
        2, "input.stretch = 12: expected keep, or MIN..MAX such as 0..4095", "input.stretch=12");
    refused(
        2,
        "input.stretch = 5..1: stretch from 5.0 to 1.0: it needs a minimum below its maximum",
        "input.stretch=5..1");
  }

  /** A scene of three bands, and a label, that hold nothing in their first columns. */
  private void writeWithHoles(int withoutImage, int withoutLabel) throws IOException {
    byte[] content = new byte[3 * SIZE * SIZE];
    byte[] codes = new byte[SIZE * SIZE];
    for (int pixel = 0; pixel < SIZE * SIZE; pixel++) {
      int x = pixel % SIZE;
      for (int band = 0; band < 3; band++) {
        // one band alone may have the value that means nothing
        content[3 * pixel + band] = (byte) (x < withoutImage ? 9 : band == 0 ? 9 : 100);
      }
      codes[pixel] = (byte) (x < withoutLabel ? 77 : 2);
    }
    TestTiff.write(image("h.tif"), SIZE, SIZE, 3, BYTES, "9", content);
    Files.createDirectories(folder.resolve("labels"));
    TestTiff.write(folder.resolve("labels/h.tif"), SIZE, SIZE, 1, BYTES, "77", codes);
  }

  @Test
  void pixelsWithoutImageOrLabelAreUnknown() throws IOException {
    writeWithHoles(4, 12);
    tile("input.labels=" + folder.resolve("labels"), "labels.coding=index");
    Row row = patches().get(0);
    assertEquals(
        List.of(0L, 0L, 20L * SIZE, 0L, 0L, 12L * SIZE),
        row.getList(row.fieldIndex("class_pixels")));
    assertEquals(12.0 / SIZE, row.<Double>getAs("unknown_fraction"));
    assertEquals(9 << 16 | 9 << 8 | 9, picture(row, "image").getRGB(0, 0) & 0xFFFFFF);
    assertEquals(255, picture(row, "mask").getRaster().getSample(11, 31, 0));
    assertEquals(2, picture(row, "mask").getRaster().getSample(12, 0, 0));
  }

  @Test
  void unlabelledPatchesWithTooLittleDataAreDroppedForThat() throws IOException {
    writeWithHoles(26, 0);
    assertTrue(tile().contains("patches: 0 kept, 1 dropped {nodata=1}"));
    succeed("verify", "output.root=" + folder.resolve("out"), "scheme=mbrsc");
  }

  @Test
  void unlabelledPatchesWithEnoughDataAreKept() throws IOException {
    writeWithHoles(25, 0);
    assertTrue(tile().contains("patches: 1 kept, 0 dropped {}"));
  }

  @Test
  void rawMasksHoldAClassIndexAPixel() {
    TestScenes.striped(folder, "a", SIZE, SIZE);
    tile("input.labels=" + folder.resolve("labels"), "output.masks=raw");
    Row row = patches().get(0);
    assertEquals("png", row.getAs("image_format"));
    assertEquals("raw", row.getAs("mask_format"));
    byte[] expected = new byte[SIZE * SIZE];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (byte) (i % SIZE / 16);
    }
    assertArrayEquals(expected, bytes(row, "mask"));
    assertEquals("a/0/0_mask.raw", row.getStruct(row.fieldIndex("mask")).getAs("path"));
    succeed("verify", "output.root=" + folder.resolve("out"), "scheme=mbrsc");
  }

  @Test
  void deflatedPngsHoldTheSamePixelsInFewerBytes() throws IOException {
    TestScenes.write(
        folder.resolve("images/a.png"), SIZE, SIZE, (x, y) -> (x / 8 * 40 + y / 8) * 0x010101);
    tile();
    Row fast = patches().get(0);
    tile("output.png=deflate", "output.root=" + folder.resolve("small"));
    Row small = spark.read().parquet(folder + "/small/run_id=*/patches").head();
    assertTrue(bytes(small, "image").length < bytes(fast, "image").length);
    assertArrayEquals(
        picture(fast, "image").getRGB(0, 0, SIZE, SIZE, null, 0, SIZE),
        picture(small, "image").getRGB(0, 0, SIZE, SIZE, null, 0, SIZE));
  }

  @Test
  void aFlippedBitOfRawPixelsIsFoundByVerify() throws IOException {
    TestScenes.striped(folder, "a", 64, 64);
    tile("input.labels=" + folder.resolve("labels"), "output.images=raw");
    List<Path> parts = TestDamage.flipBitOfImages(folder.resolve("out"));
    Ended ended = landloom("verify", "output.root=" + folder.resolve("out"), "scheme=mbrsc");
    assertEquals(4, ended.code(), ended.err());
    String found = "verify found {damaged-file=" + parts.size() + "}: damaged-file file:";
    assertTrue(ended.err().contains(found + parts.get(0) + ": "), ended.err());
    assertTrue(ended.err().contains("CRC checksum verification failed"), ended.err());
    assertEquals(1, ended.err().lines().filter(line -> line.startsWith("landloom: ")).count());
    assertFalse(ended.err().contains("\tat "), ended.err());
  }

  @Test
  void aFileThatIsCutOffIsFoundByVerify() throws IOException {
    TestScenes.striped(folder, "a", 64, 64);
    tile("input.labels=" + folder.resolve("labels"), "output.images=raw");
    Path part = TestDamage.flipBitOfImages(folder.resolve("out")).get(0);
    byte[] bytes = Files.readAllBytes(part);
    Files.write(part, Arrays.copyOf(bytes, bytes.length / 2));
    Ended ended = landloom("verify", "output.root=" + folder.resolve("out"), "scheme=mbrsc");
    assertEquals(4, ended.code(), ended.err());
    assertTrue(ended.err().contains("damaged-file file:" + part + ": "), ended.err());
    assertTrue(ended.err().contains("is not a Parquet file"), ended.err());
  }

  @Test
  void whatChangesNoStoredByteMakesNoOtherRun() throws IOException {
    writeDeep("a.png", 64, 32); // 16 bits, so raw
    tile();
    String nothing = "is already published with the same inputs; nothing to do";
    assertTrue(tile("output.png=deflate").contains(nothing));
    assertTrue(tile("output.masks=raw").contains(nothing)); // without labels
  }

  @Test
  void aModelLearnsFromRawPatchesAndIsConditionedOnRawMasks() {
    TestScenes.striped(folder, "a", 128, 64);
    String root = "output.root=" + folder.resolve("out");
    String scheme = "scheme=mbrsc";
    tile(
        "input.labels=" + folder.resolve("labels"),
        "output.images=raw",
        "output.masks=raw",
        "splits.shares=[1, 0, 0]");
    succeed("train", TinyNetworks.with(root, scheme, "csebgan.steps=1"));
    succeed("plan", root, scheme);
    String bundle =
        spark
            .read()
            .format("binaryFile")
            .option("recursiveFileLookup", "true")
            .load(folder.resolve("out").toString())
            .where("path LIKE '%card.json'")
            .select("path")
            .head()
            .getString(0)
            .replace("file:", "")
            .replace("/card.json", "");
    succeed("synthesize", root, scheme, "model=" + bundle, "synthesize.batch=4");
    succeed("summarize", root, scheme);
    succeed("verify", root, scheme);
    succeed("report", root, scheme);
    Row pair = spark.read().parquet(folder + "/out/run_id=*/pairs").orderBy("condition").head();
    assertEquals("png", pair.getAs("mask_format"));
    assertEquals(
        List.of(512L, 512L, 0L, 0L, 0L, 0L), pair.getList(pair.fieldIndex("class_pixels")));
  }
}
