package io.landloom.jobs.tile;

import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.table.PixelFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;

/**
 * What is left to tile of some scenes, in a dataset that may hold some of them.
 *
 * @param scenes scenes that no published run holds as they are now, ordered by id
 * @param unchanged how many published runs hold as they are
 * @param leftOutBefore how many a published run left out as they are
 * @param replaced runs that hold one of the scenes as it was, and so are to be retired
 */
public record Increment(
    List<SceneEntry> scenes, int unchanged, int leftOutBefore, List<RunId> replaced) {
  private static final int NAMED = 20;

  /**
   * Compares scenes with those that are published, and judges nothing.
   *
   * @param tilings the published runs
   * @param asked the rule
   */
  public static Increment of(
      DatasetRoot dataset,
      List<RunRecord> tilings,
      List<SceneEntry> scenes,
      TileRule asked,
      Configuration configuration)
      throws IOException {
    return Comparison.of(dataset, tilings, scenes, asked, configuration).increment();
  }

  /**
   * Scenes to add to those that are published.
   *
   * @param tilings the published runs
   * @param asked the rule, before it is known how images are stored
   * @throws JobException if a scene is published that was another then
   */
  public static Increment adding(
      DatasetRoot dataset,
      List<RunRecord> tilings,
      List<SceneEntry> scenes,
      TileRule asked,
      Configuration configuration)
      throws IOException {
    Comparison comparison = Comparison.of(dataset, tilings, scenes, asked, configuration);
    comparison.refuseChanged();
    return comparison.increment();
  }

  /**
   * Scenes to add to those that are published, and to tile anew where they have changed.
   *
   * <p>A run is retired as a whole. So where one is replaced for a scene that has changed, its
   * other scenes are tiled again too.
   *
   * @param tilings the published runs
   * @param asked the rule, before it is known how images are stored
   * @throws JobException if a run to be retired holds a scene that is not among these
   */
  public static Increment replacing(
      DatasetRoot dataset,
      List<RunRecord> tilings,
      List<SceneEntry> scenes,
      TileRule asked,
      Configuration configuration)
      throws IOException {
    Comparison comparison = Comparison.of(dataset, tilings, scenes, asked, configuration);
    comparison.refuseLosses();
    return comparison.increment();
  }

  /** Whether there is nothing to tile. */
  public boolean isEmpty() {
    return scenes.isEmpty();
  }

  /**
   * A published scene beside the one that is asked for.
   *
   * @param run the run that holds it
   * @param state how it compares
   */
  private record Found(RunId run, State state) {
    boolean changed() {
      return state == State.OTHER_FILES || state == State.OTHER_SETTINGS;
    }
  }

  private enum State {
    SAME,
    LEFT_OUT,
    OTHER_FILES,
    OTHER_SETTINGS
  }

  /** Collects what published runs hold of the scenes. */
  private static final class Comparison {
    private final DatasetRoot dataset;
    private final List<SceneEntry> scenes;
    private final TileRule asked;
    private final Configuration configuration;
    private final Map<String, SceneEntry> byId;
    private final Map<String, Found> found = new HashMap<>();

    private Comparison(
        DatasetRoot dataset, List<SceneEntry> scenes, TileRule asked, Configuration configuration) {
      this.dataset = dataset;
      this.scenes = scenes;
      this.asked = asked;
      this.configuration = configuration;
      this.byId =
          scenes.stream()
              .collect(Collectors.toMap(scene -> scene.id().name(), Function.identity()));
    }

    static Comparison of(
        DatasetRoot dataset,
        List<RunRecord> tilings,
        List<SceneEntry> scenes,
        TileRule asked,
        Configuration configuration)
        throws IOException {
      Comparison comparison = new Comparison(dataset, scenes, asked, configuration);
      for (RunRecord tiling : tilings) {
        comparison.add(tiling);
      }
      return comparison;
    }

    private void add(RunRecord tiling) throws IOException {
      PixelFormat stored = PixelFormat.named(tiling.text("images"));
      TileRule rule = asked.with(asked.pixels().storedAs(stored));
      String identity = rule.identity();
      file(tiling.runId())
          .forEach(
              line -> {
                SceneEntry scene = byId.get(line.id());
                if (scene != null) {
                  add(tiling.runId(), line, scene, rule.identity(identity, scene.id()));
                }
              });
    }

    private void add(RunId run, ScenesFile.Line line, SceneEntry scene, String rule) {
      State state = State.SAME;
      if (!line.source().equals(ScenesFile.Line.source(scene))) {
        state = State.OTHER_FILES;
      } else if (!line.rule().equals(rule)) {
        state = State.OTHER_SETTINGS;
      }
      if (line.isTiled()) {
        found.put(line.id(), new Found(run, state));
      } else if (state == State.SAME) {
        // what was left out as it is now is left out again, unless another run took it
        found.putIfAbsent(line.id(), new Found(run, State.LEFT_OUT));
      }
    }

    private ScenesFile file(RunId run) {
      return new ScenesFile(dataset.run(run), configuration);
    }

    private Set<RunId> replaced() {
      return found.values().stream()
          .filter(Found::changed)
          .map(Found::run)
          .collect(Collectors.toCollection(TreeSet::new));
    }

    Increment increment() {
      Set<RunId> replaced = replaced();
      List<SceneEntry> left = new ArrayList<>();
      int unchanged = 0;
      int leftOut = 0;
      for (SceneEntry scene : scenes) {
        Found one = found.get(scene.id().name());
        if (one == null || replaced.contains(one.run())) {
          left.add(scene);
        } else if (one.state() == State.SAME) {
          unchanged++;
        } else {
          leftOut++;
        }
      }
      return new Increment(left, unchanged, leftOut, List.copyOf(replaced));
    }

    void refuseLosses() throws IOException {
      for (RunId run : replaced()) {
        Set<String> missing = new TreeSet<>();
        file(run)
            .forEach(
                line -> {
                  if (line.isTiled() && !byId.containsKey(line.id())) {
                    missing.add(line.id());
                  }
                });
        if (!missing.isEmpty()) {
          throw JobException.user(
              "tile.replace: "
                  + run
                  + " would be retired, but it also holds "
                  + named(missing)
                  + ", not among the readable scenes of input.scenes; give a folder that holds"
                  + " them too");
        }
      }
    }

    void refuseChanged() {
      List<String> changed =
          scenes.stream()
              .map(scene -> scene.id().name())
              .filter(id -> found.containsKey(id) && found.get(id).changed())
              .toList();
      if (changed.isEmpty()) {
        return;
      }
      Found first = found.get(changed.get(0));
      String how =
          first.state() == State.OTHER_FILES ? "made from other files" : "made by other settings";
      Set<String> others = new TreeSet<>(changed.subList(1, changed.size()));
      throw JobException.user(
          "scene "
              + changed.get(0)
              + " is already published in "
              + dataset.path()
              + " by "
              + first.run()
              + ", "
              + how
              + (others.isEmpty() ? "" : ", and so is " + named(others) + " by this or another run")
              + "; set tile.replace=true to retire what was published of them and tile them anew,"
              + " or use another output.root");
    }

    private static String named(Set<String> ids) {
      String names =
          ids.stream().limit(NAMED).map(id -> "scene " + id).collect(Collectors.joining(", "));
      return ids.size() > NAMED ? names + " and " + (ids.size() - NAMED) + " more" : names;
    }
  }
}
