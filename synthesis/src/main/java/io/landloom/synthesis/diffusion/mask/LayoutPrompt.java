package io.landloom.synthesis.diffusion.mask;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a mask is asked to show, in words: {@code A remote sensing label map of SCENE: 60% water,
 * 40% forest, <1% road; no building.}
 *
 * @param scene a caption in one line
 * @param shares of the classes that are there, largest first
 * @param absent names of classes that must not be there
 */
public record LayoutPrompt(String scene, List<ClassShare> shares, List<String> absent) {
  private static final String OPENING = "A remote sensing label map of ";
  private static final String BEFORE_SHARES = ": ";
  private static final String TRACE = "<1%";
  private static final double LEAST_WRITTEN = 0.005;
  private static final Pattern SHARE = Pattern.compile("(<1|[1-9][0-9]?|100)% (.+)");
  private static final Pattern NOT_IN_CLASS = Pattern.compile("[,;:%\\v]");

  /**
   * The share of a class.
   *
   * @param name the class's, without commas, semicolons, colons and per cent signs
   * @param percent from 0 to 100; 0 is written as less than 1
   */
  public record ClassShare(String name, int percent) {
    /** Checks name and range. */
    public ClassShare {
      requireName(name);
      if (percent < 0 || percent > 100) {
        throw new IllegalArgumentException(
            "class '" + name + "': " + percent + "% is outside 0..100");
      }
    }
  }

  /** Checks the words. */
  public LayoutPrompt {
    shares = List.copyOf(shares);
    absent = List.copyOf(absent);
    absent.forEach(LayoutPrompt::requireName);
    if (scene.isBlank() || !scene.equals(scene.strip()) || scene.lines().count() != 1) {
      throw new IllegalArgumentException("scene '" + scene + "' is no line of words");
    }
    if (shares.isEmpty()) {
      throw new IllegalArgumentException("scene '" + scene + "' has no class");
    }
  }

  private static void requireName(String name) {
    if (name.isBlank() || !name.equals(name.strip()) || NOT_IN_CLASS.matcher(name).find()) {
      throw new IllegalArgumentException(
          "class '"
              + name
              + "' is no name for a prompt: it is empty, or has a comma, semicolon,"
              + " colon, per cent sign or line break");
    }
  }

  /**
   * The prompt of proportions, whose per cents sum to 100 by largest remainders. A class of less
   * than half a per cent, or that is left without one, counts as less than 1; one of share 0 is
   * left out.
   *
   * @param names of the classes
   * @param proportions of the classes, not negative, with a sum above 0
   * @throws IllegalArgumentException if the numbers are not proportions
   */
  public static LayoutPrompt of(String scene, List<String> names, double[] proportions) {
    double sum = requireProportions(names, proportions);
    List<Integer> written = new ArrayList<>();
    double writtenSum = 0;
    for (int i = 0; i < proportions.length; i++) {
      if (proportions[i] / sum >= LEAST_WRITTEN) {
        written.add(i);
        writtenSum += proportions[i];
      }
    }
    int[] percents = largestRemainders(proportions, written, writtenSum);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < proportions.length; i++) {
      if (proportions[i] > 0) {
        order.add(i);
      }
    }
    // a stable sort: classes of one share stay in the scheme's order
    order.sort(
        Comparator.comparingInt((Integer i) -> -percents[i])
            .thenComparingDouble(i -> -proportions[i]));
    List<ClassShare> shares =
        order.stream().map(i -> new ClassShare(names.get(i), percents[i])).toList();
    return new LayoutPrompt(scene, shares, List.of());
  }

  private static double requireProportions(List<String> names, double[] proportions) {
    if (names.size() != proportions.length) {
      throw new IllegalArgumentException(
          proportions.length + " proportions for " + names.size() + " classes");
    }
    double sum = 0;
    for (int i = 0; i < proportions.length; i++) {
      if (!(proportions[i] >= 0 && proportions[i] < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "class '" + names.get(i) + "': share " + proportions[i] + " is no proportion");
      }
      sum += proportions[i];
    }
    if (!(sum > 0)) {
      throw new IllegalArgumentException("no class has a share above 0");
    }
    return sum;
  }

  private static int[] largestRemainders(double[] proportions, List<Integer> of, double sum) {
    int[] percents = new int[proportions.length];
    double[] remainders = new double[proportions.length];
    int left = 100;
    for (int i : of) {
      double exact = 100 * proportions[i] / sum;
      percents[i] = (int) Math.floor(exact);
      remainders[i] = exact - percents[i];
      left -= percents[i];
    }
    List<Integer> order = new ArrayList<>(of);
    order.sort(Comparator.comparingDouble((Integer i) -> -remainders[i]));
    for (int i = 0; i < left; i++) {
      percents[order.get(i)]++;
    }
    return percents;
  }

  /** The same with classes that must not be there. */
  public LayoutPrompt without(List<String> classes) {
    return new LayoutPrompt(scene, shares, classes);
  }

  /** The prompt in words; {@link #parse} reads it back. */
  public String text() {
    StringBuilder text = new StringBuilder(OPENING).append(scene).append(BEFORE_SHARES);
    for (int i = 0; i < shares.size(); i++) {
      ClassShare share = shares.get(i);
      text.append(i == 0 ? "" : ", ")
          .append(share.percent == 0 ? TRACE : share.percent + "%")
          .append(' ')
          .append(share.name);
    }
    absent.forEach(name -> text.append("; no ").append(name));
    return text.append('.').toString();
  }

  /**
   * Reads a prompt's words.
   *
   * @throws IllegalArgumentException if they are not as {@link #text} writes them
   */
  public static LayoutPrompt parse(String text) {
    int colon = text.lastIndexOf(BEFORE_SHARES);
    if (!text.startsWith(OPENING) || !text.endsWith(".") || colon < OPENING.length()) {
      throw new IllegalArgumentException(
          "prompt '" + text + "' is not '" + OPENING + "SCENE: 60% CLASS, 40% CLASS.'");
    }
    String scene = text.substring(OPENING.length(), colon);
    String classes = text.substring(colon + BEFORE_SHARES.length(), text.length() - 1);
    String[] parts = classes.split("; no ", -1);
    List<ClassShare> shares = new ArrayList<>();
    for (String part : parts[0].split(", ", -1)) {
      Matcher share = SHARE.matcher(part);
      if (!share.matches()) {
        throw new IllegalArgumentException(
            "prompt '" + text + "': '" + part + "' is not a share such as '40% water'");
      }
      String percent = share.group(1);
      shares.add(
          new ClassShare(share.group(2), percent.equals("<1") ? 0 : Integer.parseInt(percent)));
    }
    return new LayoutPrompt(scene, shares, List.of(parts).subList(1, parts.length));
  }
}
