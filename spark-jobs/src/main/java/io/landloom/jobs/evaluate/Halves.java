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
   * Every other scene by name, so that scenes which are sorted by what they show fall to both
   * halves and no ground does; of too few scenes, the first patches and the last.
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
    boolean odd = false;
    for (List<Integer> ofScene : patches.values()) {
      (odd ? other : one).addAll(ofScene);
      odd = !odd;
    }
    Halves alternate =
        new Halves(one, other, "masks of every other scene of validation, compared with the rest");
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
}
