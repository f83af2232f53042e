package io.landloom.jobs.train;

import io.landloom.jobs.run.WholeFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/** The losses of every step as CSV, those before an interruption too. */
final class LossTable {
  private static final String STEP = "step";

  private List<String> names = List.of();
  private final List<float[]> rows = new ArrayList<>();

  /** The table of an interrupted start up to the step of its checkpoint; empty without one. */
  static LossTable read(Path path, long steps, Configuration configuration) throws IOException {
    LossTable table = new LossTable();
    try (FSDataInputStream in = path.getFileSystem(configuration).open(path)) {
      List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      table.names = List.of(lines.get(0).substring(STEP.length() + 1).split(","));
      for (String line : lines.subList(1, (int) Math.min(lines.size(), steps + 1))) {
        table.rows.add(row(line.split(",")));
      }
    } catch (FileNotFoundException e) {
      return table;
    }
    return table;
  }

  private static float[] row(String[] cells) {
    float[] row = new float[cells.length - 1];
    for (int i = 0; i < row.length; i++) {
      row[i] = Float.parseFloat(cells[i + 1]);
    }
    return row;
  }

  /** Adds the losses of the next step. */
  void add(Map<String, Float> losses) {
    names = List.copyOf(losses.keySet());
    float[] row = new float[names.size()];
    for (int i = 0; i < row.length; i++) {
      row[i] = losses.get(names.get(i));
    }
    rows.add(row);
  }

  /** Names of the losses, in the order of the columns. */
  List<String> names() {
    return names;
  }

  /** Number of steps. */
  int size() {
    return rows.size();
  }

  /** A loss of a step, counted from 0. */
  float value(int step, int column) {
    return rows.get(step)[column];
  }

  /** The last step as people read it. */
  String last() {
    if (rows.isEmpty()) {
      return "";
    }
    float[] row = rows.get(rows.size() - 1);
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < row.length; i++) {
      parts.add(String.format(Locale.ROOT, "%s %.3g", names.get(i), row[i]));
    }
    return String.join(", ", parts);
  }

  void write(Path path, Configuration configuration) throws IOException {
    WholeFile.write(
        path, configuration, file -> Files.writeString(file, csv(), StandardCharsets.UTF_8));
  }

  private String csv() {
    StringBuilder csv = new StringBuilder(STEP);
    names.forEach(name -> csv.append(',').append(name));
    csv.append('\n');
    for (int step = 0; step < rows.size(); step++) {
      csv.append(step + 1);
      for (float value : rows.get(step)) {
        csv.append(',').append(value);
      }
      csv.append('\n');
    }
    return csv.toString();
  }
}
