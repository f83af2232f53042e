package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.landcover.LandCoverScheme;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** What gates reject is drawn again, is counted, and can be looked up. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GatesTest extends SparkTest {
  private static final int REDRAWS = 2;

  private static String root;
  private static String model;
  private static String segmenter;
  // of the pairs without a gate that rejects anything: at least half of them are below
  private static int range;

  @BeforeAll
  static void planAndTrain() throws IOException {
    root = shared.resolve("dataset").toString();
    succeed(
        "simulate",
        "output.root=" + root,
        "simulate.width=320",
        "simulate.height=288",
        "simulate.block=64");
    succeed(
        "tile",
        "output.root=" + root,
        "input.scenes=" + root + "/images",
        "input.labels=" + root + "/labels",
        "splits.block=1",
        "output.bucketRows=30",
        "patch.size=32");
    model = train(TinyNetworks.with("output.root=" + root, "csebgan.steps=2"));
    List<String> keys = new ArrayList<>(Arrays.asList(TinyNetworks.of("segmenter")));
    keys.addAll(List.of("output.root=" + root, "segmenter.steps=2"));
    segmenter = train(keys.toArray(String[]::new));
    succeed("plan", "output.root=" + root);
  }

  private static String train(String... keys) throws IOException {
    List<Path> before = runs(root, "run_id=train-");
    succeed("train", keys);
    List<Path> added = new ArrayList<>(runs(root, "run_id=train-"));
    added.removeAll(before);
    assertEquals(1, added.size());
    return added.get(0).resolve("bundle").toString();
  }

  private static List<Path> runs(String folder, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(folder))) {
      return files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
    }
  }

  /** A dataset of its own with the same patches and plan. */
  private static String copy(String name) throws IOException {
    return copyRuns(Path.of(root), shared.resolve(name), "tile", "plan");
  }

  private static String[] keys(String output, String... more) {
    return Stream.concat(
            Stream.of("output.root=" + output, "model=" + model, "synthesize.batch=4"),
            Stream.of(more))
        .toArray(String[]::new);
  }

  /** A gate that about half of the first draws do not pass. */
  private static String[] strict(String output, String... more) {
    return keys(
        output,
        Stream.concat(
                Stream.of(
                    "gates.leastRange=" + range,
                    "gates.mostSaturated=1",
                    "gates.redraws=" + REDRAWS,
                    "gates.maxRejected=1"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private static List<Row> decisions(String output, String... columns) {
    return spark
        .read()
        .parquet(output + "/run_id=synthesize-*/gate_decisions")
        .orderBy("scene_id", "row", "col", "copy", "draw", "measure")
        .selectExpr(columns)
        .collectAsList();
  }

  private static Config record(String output) throws IOException {
    return ConfigFactory.parseFile(
        runs(output, "run_id=synthesize-").get(0).resolve("run.json").toFile());
  }

  @Test
  @Order(1)
  void everyDrawIsWrittenDown() throws IOException {
    String output = copy("open");
    succeed("synthesize", keys(output, "gates.leastRange=0", "gates.mostSaturated=1"));
    List<Row> rows =
        decisions(output, "condition", "draw", "gate", "measure", "value", "threshold", "accepted");
    Config run = record(output);
    long planned = run.getLong("counts.planned");
    assertEquals(planned, run.getLong("counts.written"));
    assertEquals(planned, run.getLong("counts.draws"));
    assertEquals(3 * planned, rows.size());
    List<Integer> ranges = new ArrayList<>();
    for (Row row : rows) {
      assertEquals(0, row.getInt(1));
      assertEquals("technical", row.getString(2));
      assertTrue(row.getBoolean(6), row.toString());
      if (row.getString(3).equals("range")) {
        ranges.add((int) row.getDouble(4));
      }
    }
    ranges.sort(null);
    range = ranges.get(ranges.size() / 2) + 1;
    succeed("verify", "output.root=" + output);
  }

  @Test
  @Order(2)
  void whatIsRejectedIsDrawnAgainUpToTheLimit() throws IOException {
    String output = copy("strict");
    String out = succeed("synthesize", strict(output));
    Map<String, List<Row>> draws = new TreeMap<>();
    for (Row row :
        decisions(output, "condition", "draw", "value", "threshold", "accepted", "measure")) {
      if (row.getString(5).equals("range")) {
        draws.computeIfAbsent(row.getString(0), key -> new ArrayList<>()).add(row);
      }
    }
    Map<String, Row> pairs = new TreeMap<>();
    for (Row row :
        spark
            .read()
            .parquet(output + "/run_id=synthesize-*/pairs")
            .selectExpr("condition", "draw", "image.bytes")
            .collectAsList()) {
      pairs.put(row.getString(0), row);
    }
    long drawn = 0;
    long rejectedDraws = 0;
    for (Map.Entry<String, List<Row>> condition : draws.entrySet()) {
      Row pair = pairs.get(condition.getKey());
      List<Row> all = condition.getValue();
      drawn += all.size();
      assertTrue(all.size() <= 1 + REDRAWS);
      for (int i = 0; i < all.size(); i++) {
        Row draw = all.get(i);
        boolean accepted = pair != null && i == all.size() - 1;
        rejectedDraws += accepted ? 0 : 1;
        assertEquals(i, draw.getInt(1));
        assertEquals(range, draw.getDouble(3));
        assertEquals(accepted, draw.getBoolean(4));
        assertEquals(accepted, draw.getDouble(2) >= range);
      }
      if (pair == null) {
        assertEquals(1 + REDRAWS, all.size());
      } else {
        assertEquals(all.size() - 1, pair.getInt(1));
        assertEquals(rangeOf((byte[]) pair.get(2)), all.get(all.size() - 1).getDouble(2));
      }
    }
    Config run = record(output);
    int rejected = draws.size() - pairs.size();
    assertTrue(rejected > 0 && pairs.size() > rejected, rejected + " of " + draws.size());
    assertTrue(pairs.values().stream().anyMatch(pair -> pair.getInt(1) > 0));
    assertEquals(draws.size(), run.getLong("counts.planned"));
    assertEquals(pairs.size(), run.getLong("counts.written"));
    assertEquals(rejected, run.getLong("counts.rejected.technical"));
    assertEquals(drawn, run.getLong("counts.draws"));
    assertEquals(rejectedDraws, run.getLong("counts.rejectedDraws.technical"));
    assertTrue(out.contains("{technical=" + rejected + "}"), out);
    succeed("verify", "output.root=" + output);
  }

  private static double rangeOf(byte[] png) throws IOException {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
    int largest = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      int least = 255;
      int most = 0;
      for (int rgb : image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, 32)) {
        least = Math.min(least, rgb >> shift & 0xFF);
        most = Math.max(most, rgb >> shift & 0xFF);
      }
      largest = Math.max(largest, most - least);
    }
    return largest;
  }

  @Test
  @Order(3)
  void partitionsDoNotChangeWhatIsRejected() throws IOException {
    String one = copy("one");
    succeed("synthesize", strict(one, "run.partitions=1"));
    String[] columns = {"condition", "copy", "draw", "measure", "value", "accepted"};
    assertEquals(decisions(shared.resolve("strict").toString(), columns), decisions(one, columns));
    assertEquals(images(shared.resolve("strict").toString()), images(one));
  }

  private static List<Row> images(String output) {
    return spark
        .read()
        .parquet(output + "/run_id=synthesize-*/pairs")
        .orderBy("condition")
        .selectExpr("condition", "draw", "sha2(image.bytes, 256)")
        .collectAsList();
  }

  @Test
  @Order(4)
  void aRunThatLosesTooMuchPublishesNothing() throws IOException {
    String output = copy("lost");
    // no image of 8 bits has more
    Ended ended =
        landloom(
            "synthesize",
            strict(output, "gates.leastRange=255", "gates.redraws=1", "gates.maxRejected=0.1"));
    assertEquals(4, ended.code(), ended.toString());
    assertTrue(
        ended.err().contains("are rejected by gates {technical=")
            && ended.err().contains("look at what the model draws, or use another"),
        ended.err());
    assertEquals(List.of(), runs(output, "run_id=synthesize-"));
    assertEquals(List.of(), runs(output, "_staging"));
  }

  @Test
  @Order(5)
  void theConsistencyGateAsksTheSegmenter() throws IOException {
    String output = copy("consistent");
    succeed(
        "synthesize",
        keys(
            output,
            "gates.segmenter=" + segmenter,
            "gates.leastRange=0",
            "gates.mostSaturated=1",
            "gates.redraws=1",
            "gates.maxRejected=1"));
    Config metrics =
        ConfigFactory.parseFile(Path.of(segmenter, "card.json").toFile())
            .getConfig("training.metrics");
    double accuracy = metrics.getDouble("\"p5 acc over all\"");
    List<Row> rows =
        decisions(output, "measure", "value", "threshold", "accepted").stream()
            .filter(row -> row.getString(0).equals("acc"))
            .toList();
    assertTrue(rows.size() >= record(output).getLong("counts.planned"));
    List<Double> known = new ArrayList<>(List.of(accuracy));
    LandCoverScheme.named("gid15").validClasses().stream()
        .map(c -> "\"p5 acc " + c.name() + "\"")
        .filter(metrics::hasPath)
        .forEach(key -> known.add(metrics.getDouble(key)));
    for (Row row : rows) {
      assertTrue(known.contains(row.getDouble(2)), row + " " + known);
      assertEquals(row.getDouble(1) >= row.getDouble(2), row.getBoolean(3));
    }
    succeed("verify", "output.root=" + output);
  }

  @Test
  @Order(6)
  void aBundleThatCannotJudgeIsRefused() throws IOException {
    String output = copy("refused");
    Ended other = landloom("synthesize", keys(output, "gates.segmenter=" + model));
    assertEquals(2, other.code());
    assertTrue(
        other
            .err()
            .contains(
                "gates.segmenter: model 'csebgan': is csebgan, but the consistency gate needs a"
                    + " segmenter"),
        other.err());
    assertFalse(Files.exists(Path.of(output, "_staging")));
  }

  @Test
  @Order(7)
  void verifyComparesPairsWithDecisions() throws IOException {
    Path kept = runs(shared.resolve("open").toString(), "run_id=synthesize-").get(0);
    Path changed = runs(shared.resolve("one").toString(), "run_id=synthesize-").get(0);
    // decisions of the run that accepted every first draw
    for (String file : List.of("part-00000.parquet", ".part-00000.parquet.crc")) {
      Path from = kept.resolve("gate_decisions").resolve(file);
      if (Files.exists(from)) {
        Files.write(changed.resolve("gate_decisions").resolve(file), Files.readAllBytes(from));
      }
    }
    Ended ended = landloom("verify", "output.root=" + shared.resolve("one"));
    assertEquals(4, ended.code());
    assertTrue(ended.err().contains("accepted-draw-without-pair"), ended.err());
    assertTrue(ended.err().contains("pair-not-accepted"), ended.err());
  }
}
