package io.landloom.geo.landcover;

import java.io.Serializable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Turns source label values into class indices: RGB colours or numeric codes.
 *
 * <p>A value that the scheme does not know is counted and becomes unknown; whether that is an error
 * is the caller's to say, with {@link OffPalette#describe()}.
 */
public final class LabelDecoder implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int HASH = 0x9E3779B1;
  private static final long EACH_BYTE = 0x0101010101010101L;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final LandCoverScheme scheme;
  private final byte[] indexOfCode;
  private final boolean[] knownCode;
  private final int[] colorKeys;
  private final byte[] colorIndices;
  private final int shift;

  private final boolean colors;

  private LabelDecoder(LandCoverScheme scheme, Map<Integer, Integer> codes, boolean byColor) {
    this.scheme = Objects.requireNonNull(scheme);
    this.colors = byColor;
    this.indexOfCode = new byte[256];
    this.knownCode = new boolean[256];
    Arrays.fill(indexOfCode, (byte) scheme.unknownIndex());
    int bits = byColor ? Math.max(4, 34 - Integer.numberOfLeadingZeros(codes.size())) : 1;
    this.shift = 32 - bits;
    this.colorKeys = new int[1 << bits];
    this.colorIndices = new byte[1 << bits];
    Arrays.fill(colorKeys, -1);
    codes.forEach(byColor ? this::putColor : this::putCode);
  }

  /** Decodes RGB colours with the scheme's colours. */
  public static LabelDecoder byColor(LandCoverScheme scheme) {
    return new LabelDecoder(scheme, scheme.indexOfColor(), true);
  }

  /**
   * Decodes numeric codes.
   *
   * @param coding a coding of the scheme, {@code index} for code = class index
   * @throws SchemeException if the scheme has no such coding
   */
  public static LabelDecoder byCode(LandCoverScheme scheme, String coding) {
    return new LabelDecoder(scheme, scheme.coding(coding), false);
  }

  private void putCode(int code, int index) {
    indexOfCode[code] = (byte) index;
    knownCode[code] = true;
  }

  private void putColor(int color, int index) {
    int slot = (color * HASH) >>> shift;
    while (colorKeys[slot] >= 0) {
      slot = (slot + 1) & (colorKeys.length - 1);
    }
    colorKeys[slot] = color;
    colorIndices[slot] = (byte) index;
  }

  /** Whether this decodes colours (three bytes a pixel) rather than codes (one byte). */
  public boolean decodesColors() {
    return colors;
  }

  /**
   * Decodes one run of pixels.
   *
   * @param source bytes: R, G, B a pixel when {@link #decodesColors()}, else one code a pixel
   * @param from first byte in source
   * @param target receives one class index a pixel
   * @param to first byte in target
   * @param pixels how many
   * @param offPalette receives values the scheme does not know
   */
  public void decode(
      byte[] source, int from, byte[] target, int to, int pixels, OffPalette offPalette) {
    if (decodesColors()) {
      decodeColors(source, from, target, to, pixels, offPalette);
      return;
    }
    for (int i = 0; i < pixels; i++) {
      int code = source[from + i] & 0xFF;
      target[to + i] = indexOfCode[code];
      if (!knownCode[code]) {
        offPalette.count(code);
      }
    }
  }

  private void decodeColors(
      byte[] source, int from, byte[] target, int to, int pixels, OffPalette offPalette) {
    ColorRun run = new ColorRun();
    int at = from;
    int i = 0;
    while (i < pixels) {
      int color =
          (source[at] & 0xFF) << 16 | (source[at + 1] & 0xFF) << 8 | (source[at + 2] & 0xFF);
      if (color != run.color) {
        int index = indexOf(color);
        if (index < 0) {
          offPalette.count(color);
          target[to + i++] = (byte) scheme.unknownIndex();
          at += 3;
          continue;
        }
        run.start(color, index);
      }
      target[to + i++] = (byte) run.index;
      at += 3;
      while (pixels - i >= 8 && run.holds(source, at)) {
        LONGS.set(target, to + i, run.index * EACH_BYTE);
        i += 8;
        at += 24;
      }
    }
  }

  /** Eight pixels of one colour, as they lie in memory: labels are areas, so most pixels are. */
  private static final class ColorRun {
    private int color = -1;
    private int index;
    private long first;
    private long second;
    private long third;

    void start(int newColor, int newIndex) {
      color = newColor;
      index = newIndex;
      long pixel = Integer.toUnsignedLong(Integer.reverseBytes(newColor)) >>> 8;
      first = pixel | pixel << 24 | pixel << 48;
      second = pixel >>> 16 | pixel << 8 | pixel << 32 | pixel << 56;
      third = pixel >>> 8 | pixel << 16 | pixel << 40;
    }

    boolean holds(byte[] source, int at) {
      return (long) LONGS.get(source, at) == first
          && (long) LONGS.get(source, at + 8) == second
          && (long) LONGS.get(source, at + 16) == third;
    }
  }

  private int indexOf(int color) {
    int slot = (color * HASH) >>> shift;
    while (colorKeys[slot] >= 0) {
      if (colorKeys[slot] == color) {
        return colorIndices[slot] & 0xFF;
      }
      slot = (slot + 1) & (colorKeys.length - 1);
    }
    return -1;
  }

  /** Values met that the scheme does not know, with their counts. */
  public static final class OffPalette {
    private static final int LIMIT = 1024;

    private final boolean colors;
    private final Map<Integer, Long> counts = new TreeMap<>();
    private long pixels;

    /** An empty tally for a decoder. */
    public OffPalette(LabelDecoder decoder) {
      this.colors = decoder.decodesColors();
    }

    void count(int value) {
      pixels++;
      if (counts.size() < LIMIT || counts.containsKey(value)) {
        counts.merge(value, 1L, Long::sum);
      }
    }

    /** Pixels with a value the scheme does not know. */
    public long pixels() {
      return pixels;
    }

    /** The most frequent unknown values with their counts, for an error message. */
    public String describe() {
      return counts.entrySet().stream()
          .sorted(Map.Entry.<Integer, Long>comparingByValue().reversed())
          .limit(5)
          .map(e -> value(e.getKey()) + " x " + e.getValue())
          .collect(Collectors.joining(", "));
    }

    private String value(int value) {
      return colors ? String.format("#%06X", value) : Integer.toString(value);
    }
  }
}
