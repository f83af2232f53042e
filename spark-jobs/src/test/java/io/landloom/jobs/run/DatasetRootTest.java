package io.landloom.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.landloom.geo.landcover.LandCoverScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetRootTest {
  private static final LandCoverScheme SCHEME = LandCoverScheme.named("mbrsc");
  private static final RunId TILE = RunId.of("tile").with("night", 1).build();
  private static final RunId LATER = RunId.of("tile").with("night", 2).build();
  private static final RunId PLAN = RunId.of("plan").build();

  @TempDir Path folder;
  private DatasetRoot dataset;

  @BeforeEach
  void open() throws IOException {
    dataset = new DatasetRoot(folder.resolve("out").toString(), new Configuration());
  }

  private void publish(RunId run, String finished, Map<String, Object> fields) throws IOException {
    Path to = Files.createDirectories(folder.resolve("out/run_id=" + run));
    Files.writeString(to.resolve("run.json"), new RunRecord(run, finished, fields).json());
  }

  private static List<RunId> ids(List<RunRecord> records) {
    return records.stream().map(RunRecord::runId).toList();
  }

  @Test
  void aDatasetThatIsNotThereIsEmpty() throws IOException {
    assertFalse(dataset.exists());
    assertEquals(List.of(), dataset.runs());
    assertEquals(Optional.empty(), dataset.newest("tile"));
    assertFalse(dataset.holds(TILE));
    assertEquals(List.of(), dataset.files(TILE, "patches"));
  }

  @Test
  void runsComeOldestFirstAndByJob() throws IOException {
    publish(LATER, "2026-01-03T00:00:00Z", Map.of());
    publish(PLAN, "2026-01-02T00:00:00Z", Map.of());
    publish(TILE, "2026-01-01T00:00:00Z", Map.of());
    Files.createDirectories(folder.resolve("out/_retired/run_id=" + RunId.of("tile").build()));
    assertTrue(dataset.exists());
    assertTrue(dataset.holds(TILE));
    assertEquals(List.of(TILE, PLAN, LATER), ids(dataset.runs()));
    assertEquals(List.of(TILE, LATER), ids(dataset.runs("tile")));
    assertEquals(Optional.of(LATER), dataset.newest("tile").map(RunRecord::runId));
    assertEquals(Optional.empty(), dataset.newest("synthesize"));
  }

  @Test
  void runsOfOneMomentComeInTheOrderOfTheirNames() throws IOException {
    publish(TILE, "2026-01-01T00:00:00Z", Map.of());
    publish(LATER, "2026-01-01T00:00:00Z", Map.of());
    assertEquals(List.of(TILE, LATER).stream().sorted().toList(), ids(dataset.runs()));
  }

  @Test
  void runsOfASchemeAreToldFromThoseOfAnotherDefinition() throws IOException {
    String digest = RunRecord.digest(SCHEME);
    publish(TILE, "2026-01-01T00:00:00Z", Map.of("scheme", "mbrsc", "schemeDigest", digest));
    publish(LATER, "2026-01-02T00:00:00Z", Map.of("scheme", "gid15", "schemeDigest", "crc32c:0"));
    assertEquals(List.of(TILE), ids(dataset.runs("tile", SCHEME)));
    publish(LATER, "2026-01-02T00:00:00Z", Map.of("scheme", "mbrsc", "schemeDigest", "crc32c:0"));
    JobException e = assertThrows(JobException.class, () -> dataset.runs("tile", SCHEME));
    assertEquals(JobException.Kind.USER, e.kind());
    assertEquals(
        LATER
            + " in "
            + dataset.path()
            + " was made with another definition of scheme mbrsc; give the changed scheme another"
            + " name",
        e.getMessage());
  }

  @Test
  void aFolderThatIsNoRunIsNamed() throws IOException {
    Path stray = Files.createDirectories(folder.resolve("out/run_id=mine"));
    JobException e = assertThrows(JobException.class, () -> dataset.runs());
    assertEquals(JobException.Kind.USER, e.kind());
    assertEquals(
        "file:"
            + stray
            + " is no run of Landloom; move it out of the dataset, readers would count it",
        e.getMessage());
  }

  @Test
  void aDamagedRecordIsNamed() throws IOException {
    Path run = Files.createDirectories(folder.resolve("out/run_id=" + TILE));
    JobException missing = assertThrows(JobException.class, () -> dataset.record(TILE));
    assertTrue(
        missing.getMessage().startsWith("file:" + run + "/run.json is missing or damaged: "),
        missing.getMessage());
    for (String text : List.of("{", "{}", "{\"run_id\": \"x\", \"finished\": \"y\"}")) {
      Files.writeString(run.resolve("run.json"), text);
      JobException e = assertThrows(JobException.class, () -> dataset.record(TILE), text);
      assertEquals(JobException.Kind.USER, e.kind());
    }
  }

  @Test
  void filesOfATableComeByBucketWithoutWhatIsNone() throws IOException {
    Path table = Files.createDirectories(folder.resolve("out/run_id=" + TILE + "/patches"));
    for (String name :
        List.of(
            "part-00010.parquet",
            "part-00002.parquet",
            "part-100000.parquet",
            "part-1.parquet",
            "_part-00001.parquet",
            "part-00003.parquet.tmp")) {
      Files.writeString(table.resolve(name), "");
    }
    assertEquals(
        List.of("part-00002.parquet", "part-00010.parquet", "part-100000.parquet"),
        dataset.files(TILE, "patches").stream()
            .map(FileStatus::getPath)
            .map(org.apache.hadoop.fs.Path::getName)
            .toList());
  }

  @Test
  void aPathThatReadersTakeForAPatternIsRefused() {
    for (String root : List.of("", "a*", "a?b", "{a,b}", "[a]", "a\\b")) {
      JobException e =
          assertThrows(JobException.class, () -> new DatasetRoot(root, new Configuration()), root);
      assertEquals(JobException.Kind.USER, e.kind());
      assertEquals(
          "output.root = " + root + ": a dataset's path cannot be empty or hold any of {}[]*?\\",
          e.getMessage());
    }
    JobException e =
        assertThrows(JobException.class, () -> new DatasetRoot("a:b:c", new Configuration()));
    assertTrue(e.getMessage().startsWith("output.root = a:b:c: not a path: "), e.getMessage());
  }

  @Test
  void placesAreThoseThatReadersAndSchedulersKnow() {
    String root = "file:" + folder.resolve("out");
    assertEquals(root, dataset.path().toString());
    assertEquals(root + "/run_id=" + TILE + "/pairs", dataset.table(TILE, "pairs").toString());
    assertEquals(root + "/_staging/" + TILE, dataset.staging(TILE).toString());
    assertEquals(root + "/_retired/run_id=" + TILE, dataset.retired(TILE).toString());
    assertEquals(root + "/_outcomes/tile.json", dataset.outcome("tile").toString());
  }

  @Test
  void schemesAreNamedOrFiles() throws IOException {
    assertEquals(SCHEME.definition(), Schemes.of("scheme", "mbrsc").definition());
    Path own = folder.resolve("own.conf");
    JobException e = assertThrows(JobException.class, () -> Schemes.of("scheme", own.toString()));
    assertEquals("scheme = " + own + ": no such file", e.getMessage());
    Files.writeString(own, "name = 3 {");
    e = assertThrows(JobException.class, () -> Schemes.of("scheme", own.toString()));
    assertEquals(JobException.Kind.USER, e.kind());
    assertTrue(e.getMessage().startsWith("scheme = " + own + ": "), e.getMessage());
    e = assertThrows(JobException.class, () -> Schemes.of("scheme", "mars"));
    assertTrue(e.getMessage().startsWith("scheme = mars: "), e.getMessage());
    Path shipped = Path.of("../conf/schemes/mbrsc.conf");
    Files.copy(shipped, own, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertEquals(
        LandCoverScheme.of(ConfigFactory.parseFile(shipped.toFile())).definition(),
        Schemes.of("scheme", own.toString()).definition());
  }

  @Test
  void aLocalFileWithAColonIsReadWithoutLookingForItsChecksums() throws IOException {
    Path file = Files.writeString(folder.resolve("a:b.txt"), "text");
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(file.toUri());
    try (var in = Paths.fileSystem(path, new Configuration()).open(path)) {
      assertEquals("text", new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
    }
    org.apache.hadoop.fs.Path plain = new org.apache.hadoop.fs.Path("file:/a/b");
    assertTrue(
        Paths.fileSystem(plain, new Configuration())
            instanceof org.apache.hadoop.fs.ChecksumFileSystem);
  }

  @Test
  void aFileIsWrittenWholeAndReplacesTheOneBefore() throws IOException {
    org.apache.hadoop.fs.Path target =
        new org.apache.hadoop.fs.Path(folder.resolve("deep/er/note.txt").toUri());
    for (String text : List.of("one", "two")) {
      WholeFile.write(target, new Configuration(), file -> Files.writeString(file, text));
      assertEquals(text, Files.readString(folder.resolve("deep/er/note.txt")));
    }
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                WholeFile.write(
                    target,
                    new Configuration(),
                    file -> {
                      Files.writeString(file, "half");
                      throw new IOException("no more");
                    }));
    assertEquals("no more", e.getMessage());
    assertEquals("two", Files.readString(folder.resolve("deep/er/note.txt")));
    WholeFile.delete(target, new Configuration());
    assertFalse(Files.exists(folder.resolve("deep/er/note.txt")));
    WholeFile.delete(target, new Configuration());
  }
}
