package io.landloom.synthesis.training;

import io.landloom.synthesis.SeededStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A share of labelled patches, as if the others had no labels: drawn so that every class that is
 * there occurs, and so that patches are taken evenly of those in which each class prevails.
 *
 * <p>Of one draw the patches of a small share are among those of a larger one.
 *
 * @param fraction share of the patches, above 0 and at most 1; there are never fewer than are
 *     needed to show every class
 * @param draw number of the draw, so that several can be compared
 */
public record LabelShare(double fraction, long draw) {
  /** Checks the range. */
  public LabelShare {
    if (!(fraction > 0 && fraction <= 1)) {
      throw new IllegalArgumentException("fraction " + fraction + " is not above 0 and at most 1");
    }
  }

  /** The patches of a set, by their numbers in ascending order. */
  public List<Integer> items(TrainingSet set, ClassPositions positions) {
    if (fraction == 1) {
      return IntStream.range(0, set.size()).boxed().toList();
    }
    long[][] pixels = pixels(set, positions);
    List<Integer> order = order(pixels);
    Set<Integer> chosen = new LinkedHashSet<>();
    for (int position : rareFirst(pixels, positions.count() - 1)) {
      boolean shown = chosen.stream().anyMatch(item -> pixels[item][position] > 0);
      if (!shown) {
        order.stream()
            .filter(item -> pixels[item][position] > 0)
            .findFirst()
            .ifPresent(chosen::add);
      }
    }
    long wanted = Math.round(fraction * set.size());
    for (int item : order) {
      if (chosen.size() >= wanted) {
        break;
      }
      chosen.add(item);
    }
    return chosen.stream().sorted().toList();
  }

  private static long[][] pixels(TrainingSet set, ClassPositions positions) {
    long[][] pixels = new long[set.size()][positions.count()];
    for (int item = 0; item < pixels.length; item++) {
      var mask = set.mask(item);
      for (byte position : positions.of(mask, mask.width(), "training item " + item)) {
        pixels[item][position]++;
      }
    }
    return pixels;
  }

  /** Classes that are there, those in the fewest patches first. */
  private static List<Integer> rareFirst(long[][] pixels, int classes) {
    long[] patches = new long[classes];
    List<Integer> there = new ArrayList<>();
    for (int position = 0; position < classes; position++) {
      int here = position;
      patches[position] = Arrays.stream(pixels).filter(item -> item[here] > 0).count();
      if (patches[position] > 0) {
        there.add(position);
      }
    }
    there.sort(Comparator.comparingLong(position -> patches[position]));
    return there;
  }

  /** All patches so that any beginning holds about the same share of each prevailing class. */
  private List<Integer> order(long[][] pixels) {
    int[] shuffled =
        SeededStream.of(List.of("labelled patches", "order"), draw).permutation(pixels.length);
    int classes = pixels.length == 0 ? 0 : pixels[0].length;
    double[] places = new double[pixels.length];
    int[] members = new int[classes];
    for (int item : shuffled) {
      members[prevailing(pixels[item])]++;
    }
    int[] met = new int[classes];
    for (int item : shuffled) {
      int position = prevailing(pixels[item]);
      places[item] = (met[position] + offset(position)) / members[position];
      met[position]++;
    }
    return Arrays.stream(shuffled)
        .boxed()
        .sorted(Comparator.comparingDouble(item -> places[item]))
        .toList();
  }

  private double offset(int position) {
    return SeededStream.of(List.of("labelled patches", "offset"), draw, position).nextShare();
  }

  private static int prevailing(long[] pixels) {
    int most = 0;
    for (int position = 1; position < pixels.length; position++) {
      most = pixels[position] > pixels[most] ? position : most;
    }
    return most;
  }
}
