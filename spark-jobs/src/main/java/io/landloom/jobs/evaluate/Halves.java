package io.landloom.jobs.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Patches in two halves of about one size that are to be compared.
 *
 * @param one numbers of patches
 * @param other numbers of as many others, give or take what scenes differ by
 * @param origin how they were parted, in words
 */
record Halves(List<Integer> one, List<Integer> other, String origin) {
  /**
   * Scenes by name, each to the half that has less, so that scenes which are sorted by what they
   * show fall to both halves in turns and no ground does; of too few scenes, the first patches and
   * the last.
   *
   * @param scenes the scene of each patch
   * @param least patches that make a half
   */
  static Halves of(List<String> scenes, int least) {
    SortedMap<String, List<Integer>> patches = new TreeMap<>();
    for (int i = 0; i < scenes.size(); i++) {
      patches.computeIfAbsent(scenes.get(i), scene -> new ArrayList<>()).add(i);
    }
    List<Integer> one = new ArrayList<>();
    List<Integer> other = new ArrayList<>();
    for (List<Integer> ofScene : patches.values()) {
      (other.size() < one.size() ? other : one).addAll(ofScene);
    }
    Halves alternate =
        new Halves(one, other, "masks of some scenes of validation, compared with the others");
    int middle = scenes.size() / 2;
    return alternate.size() >= least && 2 * alternate.size() >= middle
        ? alternate
        : new Halves(
            IntStream.range(0, middle).boxed().toList(),
            IntStream.range(scenes.size() - middle, scenes.size()).boxed().toList(),
            "masks of the first half of validation, compared with the second");
  }

  /** Patches that either has. */
  int size() {
    return Math.min(one.size(), other.size());
  }

  /** So many of a half, from all of it alike. */
  static List<Integer> spread(List<Integer> half, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> half.get((int) ((long) i * half.size() / count)))
        .toList();
  }
}
