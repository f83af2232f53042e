package io.landloom.jobs.tile;

import io.landloom.geo.patch.PatchId;
import io.landloom.geo.scene.SceneId;
import io.landloom.jobs.run.JobException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Which split a patch belongs to.
 *
 * <p>Drawn splits are a function of the seed and the key alone, so a scene or block keeps its split
 * when scenes are added later.
 */
public sealed interface SplitRule extends Serializable {
  /** Names of the splits, in the order of their shares. */
  List<String> NAMES = List.of("train", "val", "test");

  /** The split of a patch: train, val or test. */
  String of(PatchId patch);

  /**
   * Draws a split for each block of patches, so that neighbours stay together.
   *
   * @param seed the run's seed
   * @param shares relative shares of train, val and test
   * @param block side of a block, in patches
   */
  record ByBlock(long seed, List<Double> shares, int block) implements SplitRule {
    @Override
    public String of(PatchId patch) {
      return draw(
          seed, shares, patch.scene() + "|" + patch.row() / block + "|" + patch.column() / block);
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
    public String of(PatchId patch) {
      return draw(seed, shares, patch.scene().name());
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
    public String of(PatchId patch) {
      return draw(seed, shares, patch.toString());
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
        splits.put(columns[0].replaceFirst("\\.(tif|tiff|png|jpg|jpeg)$", ""), columns[1]);
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
    public String of(PatchId patch) {
      return splitOfScene.get(patch.scene().name());
    }
  }

  private static String draw(long seed, List<Double> shares, String key) {
    CRC32C crc = new CRC32C();
    crc.update(key.getBytes(StandardCharsets.UTF_8));
    long bits = mix(seed * 0x9E3779B97F4A7C15L + crc.getValue());
    double point = (bits >>> 11) * 0x1.0p-53;
    double total = shares.stream().mapToDouble(Double::doubleValue).sum();
    double upTo = 0;
    for (int i = 0; i < NAMES.size() - 1; i++) {
      upTo += shares.get(i) / total;
      if (point < upTo) {
        return NAMES.get(i);
      }
    }
    return NAMES.get(NAMES.size() - 1);
  }

  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
