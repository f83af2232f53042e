package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bad input gives one clear line, the right exit code, and nothing half-written. */
class BadInputTest extends SparkTest {
  private Path output;

  @BeforeEach
  void scenes() {
    output = folder.resolve("out");
    TestScenes.striped(folder, "a", 96, 64);
    TestScenes.striped(folder, "b", 64, 64);
  }

  private Ended tile(String... more) {
    Stream<String> standard =
        Stream.of(
            "output.root=" + output,
            "input.scenes=" + folder.resolve("images"),
            "input.labels=" + folder.resolve("labels"),
            "scheme=mbrsc",
            "patch.size=32");
    return landloom("tile", Stream.concat(standard, Stream.of(more)).toArray(String[]::new));
  }

  private void refused(int code, String message, Ended ended) throws IOException {
    assertEquals(code, ended.code(), ended.err());
    List<String> lines = ended.err().lines().filter(line -> line.startsWith("landloom: ")).toList();
    assertEquals(1, lines.size(), ended.err());
    assertTrue(lines.get(0).contains(message), lines.get(0));
    assertFalse(ended.err().contains("\tat "), ended.err());
    nothingPublished();
  }

  private void nothingPublished() throws IOException {
    if (!Files.exists(output)) {
      return;
    }
    try (Stream<Path> files = Files.list(output)) {
      assertEquals(
          List.of(),
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> !name.equals("_outcomes"))
              .toList());
    }
  }

  @Test
  void aMissingFolder() throws IOException {
    refused(
        2,
        "input.scenes = " + folder.resolve("none") + ": no such file or folder",
        tile("input.scenes=" + folder.resolve("none")));
  }

  @Test
  void aFolderWithoutScenes() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    refused(
        2,
        "input.scenes = " + empty + ": no tif, tiff, png, jpg, jpeg file in it",
        tile("input.scenes=" + empty));
  }

  @Test
  void aSceneWithoutItsLabel() throws IOException {
    Files.delete(folder.resolve("labels/b.png"));
    refused(
        2,
        "1 of 2 scenes have no label in "
            + folder.resolve("labels")
            + ": b; add the labels, or set input.labels=none to go without",
        tile());
  }

  @Test
  void twoLabelsOfOneScene() throws IOException {
    Files.copy(folder.resolve("labels/b.png"), folder.resolve("labels/b_label.png"));
    refused(2, "scene b has more than one label", tile());
  }

  @Test
  void sizesThatDiffer() throws IOException {
    TestScenes.write(folder.resolve("labels/b.png"), 64, 63, (x, y) -> 0x9B9B9B);
    refused(4, "images/b.png is 64 x 64, but its label " + "file:", tile());
    refused(4, "labels/b.png is 64 x 63", tile());
  }

  @Test
  void anOffPaletteColour() throws IOException {
    TestScenes.write(
        folder.resolve("labels/b.png"), 64, 64, (x, y) -> y == 40 && x < 3 ? 0x010203 : 0xE2A929);
    refused(
        4,
        "labels/b.png: 3 pixels of rows 32..63 hold values that scheme mbrsc does not know:"
            + " #010203 x 3; set labels.offPalette=unknown to take them as unknown",
        tile());
  }

  @Test
  void anUnreadableFile() throws IOException {
    Files.writeString(folder.resolve("images/b.png"), "this is no image");
    refused(4, "images/b.png: not a TIFF, PNG or JPEG", tile());
  }

  @Test
  void aTruncatedFile() throws IOException {
    Path image = folder.resolve("images/b.png");
    byte[] bytes = Files.readAllBytes(image);
    Files.write(image, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    refused(4, "images/b.png", tile());
  }

  @Test
  void jpegLabels() throws IOException {
    Files.delete(folder.resolve("labels/b.png"));
    TestScenes.write(folder.resolve("labels/b.jpg"), 64, 64, (x, y) -> 0xE2A929);
    refused(4, "labels/b.jpg: JPEG changes label values; use PNG or TIFF", tile());
  }

  @Test
  void anUnknownScheme() throws IOException {
    refused(
        2,
        "scheme = gid16: scheme 'gid16': no such scheme; known are gid15, gid5, loveda, mbrsc, potsdam",
        tile("scheme=gid16"));
  }

  @Test
  void labelsOfAnotherScheme() throws IOException {
    refused(4, "hold values that scheme potsdam does not know", tile("scheme=potsdam"));
  }

  @Test
  void anUnknownCoding() throws IOException {
    refused(
        2,
        "labels.coding: scheme 'mbrsc': no label coding 'mtl15'; known are color, index",
        tile("labels.coding=mtl15"));
  }

  @Test
  void patchesLargerThanEveryScene() throws IOException {
    refused(2, "none of 2 scenes is as large as patch.size = 512", tile("patch.size=512"));
  }

  @Test
  void everySceneRefusedIsNoRunHoweverManyMayBe() throws IOException {
    Files.writeString(folder.resolve("images/a.png"), "this is no image");
    Files.writeString(folder.resolve("images/b.png"), "this is no image");
    Ended ended = tile("input.badScenes=1.0");
    refused(4, "all 2 scenes were refused, the first because file:" + folder, ended);
    refused(4, "/images/a.png: not a TIFF, PNG or JPEG", ended);
  }

  @Test
  void everySceneRefusedForItsPixelsIsNoRunEither() throws IOException {
    TestScenes.write(folder.resolve("labels/a.png"), 96, 64, (x, y) -> 0x010203);
    TestScenes.write(folder.resolve("labels/b.png"), 64, 64, (x, y) -> 0x010203);
    Ended ended = tile("input.badScenes=1.0");
    refused(4, "all 2 scenes were refused, the first because file:" + folder, ended);
    Ended again = tile("input.badScenes=1.0");
    refused(4, "hold values that scheme mbrsc does not know", again);
  }

  @Test
  void scenesSmallerThanAPatchAreNotCountedAsTiled() {
    TestScenes.striped(folder, "small", 31, 64);
    Ended ended = tile();
    assertEquals(0, ended.code(), ended.err());
    assertTrue(ended.out().contains("scenes: 2, refused 0, smaller than a patch 1"), ended.out());
  }

  @Test
  void aSplitTableWithoutAScene() throws IOException {
    Path table = Files.writeString(folder.resolve("splits.tsv"), "scene\tsplit\na\ttrain\n");
    refused(2, "split = table:" + table + ": scene b is not in it", tile("split=table:" + table));
    refused(
        2,
        "split = table:" + folder.resolve("no.tsv") + ": no such file",
        tile("split=table:" + folder.resolve("no.tsv")));
  }

  @Test
  void anOutputThatIsNotSet() {
    Ended ended = landloom("tile");
    assertEquals(2, ended.code());
    assertTrue(ended.err().contains("output.root is not set"), ended.err());
  }

  @Test
  void badScenesWithinTheAllowanceAreLeftOutAndCounted() throws IOException {
    Files.writeString(folder.resolve("images/b.png"), "this is no image");
    TestScenes.striped(folder, "c", 64, 64);
    TestScenes.write(
        folder.resolve("labels/c.png"), 64, 64, (x, y) -> y == 40 ? 0x010203 : 0xE2A929);
    Ended ended = tile("input.badScenes=0.7");
    assertEquals(0, ended.code(), ended.err());
    assertTrue(ended.out().contains("scenes: 1, refused 2, smaller than a patch 0"), ended.out());
    List<String> scenes =
        spark
            .read()
            .parquet(output + "/run_id=*/patch_classes")
            .select("scene_id")
            .distinct()
            .as(org.apache.spark.sql.Encoders.STRING())
            .collectAsList();
    assertEquals(List.of("a"), scenes);
    try (Stream<Path> files = Files.list(output)) {
      assertFalse(files.anyMatch(file -> file.endsWith("_staging")));
    }
  }

  @Test
  void aRunThatIsPublishedAlreadyIsNotDoneAgain() {
    assertEquals(0, tile().code());
    Ended again = tile("master=local[1]", "run.partitions=2");
    assertEquals(0, again.code());
    assertTrue(
        again.out().contains("is already published with the same inputs; nothing to do"),
        again.out());
  }

  @Test
  void aSceneIsNotTiledASecondTimeWithAnotherRule() {
    assertEquals(0, tile().code());
    Ended again = tile("patch.size=16");
    assertEquals(2, again.code());
    assertTrue(again.err().contains("scene a is already published in file:" + output), again.err());
  }

  @Test
  void jobsWithoutWhatTheyReadSayWhichToRunFirst() throws IOException {
    String root = "output.root=" + output;
    refused(
        2,
        "holds no patches of scheme mbrsc; run tile first",
        landloom("plan", root, "scheme=mbrsc"));
    refused(2, "holds no plan; run plan first", landloom("synthesize", root));
    refused(2, "holds no patches of scheme gid15; run tile first", landloom("summarize", root));
    refused(
        2,
        "holds no synthesize run of scheme gid15; run synthesize first",
        landloom("report", root));
    refused(2, "holds no published run", landloom("verify", root));
    refused(2, "train knows csebgan", landloom("train", root));
  }

  @Test
  void pathsThatAreNone() throws IOException {
    refused(2, "output.root = : a dataset's path cannot be empty", tile("output.root="));
    refused(2, "output.root = a[1]: a dataset's path cannot be", tile("output.root=a[1]"));
    refused(2, "output.root = data:2024: not a path", tile("output.root=data:2024"));
    refused(2, "input.scenes = : not a path", tile("input.scenes="));
    refused(2, "split = : not a path", tile("split=table:"));
    refused(2, "s4", tile("output.root=s4://bucket/x"));
  }

  @Test
  void schemeFilesThatAreNone() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.conf"), "name = {");
    refused(2, "scheme = " + broken + ": ", tile("scheme=" + broken));
    Path none = folder.resolve("none.conf");
    refused(2, "scheme = " + none + ": no such file", tile("scheme=" + none));
    Path unknown =
        Files.writeString(
            folder.resolve("unknown.conf"),
            "name = u, version = 1, unknown = 256, classes = ["
                + "{ index = 0, name = a, color = \"#000001\" },"
                + "{ index = 1, name = b, color = \"#000002\" } ]");
    refused(2, "unknown = 256 is not one of the classes", tile("scheme=" + unknown));
  }

  @Test
  void namesThatCannotBeAScenes() throws IOException {
    Path scenes = Files.createDirectories(folder.resolve("odd"));
    Files.writeString(scenes.resolve("tif"), "no extension at all");
    refused(
        2,
        "input.scenes = " + scenes + ": no tif, tiff, png, jpg, jpeg file in it",
        tile("input.scenes=" + scenes));
    Files.writeString(scenes.resolve("a\tb.tif"), "");
    refused(2, "has a name that cannot be a scene's", tile("input.scenes=" + scenes));
    Path only = Files.createDirectories(folder.resolve("only"));
    Files.writeString(only.resolve("x_label.tif"), "");
    refused(
        2,
        "input.scenes = " + only + ": only labels are in it, no scene",
        tile("input.scenes=" + only, "input.labels=" + only));
  }

  @Test
  void namesCannotSteerTheTerminal() throws IOException {
    Path scenes = Files.createDirectories(folder.resolve("hostile"));
    // sets a terminal's title
    Path control = Files.writeString(scenes.resolve("\u001b]0;pwn\u0007.tif"), "");
    Ended escape = tile("input.scenes=" + scenes, "input.labels=none");
    refused(2, "/hostile/\\u{1b}]0;pwn\\u{7}.tif' has a name that cannot be a scene's", escape);
    Files.delete(control);
    // the same begun by one character of the second set of controls
    Path second = Files.writeString(scenes.resolve("\u009b31m.tif"), "");
    Ended csi = tile("input.scenes=" + scenes, "input.labels=none");
    refused(2, "/hostile/\\u{9b}31m.tif' has a name that cannot be a scene's", csi);
    Files.delete(second);
    // turns what follows round: legal in a name, not in a terminal
    Files.writeString(scenes.resolve("\u202efit.gnp.tif"), "no image");
    Ended turned = tile("input.scenes=" + scenes, "input.labels=none");
    refused(4, "/hostile/\\u{202e}fit.gnp.tif: not a TIFF, PNG or JPEG", turned);
    TestScenes.write(scenes.resolve("good.png"), 32, 32, TestScenes::texture);
    TestScenes.write(scenes.resolve("small\u202e.png"), 31, 32, TestScenes::texture);
    Ended leftOut = tile("input.scenes=" + scenes, "input.labels=none", "input.badScenes=1.0");
    assertEquals(0, leftOut.code(), leftOut.err());
    assertTrue(leftOut.out().contains("/hostile/\\u{202e}fit.gnp.tif: not a TIFF"), leftOut.out());
    assertTrue(leftOut.out().contains(": small\\u{202e} (31 x 32)"), leftOut.out());
    for (Ended ended : List.of(escape, csi, turned, leftOut)) {
      String said = ended.out() + ended.err();
      assertTrue(said.chars().noneMatch(c -> c != '\n' && Character.isISOControl(c)), said);
      assertFalse(said.contains("\u202e"), said);
    }
  }

  @Test
  void namesWithOddCharactersAreFine() throws IOException {
    TestScenes.striped(folder, "100% #1 [a]{b} é", 64, 32);
    TestScenes.striped(folder, "a:b", 64, 32);
    Ended tiled = tile();
    assertEquals(0, tiled.code(), tiled.err());
    assertEquals(
        2, spark.read().parquet(output + "/run_id=*/patches").where("scene_id = 'a:b'").count());
    assertEquals(
        1,
        spark
            .read()
            .parquet(output + "/run_id=*/patches")
            .where("scene_id = '100% #1 [a]{b} é' AND col = 1")
            .count());
    assertEquals(0, landloom("plan", "output.root=" + output, "scheme=mbrsc").code());
    assertEquals(0, landloom("verify", "output.root=" + output, "scheme=mbrsc").code());
  }

  @Test
  void aSchemeThatChangedUnderItsName() throws IOException {
    String text =
        "name = two, version = 1, unknown = 255, classes = ["
            + "{ index = 0, name = a, color = \"#E2A929\", alsoColors = [\"#8429F6\","
            + " \"#6EC1E4\", \"#3C1098\", \"#FEDD3A\"] },"
            + "{ index = 255, name = none, color = \"#9B9B9B\" } ]";
    Path conf = Files.writeString(folder.resolve("two.conf"), text);
    assertEquals(0, tile("scheme=" + conf).code());
    Files.writeString(conf, text.replace("#9B9B9B", "#9B9B9C"));
    Ended ended = landloom("summarize", "output.root=" + output, "scheme=" + conf);
    assertEquals(2, ended.code());
    assertTrue(ended.err().contains("was made with another definition of scheme two"), ended.err());
    Ended verified = landloom("verify", "output.root=" + output, "scheme=" + conf);
    assertEquals(2, verified.code());
    assertTrue(verified.err().contains("was made with scheme two as it was then"), verified.err());
  }

  @Test
  void aFolderThatIsNoRun() throws IOException {
    Files.createDirectories(output.resolve("run_id=tile-0123456789abcdef (copy)"));
    Ended ended = landloom("plan", "output.root=" + output, "scheme=mbrsc");
    assertEquals(2, ended.code());
    assertTrue(ended.err().contains("(copy) is no run of Landloom"), ended.err());
  }

  @Test
  void aJobThatOnlyReadsMakesNoFolder() {
    assertEquals(2, landloom("verify", "output.root=" + folder.resolve("typo")).code());
    assertFalse(Files.exists(folder.resolve("typo")));
  }

  @Test
  void aPatchSizeNoModelCanHave() {
    assertEquals(0, tile("patch.size=20").code());
    Ended ended =
        landloom(
            "train", "output.root=" + output, "scheme=mbrsc", "model=csebgan", "patch.size=20");
    assertEquals(2, ended.code());
    assertTrue(ended.err().contains("csebgan: patchSize 20 is not a multiple of 32"), ended.err());
  }

  @Test
  void patchesOfAnotherSizeThanTheModelLeaveNoStaging() {
    assertEquals(0, tile("splits.shares=[1, 0, 0]").code());
    Ended ended =
        landloom(
            "train",
            "output.root=" + output,
            "scheme=mbrsc",
            "model=csebgan",
            "patch.size=64",
            "csebgan.nf=1",
            "csebgan.steps=1");
    assertEquals(2, ended.code(), ended.err());
    assertTrue(ended.err().contains("patches of 32 pixels"), ended.err());
    assertFalse(Files.exists(output.resolve("_staging")));
  }

  @Test
  void refusedScenesArePublishedWithTheRunThatLeavesThemOut() throws IOException {
    TestScenes.write(
        folder.resolve("labels/b.png"), 64, 64, (x, y) -> y == 40 ? 0x010203 : 0xE2A929);
    assertEquals(0, tile("input.badScenes=0.5").code());
    try (Stream<Path> files = Files.list(output)) {
      Path run =
          files.filter(f -> f.getFileName().toString().startsWith("run_id=")).findFirst().get();
      String refused = Files.readString(run.resolve("_refused.tsv"));
      assertTrue(refused.startsWith("b\toff-palette\t"), refused);
    }
  }
}
