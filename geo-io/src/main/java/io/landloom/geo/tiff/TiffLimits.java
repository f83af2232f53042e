package io.landloom.geo.tiff;

import java.io.Serializable;

/**
 * What a file may ask of its reader; checked before anything is allocated.
 *
 * @param ifdBytes bytes of all IFDs and of the tag values read from them
 * @param ifds number of IFDs
 * @param entries entries of one IFD
 * @param tagBytes bytes of one tag's values
 * @param blockBytes bytes of one decoded strip or tile, and of one row of pixels
 * @param requestBytes bytes of the rows of one request
 * @param pixels pixels of the scene
 * @param deflateRatio decoded bytes a byte of Deflate
 * @param lzwRatio decoded bytes a byte of LZW
 */
public record TiffLimits(
    long ifdBytes,
    int ifds,
    int entries,
    long tagBytes,
    long blockBytes,
    long requestBytes,
    long pixels,
    int deflateRatio,
    int lzwRatio)
    implements Serializable {
  private static final long MEBIBYTE = 1L << 20;

  /** Checks that every limit is positive and that a tag and a block fit an array. */
  public TiffLimits {
    atLeastOne("ifdBytes", ifdBytes);
    atLeastOne("ifds", ifds);
    atLeastOne("entries", entries);
    atLeastOne("tagBytes", tagBytes);
    atLeastOne("blockBytes", blockBytes);
    atLeastOne("requestBytes", requestBytes);
    atLeastOne("pixels", pixels);
    atLeastOne("deflateRatio", deflateRatio);
    atLeastOne("lzwRatio", lzwRatio);
    if (Math.max(tagBytes, Math.max(blockBytes, requestBytes)) > 1024 * MEBIBYTE) {
      throw new IllegalArgumentException(
          String.format(
              "tagBytes %d, blockBytes %d, requestBytes %d: at most 1 GiB each",
              tagBytes, blockBytes, requestBytes));
    }
  }

  /**
   * Limits that fit satellite scenes: 16 MiB of IFDs, 32 of them, 4096 entries, 8 MiB a tag, 1 GiB
   * a block, an eighth of the heap but 16 to 256 MiB a request, 2^34 pixels, ratio 1,100 for
   * Deflate and 1,500 for LZW.
   */
  public static TiffLimits defaults() {
    return new TiffLimits(
        16 * MEBIBYTE,
        32,
        4096,
        8 * MEBIBYTE,
        1024 * MEBIBYTE,
        requestBytes(Runtime.getRuntime().maxMemory()),
        1L << 34,
        1100,
        1500);
  }

  /** Bytes of a request in a heap: its rows are held a few times over, as read and as decoded. */
  static long requestBytes(long heap) {
    return Math.max(16 * MEBIBYTE, Math.min(256 * MEBIBYTE, heap / 8));
  }

  private static void atLeastOne(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " = " + value + ", must be 1 or more");
    }
  }
}
