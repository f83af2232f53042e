package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.image.Raster;
import io.landloom.geo.tiff.TiffWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.metrics2.AbstractMetric;
import org.apache.hadoop.metrics2.MetricsRecord;
import org.apache.hadoop.metrics2.impl.MetricsCollectorImpl;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The jobs on a real, small HDFS: scenes, dataset and bundle all lie there. */
class HdfsTest extends SparkTest {
  private static MiniDFSCluster cluster;

  @BeforeAll
  static void startHdfs() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, shared.resolve("dfs").toString());
    configuration.setInt("dfs.replication", 1);
    cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    cluster.waitActive();
  }

  @AfterAll
  static void stopHdfs() {
    cluster.shutdown(true);
  }

  @Test
  void simulatesTilesTrainsSynthesizesAndSummarizes() throws IOException {
    String root = cluster.getFileSystem().getUri() + "/landloom/dataset";
    String output = "output.root=" + root;
    succeed(
        "simulate",
        output,
        "simulate.scenes=1",
        "simulate.width=256",
        "simulate.height=200",
        "simulate.layout=striped",
        "simulate.compression=lzw");
    succeed(
        "tile",
        output,
        "input.scenes=" + root + "/images",
        "input.labels=" + root + "/labels",
        "splits.block=1",
        "patch.size=32");
    succeed("train", TinyNetworks.with(output, "csebgan.steps=1"));
    succeed("plan", output);
    String bundle = run(root, "train") + "/bundle";
    succeed("synthesize", output, "model=" + bundle, "synthesize.batch=4");
    succeed("summarize", output);
    String verified = succeed("verify", output);
    assertTrue(verified.contains("pairs="), verified);
    assertEquals(
        spark.read().parquet(root + "/run_id=*/synthesis_plan").count(),
        spark.read().parquet(root + "/run_id=*/pairs").count());
    String checksum =
        spark
            .read()
            .parquet(root + "/run_id=*/patches")
            .select("source_checksum")
            .head()
            .getString(0);
    assertTrue(checksum.startsWith("MD5-of-"), checksum);
    assertEquals(List.of("_outcomes", "_simulated", "images", "labels"), visible(root));
    exports(root);
  }

  private static void exports(String root) throws IOException {
    FileSystem hdfs = cluster.getFileSystem();
    String to = hdfs.getUri() + "/landloom/exports/coco";
    String[] keys = {"output.root=" + root, "export.format=coco", "export.to=" + to};
    succeed("export", keys);
    long images = 0;
    for (String split : List.of("train", "val", "test")) {
      images += hdfs.listStatus(new org.apache.hadoop.fs.Path(to + "/" + split)).length;
      assertTrue(
          hdfs.exists(new org.apache.hadoop.fs.Path(to + "/annotations/stuff_" + split + ".json")));
    }
    assertEquals(
        spark.read().parquet(root + "/run_id=*/patches").count()
            + spark.read().parquet(root + "/run_id=*/pairs").count(),
        images);
    assertEquals(
        List.of("annotations", "classes.json", "run.json", "test", "train", "val"),
        Arrays.stream(hdfs.listStatus(new org.apache.hadoop.fs.Path(to)))
            .map(status -> status.getPath().getName())
            .sorted()
            .toList());
    assertEquals(1, hdfs.listStatus(new org.apache.hadoop.fs.Path(to).getParent()).length);
    assertTrue(succeed("export", keys).contains("; nothing to do"));
  }

  @Test
  void readsScenesAsADataFrame() throws IOException {
    Path local = folder.resolve("scenes");
    TestScenes.striped(local, "a", 100, 70);
    FileSystem hdfs = cluster.getFileSystem();
    String root = hdfs.getUri() + "/landloom/frame";
    for (String part : List.of("images", "labels")) {
      hdfs.copyFromLocalFile(
          new org.apache.hadoop.fs.Path(local.resolve(part).toString()),
          new org.apache.hadoop.fs.Path(root + "/" + part));
    }
    List<Row> rows =
        spark
            .read()
            .format("landloom")
            .option("scheme", "mbrsc")
            .option("patchSize", 32)
            .option("labels", root + "/labels")
            .load(root + "/images")
            .selectExpr("sum(octet_length(image))", "sum(class_pixels[2])", "min(source_uri)")
            .collectAsList();
    assertEquals(
        List.of(RowFactory.create(6L * 32 * 32 * 3, 16L * 64, root + "/images/a.png")), rows);
  }

  @Test
  void aFailedRunLeavesNothingVisible() throws IOException {
    Path local = folder.resolve("scenes");
    TestScenes.striped(local, "a", 64, 64);
    TestScenes.write(
        local.resolve("labels/a.png"), 64, 64, (x, y) -> y == 63 ? 0x123456 : 0xE2A929);
    String root = cluster.getFileSystem().getUri() + "/landloom/failed";
    Ended ended =
        landloom(
            "tile",
            "output.root=" + root,
            "input.scenes=file:" + local.resolve("images"),
            "input.labels=file:" + local.resolve("labels"),
            "scheme=mbrsc",
            "patch.size=32");
    assertEquals(4, ended.code());
    assertTrue(ended.err().contains("#123456 x 64"), ended.err());
    assertEquals(List.of("_outcomes"), visible(root));
  }

  /**
   * Bytes of blocks that the data node has sent, by its own count; its JMX bean lags by seconds.
   */
  static long sent(MiniDFSCluster cluster) {
    String name = cluster.getDataNodes().get(0).getMetrics().name();
    MetricsCollectorImpl collector = new MetricsCollectorImpl();
    DefaultMetricsSystem.instance().getSource(name).getMetrics(collector, true);
    MetricsRecord counts = collector.getRecords().get(0);
    for (AbstractMetric count : counts.metrics()) {
      if (count.name().equals("BytesRead")) {
        return count.value().longValue();
      }
    }
    throw new AssertionError(name + " counts no BytesRead: " + counts);
  }

  @Test
  void readsNoMoreThanItsBlocksNeed() throws IOException {
    // 12 x 12 patches and a rest of 32 pixels at the right and below, in tiles of a patch's size
    int side = 12 * 256 + 32;
    Path local = folder.resolve("scenes");
    long needed = noise(local.resolve("images/a.tif"), side, 3);
    needed += noise(local.resolve("labels/a.tif"), side, 1);
    String root = cluster.getFileSystem().getUri() + "/landloom/reads";
    FileSystem hdfs = cluster.getFileSystem();
    hdfs.copyFromLocalFile(
        new org.apache.hadoop.fs.Path(local.toUri()), new org.apache.hadoop.fs.Path(root + "/in"));

    long before = sent(cluster);
    succeed(
        "tile",
        "output.root=" + root,
        "input.scenes=" + root + "/in/images",
        "input.labels=" + root + "/in/labels",
        "labels.coding=index",
        "labels.offPalette=unknown",
        "patch.maxUnknown=1");
    // until here the run has only written; a footer of each of its files was read to publish it
    long read = sent(cluster) - before;
    assertEquals(144, spark.read().parquet(root + "/run_id=*/patches").count());
    assertTrue(read >= needed, read + " bytes sent, but " + needed + " are needed");
    assertTrue(read <= needed * 1.05, read + " bytes sent for " + needed);
  }

  /** Writes noise in tiles; gives the bytes of those that the patches lie in. */
  private static long noise(Path file, int side, int bands) throws IOException {
    Files.createDirectories(file.getParent());
    TiffWriter.Options options =
        TiffWriter.Options.of(side, side, bands)
            .withLayout(new TiffWriter.Layout.Tiles(256))
            .withCompression(TiffWriter.Compression.DEFLATE);
    Random random = new Random(5);
    byte[] row = new byte[side * bands];
    try (TiffWriter writer = TiffWriter.create(file, options)) {
      for (int y = 0; y < side; y++) {
        random.nextBytes(row);
        writer.writeRows(Raster.ofBytes(side, 1, bands, row.clone()));
      }
    }
    return 144L * 256 * 256 * bands; // Deflate stores noise as it is
  }

  private static String run(String root, String job) throws IOException {
    FileSystem fileSystem = cluster.getFileSystem();
    return fileSystem
        .globStatus(new org.apache.hadoop.fs.Path(root + "/run_id=" + job + "-*"))[0]
        .getPath()
        .toString();
  }

  /** Names below a dataset that are not published runs. */
  private static List<String> visible(String root) throws IOException {
    return Arrays.stream(cluster.getFileSystem().listStatus(new org.apache.hadoop.fs.Path(root)))
        .map(status -> status.getPath().getName())
        .filter(name -> !name.startsWith("run_id="))
        .sorted()
        .toList();
  }
}
