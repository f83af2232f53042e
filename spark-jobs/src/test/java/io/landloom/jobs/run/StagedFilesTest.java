package io.landloom.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files of runs that are not tables, on the local file system and on one that Hadoop does not know
 * as such.
 */
class StagedFilesTest {
  @TempDir Path folder;
  private StagedFiles staged;

  @BeforeEach
  void open() {
    staged = new StagedFiles(folder.resolve("run").toString());
  }

  private static Configuration configuration(String fileSystem) {
    Configuration configuration = new Configuration();
    if (fileSystem.equals("raw")) {
      configuration.set("fs.file.impl", RawLocalFileSystem.class.getName());
      configuration.setBoolean("fs.file.impl.disable.cache", true);
    }
    return configuration;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private String text(String name) throws IOException {
    return Files.readString(folder.resolve("run").resolve(name));
  }

  private long attempts() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("run/_attempts"))) {
      return files.count();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "raw"})
  void aBucketIsStagedWithItsNote(String fileSystem) throws IOException {
    Configuration configuration = configuration(fileSystem);
    staged.open(configuration);
    StagedFiles.BucketFiles files = staged.bucket(7, "one", configuration);
    files.write("images/a.png", bytes("a"));
    files.write("images/b.png", bytes("b"));
    files.write("labels/a.png", local -> Files.writeString(local, "a's label"));
    try (OutputStream out = files.create("list.txt")) {
      out.write(bytes("a b"));
    }
    assertEquals(Map.of(), staged.notes(configuration), "it is not staged yet");
    assertFalse(Files.exists(folder.resolve("run/images/a.png")));
    assertEquals(1, attempts());
    files.stage("two images");
    assertEquals("a", text("images/a.png"));
    assertEquals("b", text("images/b.png"));
    assertEquals("a's label", text("labels/a.png"));
    assertEquals("a b", text("list.txt"));
    assertEquals(Map.of(7, "two images"), staged.notes(configuration));
    assertEquals(0, attempts());
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "raw"})
  void theFilesOfTheFirstAttemptStay(String fileSystem) throws IOException {
    Configuration configuration = configuration(fileSystem);
    staged.open(configuration);
    StagedFiles.BucketFiles first = staged.bucket(0, "one", configuration);
    StagedFiles.BucketFiles second = staged.bucket(0, "two", configuration);
    first.write("f/x", bytes("first"));
    second.write("f/x", bytes("second"));
    second.write("f/y", bytes("second"));
    first.stage("of the first");
    second.stage("of the second");
    assertEquals("first", text("f/x"));
    assertEquals("second", text("f/y"));
    assertEquals(Map.of(0, "of the first"), staged.notes(configuration));
    assertEquals(0, attempts());
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "raw"})
  void openingClearsAwayAttemptsAndKeepsWhatIsStaged(String fileSystem) throws IOException {
    Configuration configuration = configuration(fileSystem);
    staged.open(configuration);
    StagedFiles.BucketFiles whole = staged.bucket(1, "one", configuration);
    whole.write("x", bytes("x"));
    whole.stage("");
    staged.bucket(2, "killed", configuration).write("y", bytes("y"));
    Files.writeString(folder.resolve("run/_buckets/.hidden"), "no note");
    assertEquals(1, attempts());
    staged.open(configuration);
    assertEquals(0, attempts());
    assertEquals(Map.of(1, ""), staged.notes(configuration));
    assertEquals("x", text("x"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "raw"})
  void theDriverReplacesItsOwnFiles(String fileSystem) throws IOException {
    Configuration configuration = configuration(fileSystem);
    for (String words : new String[] {"a first try", "second"}) {
      try (OutputStream out = staged.create("_parts/page.html", configuration)) {
        out.write(bytes(words));
      }
    }
    assertEquals("second", text("_parts/page.html"));
    assertEquals(folder + "/run/_parts/page.html", staged.path("_parts/page.html").toString());
    if (fileSystem.equals("local")) {
      assertFalse(Files.exists(folder.resolve("run/_parts/.page.html.crc")));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "raw"})
  void aBucketHasOneFileOfAName(String fileSystem) throws IOException {
    StagedFiles.BucketFiles files = staged.bucket(3, "one", configuration(fileSystem));
    files.write("f/x", bytes("x"));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> files.create("f/x").close());
    assertEquals("bucket 3 has two files f/x", e.getMessage());
    assertTrue(Files.exists(folder.resolve("run/_attempts/one/f/x")));
  }
}
