package io.landloom.geo.image;

import java.util.Arrays;

/** Canonical Huffman codes of bounded length, as Deflate wants them; not for several threads. */
final class HuffmanCode {
  private static final int LENGTH_LIMIT = 15;

  private final long[] leaves;
  private final long[] weights;
  private final int[] parents;

  /** For codes of up to so many symbols. */
  HuffmanCode(int mostSymbols) {
    leaves = new long[mostSymbols];
    weights = new long[2 * mostSymbols];
    parents = new int[2 * mostSymbols];
  }

  /**
   * Lengths of the codes: shorter for more frequent symbols, 0 for those that do not occur.
   *
   * <p>Where the best code is longer than the bound, rare symbols are taken for more frequent than
   * they are until it is not; that costs a few bits.
   *
   * @param frequencies by symbol; at least two are above 0, and their sum is below 2^31
   * @param longest bound of the lengths; all symbols must fit into as many bits
   * @param lengths receives the lengths by symbol
   */
  void lengths(int[] frequencies, int longest, byte[] lengths) {
    int used = 0;
    for (int symbol = 0; symbol < frequencies.length; symbol++) {
      lengths[symbol] = 0;
      if (frequencies[symbol] > 0) {
        leaves[used++] = (long) frequencies[symbol] << 16 | symbol;
      }
    }
    Arrays.sort(leaves, 0, used);
    for (int shift = 0; !fits(used, shift, longest, lengths); shift++) {}
  }

  /** Builds the tree over frequencies halved so many times; whether its depth fits. */
  private boolean fits(int used, int shift, int longest, byte[] lengths) {
    for (int leaf = 0; leaf < used; leaf++) {
      weights[leaf] = Math.max(1, leaves[leaf] >>> (16 + shift));
    }
    int leaf = 0;
    int inner = used;
    int root = 2 * used - 2;
    for (int node = used; node <= root; node++) {
      weights[node] = 0;
      for (int child = 0; child < 2; child++) {
        boolean takesLeaf = leaf < used && (inner >= node || weights[leaf] <= weights[inner]);
        int taken = takesLeaf ? leaf++ : inner++;
        weights[node] += weights[taken];
        parents[taken] = node;
      }
    }
    // from here on a node's weight is its depth
    weights[root] = 0;
    for (int node = root - 1; node >= 0; node--) {
      weights[node] = weights[parents[node]] + 1;
      if (weights[node] > longest) {
        return false;
      }
    }
    for (int i = 0; i < used; i++) {
      lengths[(int) leaves[i] & 0xFFFF] = (byte) weights[i];
    }
    return true;
  }

  /**
   * The canonical codes of lengths (RFC 1951, 3.2.2).
   *
   * @param lengths by symbol
   * @param codes receives code, its first bit lowest, and above its 16 bits the length
   */
  void codes(byte[] lengths, int[] codes) {
    int[] first = firsts(lengths, codes.length);
    for (int symbol = 0; symbol < codes.length; symbol++) {
      int length = lengths[symbol];
      codes[symbol] =
          length == 0 ? 0 : Integer.reverse(first[length]++) >>> (32 - length) | length << 16;
    }
  }

  /** First code of each length. */
  private static int[] firsts(byte[] lengths, int symbols) {
    int[] counts = new int[LENGTH_LIMIT + 1];
    for (int symbol = 0; symbol < symbols; symbol++) {
      counts[lengths[symbol]]++;
    }
    counts[0] = 0;
    int[] first = new int[LENGTH_LIMIT + 1];
    for (int length = 1; length <= LENGTH_LIMIT; length++) {
      first[length] = (first[length - 1] + counts[length - 1]) << 1;
    }
    return first;
  }
}
