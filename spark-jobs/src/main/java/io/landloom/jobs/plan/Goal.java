package io.landloom.jobs.plan;

import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.run.JobException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What real and synthetic patches of the training split together should hold, by the valid classes
 * of a scheme in its order.
 *
 * @param text as it was given
 * @param classes names of the classes
 * @param shares wanted share of each class in the valid pixels, 0 to 1; NaN where it is free
 * @param patches fewest patches that should show each class; 0 where it is free
 */
public record Goal(String text, List<String> classes, double[] shares, long[] patches)
    implements Serializable {
  private static final Pattern ENTRY =
      Pattern.compile("(?<name>[^=<>]+?)\\s*(?<sign>=|>=)\\s*(?<number>[0-9.eE+-]+)");
  private static final List<String> OF_REAL = List.of("uniform", "inverse-frequency", "real");
  private static final double SUM_TOLERANCE = 1e-6;

  /** Copies the list. */
  public Goal {
    classes = List.copyOf(classes);
  }

  /**
   * Reads a goal: {@code uniform}, {@code inverse-frequency} (shares proportional to one over the
   * real ones), {@code real} (the shares as they are), or a list of {@code class=share} and {@code
   * class>=patches}. The first three speak of the classes that real training patches show; in a
   * list, classes without a share are free.
   *
   * @param real real patches of the training split
   * @throws JobException if the text is none of these
   */
  public static Goal parse(String text, LandCoverScheme scheme, Tally real) {
    List<String> names =
        scheme.validClasses().stream()
            .map(LandCoverClass::name)
            .collect(Collectors.toCollection(ArrayList::new));
    double[] shares = new double[names.size()];
    if (real.valid() == 0 && OF_REAL.contains(text)) {
      throw refusal(
          text, "there are no labelled patches of the training split to take shares from");
    }
    switch (text) {
      case "uniform" -> fill(shares, real, 0);
      case "inverse-frequency" -> fill(shares, real, -1);
      case "real" -> fill(shares, real, 1);
      default -> {
        return stated(text, names, scheme.name());
      }
    }
    return new Goal(text, names, shares, new long[shares.length]);
  }

  private static void fill(double[] shares, Tally real, int power) {
    double sum = 0;
    for (int k = 0; k < shares.length; k++) {
      shares[k] = real.pixels()[k] == 0 ? 0 : Math.pow(real.pixels()[k], power);
      sum += shares[k];
    }
    for (int k = 0; k < shares.length; k++) {
      shares[k] = real.pixels()[k] == 0 ? Double.NaN : shares[k] / sum;
    }
  }

  private static Goal stated(String text, List<String> names, String scheme) {
    double[] shares = new double[names.size()];
    Arrays.fill(shares, Double.NaN);
    long[] patches = new long[names.size()];
    for (String entry : text.split(",")) {
      Matcher matcher = ENTRY.matcher(entry.strip());
      if (!matcher.matches()) {
        throw refusal(
            text,
            "'"
                + entry.strip()
                + "' is none of uniform, inverse-frequency, real, class=share and class>=patches");
      }
      int k = names.indexOf(matcher.group("name"));
      if (k < 0) {
        throw refusal(
            text,
            scheme
                + " has no class '"
                + matcher.group("name")
                + "'; it has "
                + String.join(", ", names));
      }
      double number = number(text, matcher.group("number"));
      if (matcher.group("sign").equals("=")) {
        if (!Double.isNaN(shares[k])) {
          throw refusal(text, names.get(k) + " is there twice");
        }
        shares[k] = number;
      } else {
        patches[k] = (long) number;
      }
      if (matcher.group("sign").equals("=") ? number > 1 : number != Math.rint(number)) {
        throw refusal(
            text, entry.strip() + ": shares are from 0 to 1, numbers of patches are whole");
      }
    }
    double sum = Arrays.stream(shares).filter(share -> !Double.isNaN(share)).sum();
    boolean all = Arrays.stream(shares).noneMatch(Double::isNaN);
    if (sum > 1 + SUM_TOLERANCE || (all && sum < 1 - SUM_TOLERANCE)) {
      throw refusal(
          text,
          String.format(
              Locale.ROOT,
              "the shares add up to %.6f; of all classes they are 1, of some at most 1",
              sum));
    }
    return new Goal(text, names, shares, patches);
  }

  private static double number(String text, String number) {
    try {
      double value = Double.parseDouble(number);
      if (value >= 0 && value <= 1e15) {
        return value;
      }
    } catch (NumberFormatException e) {
      // refused below
    }
    throw refusal(text, "'" + number + "' is not a number of 0 or more");
  }

  private static JobException refusal(String text, String why) {
    return JobException.user("plan.target = " + text + ": " + why);
  }

  /** Whether a class has a wanted share. */
  public boolean wants(int position) {
    return !Double.isNaN(shares[position]);
  }

  /** How many classes have a wanted share. */
  int wanted() {
    int count = 0;
    for (int k = 0; k < shares.length; k++) {
      count += wants(k) ? 1 : 0;
    }
    return count;
  }

  /** The largest difference between shares and those wanted, as a share; 0 without any wanted. */
  public double largestMiss(double[] reached) {
    double largest = 0;
    for (int k = 0; k < shares.length; k++) {
      largest = wants(k) ? Math.max(largest, Math.abs(reached[k] - shares[k])) : largest;
    }
    return largest;
  }

  /** The mean absolute difference over the classes with a wanted share; 0 without any. */
  public double meanMiss(double[] reached) {
    double sum = 0;
    for (int k = 0; k < shares.length; k++) {
      sum += wants(k) ? Math.abs(reached[k] - shares[k]) : 0;
    }
    return sum / Math.max(1, wanted());
  }

  /** Patches missing, over all classes. */
  public long missingPatches(Tally reached) {
    return Arrays.stream(missing(reached)).sum();
  }

  /** Patches missing of each class. */
  public long[] missing(Tally reached) {
    long[] missing = new long[patches.length];
    for (int k = 0; k < missing.length; k++) {
      missing[k] = Math.max(0, patches[k] - reached.patches()[k]);
    }
    return missing;
  }

  /** Whether every wanted share is reached within a tolerance, and every number of patches. */
  public boolean isMet(Tally reached, double eps) {
    return largestMiss(reached.shares()) <= eps && missingPatches(reached) == 0;
  }
}
