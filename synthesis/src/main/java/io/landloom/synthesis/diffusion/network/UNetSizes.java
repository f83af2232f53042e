package io.landloom.synthesis.diffusion.network;

import java.util.List;

/**
 * Sizes of a denoising U-Net, and of a ControlNet's copy of its first half.
 *
 * @param inChannels channels of the noisy latent
 * @param outChannels channels of the prediction
 * @param levels from the latent's own size to the coarsest; each level has half the cells along an
 *     edge of the one before
 * @param middleHeads heads of the attention in the middle
 * @param blocks residual blocks a level
 * @param textWidth numbers of a text token
 * @param groups of channels that are normalised together, a divisor of every width
 * @param projection how cells are brought into the transformers
 * @param shares numbers that are embedded and added to the time embedding, as the projected class
 *     embedding of published networks is; 0 for none
 */
public record UNetSizes(
    int inChannels,
    int outChannels,
    List<Level> levels,
    int middleHeads,
    int blocks,
    int textWidth,
    int groups,
    Projection projection,
    int shares) {
  /** Sizes of a network that takes a text alone. */
  public UNetSizes(
      int inChannels,
      int outChannels,
      List<Level> levels,
      int middleHeads,
      int blocks,
      int textWidth,
      int groups,
      Projection projection) {
    this(inChannels, outChannels, levels, middleHeads, blocks, textWidth, groups, projection, 0);
  }

  /** How cells are brought into a transformer and back. */
  public enum Projection {
    /** By 1 x 1 convolutions, as in Stable Diffusion 1.x. */
    CONVOLUTION,
    /** By linear layers, as in 2.x: the same numbers in another shape. */
    LINEAR
  }

  /**
   * One level.
   *
   * @param channels its width
   * @param heads of its attention; where 0, the level attends to nothing
   */
  public record Level(int channels, int heads) {}

  /** Stable Diffusion 1.5's, of 859,520,964 numbers. */
  public static final UNetSizes STABLE_DIFFUSION_1 =
      new UNetSizes(
          4,
          4,
          List.of(new Level(320, 8), new Level(640, 8), new Level(1280, 8), new Level(1280, 0)),
          8,
          2,
          768,
          32,
          Projection.CONVOLUTION);

  /** Checks the numbers. */
  public UNetSizes {
    levels = List.copyOf(levels);
    if (inChannels < 1
        || outChannels < 1
        || levels.isEmpty()
        || blocks < 1
        || textWidth < 1
        || groups < 1) {
      throw new IllegalArgumentException(
          String.format(
              "channels %d and %d, levels %d, blocks %d, text width %d and groups %d must be at"
                  + " least 1",
              inChannels, outChannels, levels.size(), blocks, textWidth, groups));
    }
    if (shares < 0) {
      throw new IllegalArgumentException("shares " + shares + " are negative");
    }
    if (middleHeads < 1 || levels.get(levels.size() - 1).channels % middleHeads != 0) {
      throw new IllegalArgumentException(
          levels.get(levels.size() - 1).channels
              + " channels do not divide into "
              + middleHeads
              + " heads in the middle");
    }
    for (Level level : levels) {
      if (level.channels < 1 || level.channels % groups != 0) {
        throw new IllegalArgumentException(
            level.channels + " channels do not divide into " + groups + " groups");
      }
      if (level.heads < 0 || (level.heads > 0 && level.channels % level.heads != 0)) {
        throw new IllegalArgumentException(
            level.channels + " channels do not divide into " + level.heads + " heads");
      }
    }
  }

  int width(int level) {
    return levels.get(level).channels;
  }

  /** Channels of the coarsest level. */
  int deepest() {
    return width(levels.size() - 1);
  }

  /** Numbers of a time embedding. */
  int timeWidth() {
    return 4 * width(0);
  }

  /** Cells along an edge of the latent for one of the coarsest level. */
  public int stride() {
    return 1 << (levels.size() - 1);
  }
}
