package io.landloom.synthesis.ddpm;

import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Sizes of a U-Net that denoises pixels.
 *
 * @param bands samples a pixel
 * @param cell pixels of the image along an edge of a cell of the finest map, whose samples are
 *     channels of it; 1 for the published networks
 * @param base channels of the time embedding's waves, and of a level whose multiplier is 1
 * @param multipliers one a level, from full size to the coarsest; each level has half the cells
 *     along an edge of the one before
 * @param blocks residual blocks a level on the way down; there is one more on the way up
 * @param attentionLevels how many of the coarsest levels attend
 * @param headChannels channels of a head of attention
 * @param groups of channels that are normalised together
 */
public record PixelUNetSizes(
    int bands,
    int cell,
    int base,
    List<Integer> multipliers,
    int blocks,
    int attentionLevels,
    int headChannels,
    int groups) {
  private static final String MULTIPLIER = "multiplier_";

  /** Checks the numbers. */
  public PixelUNetSizes {
    multipliers = List.copyOf(multipliers);
    if (bands < 1 || cell < 1 || base < 2 || base % 2 != 0 || multipliers.isEmpty() || blocks < 1) {
      throw new IllegalArgumentException(
          String.format(
              "bands %d, cell %d, levels %d and blocks %d must be at least 1, base %d an even number",
              bands, cell, multipliers.size(), blocks, base));
    }
    if (attentionLevels < 1 || attentionLevels > multipliers.size()) {
      throw new IllegalArgumentException(
          attentionLevels + " levels of attention are outside 1.." + multipliers.size());
    }
    for (int level = 0; level < multipliers.size(); level++) {
      int channels = base * multipliers.get(level);
      boolean attends = level >= multipliers.size() - attentionLevels;
      if (multipliers.get(level) < 1
          || groups < 1
          || channels % groups != 0
          || headChannels < 1
          || (attends && channels % headChannels != 0)) {
        throw new IllegalArgumentException(
            String.format(
                "%d channels of level %d do not divide into %d groups and heads of %d",
                channels, level, groups, headChannels));
      }
    }
  }

  /**
   * The sizes of a name.
   *
   * @param name {@code base} for one large GPU and patches of 256 pixels, {@code cpu} for two cores
   *     and 128 pixels, {@code test} for tests
   */
  public static PixelUNetSizes named(String name, int bands) {
    return switch (name) {
      case "base" -> new PixelUNetSizes(bands, 1, 128, List.of(1, 1, 2, 2, 4, 4), 2, 3, 64, 32);
      case "cpu" -> new PixelUNetSizes(bands, 2, 32, List.of(1, 2, 2, 4), 1, 1, 32, 8);
      case "test" -> new PixelUNetSizes(bands, 1, 8, List.of(1, 2, 2), 1, 1, 8, 4);
      default ->
          throw new IllegalArgumentException("size '" + name + "' is none of base, cpu, test");
    };
  }

  int channels(int level) {
    return base * multipliers.get(level);
  }

  int levels() {
    return multipliers.size();
  }

  boolean attends(int level) {
    return level >= levels() - attentionLevels;
  }

  /** Samples of a cell. */
  int samples() {
    return bands * cell * cell;
  }

  /** Numbers of a time embedding. */
  int timeWidth() {
    return 4 * base;
  }

  /** Pixels of the image for one cell of the coarsest map. */
  public int stride() {
    return cell << (levels() - 1);
  }

  /** As a card keeps them. */
  SortedMap<String, Integer> onCard() {
    SortedMap<String, Integer> sizes =
        new TreeMap<>(
            Map.of(
                "cell", cell,
                "base", base,
                "levels", levels(),
                "blocks", blocks,
                "attentionLevels", attentionLevels,
                "headChannels", headChannels,
                "groups", groups));
    for (int level = 0; level < levels(); level++) {
      sizes.put(MULTIPLIER + level, multipliers.get(level));
    }
    return sizes;
  }

  /**
   * The sizes of a card.
   *
   * @throws ModelException if they are missing or do not go together
   */
  static PixelUNetSizes of(ModelCard card) {
    List<Integer> multipliers = new ArrayList<>();
    for (int level = 0; level < card.size("levels"); level++) {
      multipliers.add(card.size(MULTIPLIER + level));
    }
    try {
      return new PixelUNetSizes(
          card.bands(),
          card.size("cell"),
          card.size("base"),
          multipliers,
          card.size("blocks"),
          card.size("attentionLevels"),
          card.size("headChannels"),
          card.size("groups"));
    } catch (IllegalArgumentException e) {
      throw new ModelException("model '" + card.name() + "'", e.getMessage());
    }
  }
}
