package io.landloom.jobs.tile;

import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.WholeFile;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The scenes of a run with what they were made from, kept beside its tables, so that later runs
 * know which scenes they need not tile again.
 */
public final class ScenesFile {
  private static final String NAME = "_scenes.tsv";
  private static final String TILED = "tiled";

  private final Path path;
  private final Configuration configuration;

  /** The file in a run's folder. */
  public ScenesFile(Path folder, Configuration configuration) {
    this.path = new Path(folder, NAME);
    this.configuration = configuration;
  }

  /**
   * A scene of a run.
   *
   * @param id its id
   * @param source checksums of image and label
   * @param rule what else decided its patches, see {@link TileRule#identity}
   * @param state tiled, or why it was left out
   */
  public record Line(String id, String source, String rule, String state) {
    /** A scene that was tiled. */
    public static Line tiled(SceneEntry scene, String rule) {
      return new Line(scene.id().name(), source(scene), rule, TILED);
    }

    /** A scene that was left out. */
    public static Line refused(SceneEntry scene, String rule, String reason) {
      return new Line(scene.id().name(), source(scene), rule, reason);
    }

    static String source(SceneEntry scene) {
      return scene.imageChecksum() + "|" + scene.labelChecksum();
    }

    /** Whether the run holds the scene, if only with patches that were dropped. */
    boolean isTiled() {
      return state.equals(TILED);
    }

    private static Line parse(Path file, String text) {
      String[] columns = text.split("\t", -1);
      if (columns.length != 4) {
        throw JobException.user(
            file
                + " is damaged: a line of "
                + columns.length
                + " columns, not 4; which scenes its run holds is not known, use another"
                + " output.root");
      }
      return new Line(columns[0], columns[1], columns[2], columns[3]);
    }

    private String text() {
      return String.join("\t", id, source, rule, state);
    }
  }

  /** Writes the scenes of a run. */
  public void write(Stream<Line> lines) throws IOException {
    WholeFile.write(
        path,
        configuration,
        file -> {
          try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (Iterator<Line> all = lines.iterator(); all.hasNext(); ) {
              out.write(all.next().text());
              out.write('\n');
            }
          }
        });
  }

  /** Ids of the scenes that the run holds, or left out. */
  public Set<String> ids() throws IOException {
    Set<String> ids = new HashSet<>();
    forEach(line -> ids.add(line.id()));
    return ids;
  }

  /**
   * Reads the scenes of a run one by one.
   *
   * @throws JobException if the run keeps no such file, or it is damaged
   */
  void forEach(Consumer<Line> each) throws IOException {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                path.getFileSystem(configuration).open(path), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        each.accept(Line.parse(path, line));
      }
    } catch (FileNotFoundException e) {
      throw new JobException(
          JobException.Kind.USER,
          path + " is missing: which scenes its run holds is not known; use another output.root",
          e);
    }
  }
}
