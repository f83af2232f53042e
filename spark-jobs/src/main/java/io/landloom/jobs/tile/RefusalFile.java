package io.landloom.jobs.tile;

import io.landloom.geo.scene.SceneId;
import io.landloom.jobs.run.WholeFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * The scenes that a run leaves out though their headers were sound, kept beside its buckets.
 *
 * <p>A restart needs them, and they are published with the run as its record of what is missing.
 */
public final class RefusalFile {
  private static final String NAME = "_refused.tsv";

  private final Path path;
  private final Configuration configuration;

  /** The file in a run's staging folder. */
  public RefusalFile(Path folder, Configuration configuration) {
    this.path = new Path(folder, NAME);
    this.configuration = configuration;
  }

  /** The refusals that were kept; none where there is no file. */
  public List<Refusal> read() throws IOException {
    try (FSDataInputStream in = path.getFileSystem(configuration).open(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split("\t", 3))
          .map(parts -> new Refusal(new SceneId(parts[0]), parts[1], parts[2]))
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  /** Keeps refusals in place of those before. */
  public void write(List<Refusal> refusals) throws IOException {
    String lines =
        refusals.stream()
            .map(r -> r.scene() + "\t" + r.reason() + "\t" + r.message().replaceAll("\\s", " "))
            .collect(Collectors.joining("\n"));
    WholeFile.write(
        path, configuration, file -> Files.writeString(file, lines, StandardCharsets.UTF_8));
  }
}
