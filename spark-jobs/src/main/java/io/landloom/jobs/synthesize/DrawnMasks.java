package io.landloom.jobs.synthesize;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.RunRecord;
import java.io.IOException;
import java.io.Serializable;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The masks that published pairs were drawn for, or that gates gave up; none is drawn for again.
 *
 * <p>A plan holds all usable masks of the tile runs it was made from that were not drawn for
 * before: all of the training split, or those of them that show its one redrawn class. So the class
 * says which masks of a run are drawn for, and no list of them is needed.
 *
 * @param positions by tile run, the positions of the redrawn classes; {@link StoredMask#ANY_CLASS}
 *     for all masks
 * @param conditions how many masks these are
 */
public record DrawnMasks(Map<String, Set<Integer>> positions, long conditions)
    implements Serializable {
  /** Field of a synthesis' record: masks of its plan. */
  public static final String CONDITIONS = "counts.conditions";

  /** Copies the map. */
  public DrawnMasks {
    positions = new TreeMap<>(positions);
  }

  /** What the published runs of a scheme were drawn for. */
  public static DrawnMasks of(DatasetRoot dataset, LandCoverScheme scheme) throws IOException {
    Map<String, Set<Integer>> positions = new TreeMap<>();
    long conditions = 0;
    for (RunRecord synthesis : dataset.runs("synthesize", scheme)) {
      conditions += synthesis.number(CONDITIONS);
      int position =
          synthesis.fields().containsKey(RunRecord.REDRAWN_CLASS)
              ? scheme.position((int) synthesis.number(RunRecord.REDRAWN_CLASS))
              : StoredMask.ANY_CLASS;
      for (Object run : synthesis.list(RunRecord.PATCHES_RUNS)) {
        positions.computeIfAbsent((String) run, key -> new TreeSet<>()).add(position);
      }
    }
    return new DrawnMasks(positions, conditions);
  }

  /** Whether no mask of a file is left to draw for. */
  public boolean holdsAllOf(PatchesFile file) {
    return of(file).contains(StoredMask.ANY_CLASS);
  }

  /** Positions of the classes whose masks in a file were drawn for. */
  public Set<Integer> of(PatchesFile file) {
    return positions.getOrDefault(file.run(), Set.of());
  }

  /** A tile run, with what of it was drawn for; the same for the same masks that are left. */
  public String describe(String run) {
    return positions.containsKey(run) ? run + " without " + positions.get(run) : run;
  }
}
