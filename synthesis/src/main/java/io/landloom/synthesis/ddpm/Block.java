package io.landloom.synthesis.ddpm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A block of the U-Net: parts one after the other.
 *
 * @param name beginning of its tensors' names
 * @param parts in their order; their tensors' names go on with their numbers
 * @param stride pixels of the image for a cell of its output
 */
record Block(String name, List<Part> parts, int stride) {
  /** What a block is made of. */
  sealed interface Part {
    /** Channels it gives. */
    int out();
  }

  /** The first convolution. */
  record Entry(int in, int out) implements Part {}

  /** A residual block that may change the size of the map. */
  record Residual(int in, int out, Scale scale) implements Part {}

  /** Attention of all cells to all cells. */
  record Attention(int out) implements Part {}

  /** What a residual block does to the size of its map. */
  enum Scale {
    SAME,
    HALVED,
    DOUBLED
  }

  /** Channels of its output. */
  int out() {
    return parts.get(parts.size() - 1).out();
  }

  /** The blocks on the way down, each of whose outputs the way up takes in. */
  static List<Block> encoder(PixelUNetSizes sizes) {
    List<Block> blocks = new ArrayList<>();
    int in = sizes.channels(0);
    blocks.add(new Block(encoder(0), List.of(new Entry(sizes.samples(), in)), sizes.cell()));
    for (int level = 0; level < sizes.levels(); level++) {
      int out = sizes.channels(level);
      for (int i = 0; i < sizes.blocks(); i++) {
        List<Part> parts = new ArrayList<>(List.of(new Residual(in, out, Scale.SAME)));
        if (sizes.attends(level)) {
          parts.add(new Attention(out));
        }
        blocks.add(new Block(encoder(blocks.size()), parts, sizes.cell() << level));
        in = out;
      }
      if (level < sizes.levels() - 1) {
        List<Part> halving = List.of(new Residual(in, in, Scale.HALVED));
        blocks.add(new Block(encoder(blocks.size()), halving, sizes.cell() << (level + 1)));
      }
    }
    return blocks;
  }

  private static String encoder(int number) {
    return "input_blocks." + number;
  }

  /** The block in the middle. */
  static Block middle(PixelUNetSizes sizes) {
    int width = sizes.channels(sizes.levels() - 1);
    Residual residual = new Residual(width, width, Scale.SAME);
    return new Block(
        "middle_block", List.of(residual, new Attention(width), residual), sizes.stride());
  }

  /** The blocks on the way up; the last of a level doubles its map. */
  static List<Block> decoder(PixelUNetSizes sizes) {
    Deque<Integer> skips = new ArrayDeque<>();
    encoder(sizes).forEach(block -> skips.push(block.out()));
    List<Block> blocks = new ArrayList<>();
    int in = sizes.channels(sizes.levels() - 1);
    for (int level = sizes.levels() - 1; level >= 0; level--) {
      int out = sizes.channels(level);
      for (int i = 0; i <= sizes.blocks(); i++) {
        List<Part> parts = new ArrayList<>();
        parts.add(new Residual(in + skips.pop(), out, Scale.SAME));
        if (sizes.attends(level)) {
          parts.add(new Attention(out));
        }
        boolean doubles = level > 0 && i == sizes.blocks();
        if (doubles) {
          parts.add(new Residual(out, out, Scale.DOUBLED));
        }
        int stride = sizes.cell() << (doubles ? level - 1 : level);
        blocks.add(new Block("output_blocks." + blocks.size(), parts, stride));
        in = out;
      }
    }
    return blocks;
  }
}
