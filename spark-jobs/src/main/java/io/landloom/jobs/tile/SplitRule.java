package io.landloom.jobs.tile;

import io.landloom.geo.patch.PatchGrid;
import io.landloom.geo.patch.PatchId;
import io.landloom.geo.scene.SceneId;
import io.landloom.jobs.run.JobException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which split a patch belongs to.
 *
 * <p>Drawn splits are a function of the seed, the scene's name and its size alone, so a scene keeps
 * its split when scenes are added later.
 */
public sealed interface SplitRule extends Serializable {
  /** Names of the splits, in the order of their shares. */
  List<String> NAMES = List.of("train", "val", "test");

  /** What decides the splits, the same for the same splits. */
  default String definition() {
    return toString();
  }

  /** The splits of a scene's patches. */
  SceneSplit of(SceneId scene, PatchGrid grid);

  /** The split of each patch of a scene. */
  @FunctionalInterface
  interface SceneSplit {
    /** The split of a patch: train, val or test. */
    String of(int row, int column);
  }

  /**
   * Gives whole blocks of patches to a split, so that neighbours stay together.
   *
   * <p>The blocks of a scene are put in a drawn order and the shares are laid over it from a drawn
   * start, so that each scene comes as close to the shares as its number of blocks allows.
   *
   * @param seed the run's seed
   * @param shares relative shares of train, val and test
   * @param block side of a block, in patches
   */
  record ByBlock(long seed, List<Double> shares, int block) implements SplitRule {
    @Override
    public SceneSplit of(SceneId scene, PatchGrid grid) {
      int across = (grid.columns() + block - 1) / block;
      int down = (grid.rows() + block - 1) / block;
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < across * down; i++) {
        order.add(i);
      }
      double[] points =
          order.stream().mapToDouble(i -> Draw.point(seed, scene + "|" + i)).toArray();
      order.sort(Comparator.comparingDouble(i -> points[i]));
      double start = Draw.point(seed, scene.name());
      String[] splits = new String[order.size()];
      for (int rank = 0; rank < splits.length; rank++) {
        splits[order.get(rank)] = Draw.split(shares, (rank + start) / splits.length);
      }
      return (row, column) -> splits[row / block * across + column / block];
    }
  }

  /**
   * Draws a split for each scene.
   *
   * @param seed the run's seed
   * @param shares relative shares of train, val and test
   */
  record ByScene(long seed, List<Double> shares) implements SplitRule {
    @Override
    public SceneSplit of(SceneId scene, PatchGrid grid) {
      String split = Draw.split(shares, Draw.point(seed, scene.name()));
      return (row, column) -> split;
    }
  }

  /**
   * Draws a split for each patch; neighbours of one scene leak between splits.
   *
   * @param seed the run's seed
   * @param shares relative shares of train, val and test
   */
  record Random(long seed, List<Double> shares) implements SplitRule {
    @Override
    public SceneSplit of(SceneId scene, PatchGrid grid) {
      return (row, column) ->
          Draw.split(shares, Draw.point(seed, new PatchId(scene, row, column).toString()));
    }
  }

  /**
   * Takes the split of each scene from a table.
   *
   * @param file where the table came from
   * @param splitOfScene split by scene id
   */
  record Listed(String file, Map<String, String> splitOfScene) implements SplitRule {
    /**
     * Reads lines of scene id and split with tabs between; further columns and a heading are
     * allowed, and so is a file extension after the scene id.
     */
    public static Listed parse(String file, List<String> lines) {
      Map<String, String> splits = new TreeMap<>();
      for (int i = 0; i < lines.size(); i++) {
        String[] columns = lines.get(i).split("\t", -1);
        if (lines.get(i).isBlank()) {
          continue;
        }
        if (columns.length < 2 || !NAMES.contains(columns[1])) {
          if (i == 0) {
            continue;
          }
          throw JobException.user(
              "split = table:"
                  + file
                  + ", line "
                  + (i + 1)
                  + ": expected scene id and one of "
                  + String.join(", ", NAMES));
        }
        String scene = columns[0].replaceFirst("\\.(tif|tiff|png|jpg|jpeg)$", "");
        String other = splits.put(scene, columns[1]);
        if (other != null && !other.equals(columns[1])) {
          throw JobException.user(
              "split = table:"
                  + file
                  + ": scene "
                  + scene
                  + " is in "
                  + other
                  + " and in "
                  + columns[1]);
        }
      }
      return new Listed(file, splits);
    }

    /** Checks that a scene is in the table. */
    public void check(SceneId scene) {
      if (!splitOfScene.containsKey(scene.name())) {
        throw JobException.user("split = table:" + file + ": scene " + scene + " is not in it");
      }
    }

    @Override
    public String definition() {
      return splitOfScene.toString();
    }

    @Override
    public SceneSplit of(SceneId scene, PatchGrid grid) {
      String split = splitOfScene.get(scene.name());
      return (row, column) -> split;
    }
  }
}
