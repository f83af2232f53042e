package io.landloom.synthesis.diffusion.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Prompts as tokens of whole words, for a text encoder that is trained with its U-Net: a share and
 * a class name are a token each, and a word of the scene one of {@value #SCENE_WORDS} by its hash.
 *
 * @param names of the classes, in the scheme's order
 * @param length tokens of every text; the last ones are cut off, or filled with an empty token
 */
public record PromptTokens(List<String> names, int length) {
  private static final int SCENE_WORDS = 256;
  private static final int EMPTY = 0;
  private static final int ABSENT = 1;
  private static final int TRACE = 2; // then 1 % to 100 %
  private static final int FIRST_CLASS = TRACE + 101;

  /** Copies the names. */
  public PromptTokens {
    names = List.copyOf(names);
    if (length < 1) {
      throw new IllegalArgumentException("length " + length + " is below 1");
    }
  }

  /** Number of tokens there are. */
  public int vocabulary() {
    return FIRST_CLASS + names.size() + SCENE_WORDS;
  }

  /** A text of empty tokens. */
  public int[] empty() {
    return new int[length];
  }

  /**
   * The tokens of a prompt.
   *
   * @throws IllegalArgumentException if it names a class that is not one of these
   */
  public int[] of(LayoutPrompt prompt) {
    List<Integer> tokens = new ArrayList<>();
    addWords(prompt.scene(), tokens);
    for (LayoutPrompt.ClassShare share : prompt.shares()) {
      tokens.add(TRACE + share.percent());
      tokens.add(classToken(share.name()));
    }
    for (String name : prompt.absent()) {
      tokens.add(ABSENT);
      tokens.add(classToken(name));
    }
    return padded(tokens);
  }

  /**
   * The tokens of target shares, as of their prompt: the largest share first, then what must not be
   * there. Where nothing is asked they are {@link #empty}.
   */
  public int[] of(TargetShares target) {
    return of(target, "");
  }

  /**
   * The tokens of target shares, and then those of a caption, which may be cut off.
   *
   * @param caption words in one line; empty for none
   */
  public int[] of(TargetShares target, String caption) {
    List<Integer> tokens = new ArrayList<>();
    Map<Integer, Integer> percents = percents(target);
    List<Integer> present = new ArrayList<>(percents.keySet());
    present.sort(
        Comparator.comparingInt((Integer k) -> -percents.get(k))
            .thenComparingDouble(k -> -target.shares().get(k)));
    for (int k : present) {
      tokens.add(TRACE + percents.get(k));
      tokens.add(FIRST_CLASS + k);
    }
    for (int k = 0; k < target.classes(); k++) {
      if (!target.isFull() && target.isKnown(k) && target.shares().get(k) == 0) {
        tokens.add(ABSENT);
        tokens.add(FIRST_CLASS + k);
      }
    }
    addWords(caption, tokens);
    return padded(tokens);
  }

  private void addWords(String text, List<Integer> tokens) {
    for (String word : text.split("[ ,;]+")) {
      if (!word.isEmpty()) {
        tokens.add(FIRST_CLASS + names.size() + Math.floorMod(word.hashCode(), SCENE_WORDS));
      }
    }
  }

  /** Per cents of the classes that are asked for: of a full target as its prompt writes them. */
  private Map<Integer, Integer> percents(TargetShares target) {
    Map<Integer, Integer> percents = new TreeMap<>();
    if (target.isFull()) {
      LayoutPrompt prompt = LayoutPrompt.of("scene", names, target.toArray());
      prompt.shares().forEach(share -> percents.put(names.indexOf(share.name()), share.percent()));
      return percents;
    }
    for (int k = 0; k < target.classes(); k++) {
      if (target.isKnown(k) && target.shares().get(k) > 0) {
        percents.put(k, (int) Math.round(100 * target.shares().get(k)));
      }
    }
    return percents;
  }

  private int classToken(String name) {
    int position = names.indexOf(name);
    if (position < 0) {
      throw new IllegalArgumentException("prompt of class '" + name + "', known are " + names);
    }
    return FIRST_CLASS + position;
  }

  private int[] padded(List<Integer> tokens) {
    int[] padded = new int[length];
    Arrays.fill(padded, EMPTY);
    for (int i = 0; i < Math.min(length, tokens.size()); i++) {
      padded[i] = tokens.get(i);
    }
    return padded;
  }
}
