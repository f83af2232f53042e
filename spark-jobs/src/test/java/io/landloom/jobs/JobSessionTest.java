package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs in the session that they make themselves, from settings as {@code spark-submit} gives. */
class JobSessionTest {
  private static final String SERIALIZER = "spark.serializer";

  @TempDir Path folder;
  private String before;

  @BeforeEach
  void askForKryo() {
    if (SparkSession.getDefaultSession().isDefined()) {
      // a stopped one of an earlier class; a live one would be taken instead of one with Kryo
      assertTrue(SparkSession.getDefaultSession().get().sparkContext().isStopped());
      SparkSession.clearDefaultSession();
    }
    SparkSession.clearActiveSession();
    before = System.getProperty(SERIALIZER);
    System.setProperty(SERIALIZER, "org.apache.spark.serializer.KryoSerializer");
  }

  @AfterEach
  void takeItBack() {
    if (before == null) {
      System.clearProperty(SERIALIZER);
    } else {
      System.setProperty(SERIALIZER, before);
    }
  }

  private String[] sets() {
    return new String[] {
      "master=local[1]",
      "output.root=" + folder.resolve("out"),
      "input.scenes=" + folder.resolve("images"),
      "input.labels=" + folder.resolve("labels"),
      "output.images=raw",
      "splits.shares=[1, 0, 0]",
      "scheme=mbrsc",
      "patch.size=32"
    };
  }

  @Test
  void kryoInTheDefaultsIsNotUsed() {
    TestScenes.striped(folder, "a", 64, 32);
    String out = SparkTest.succeed("tile", sets());
    assertTrue(out.contains("patches: 2 kept, 0 dropped {}"), out);
  }

  @Test
  void damagedPagesAreNotLearntFrom() throws IOException {
    TestScenes.striped(folder, "a", 64, 64);
    SparkTest.succeed("tile", sets());
    TestDamage.flipBitOfImages(folder.resolve("out"));
    SparkTest.Ended ended =
        SparkTest.landloom(
            "train",
            TinyNetworks.with(
                "master=local[1]",
                "output.root=" + folder.resolve("out"),
                "scheme=mbrsc",
                "csebgan.steps=1"));
    assertEquals(4, ended.code(), ended.err());
    assertTrue(ended.err().contains("CRC checksum verification failed"), ended.err());
    assertTrue(ended.err().contains("; verify names every damaged file"), ended.err());
    assertFalse(ended.err().contains("\tat "), ended.err());
  }
}
