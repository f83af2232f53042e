package io.landloom.geo.tiff;

import java.util.Arrays;
import javax.imageio.IIOException;

/**
 * Watches the bytes of a JPEG on their way to a decoder that says nothing of scans which never
 * came, and bounds the work that they ask for.
 *
 * <p>At EOI every component must have had its scan, and in a progressive JPEG all bits of all 64
 * coefficients (ITU-T T.81, G.1.1.1). Each scan is a pass over all pixels of its components, which
 * takes no more than some bytes to ask for.
 */
public final class JpegWatch {
  private static final int MOST_SCANS = 32;

  /** 16 passes over the largest gray image that is read; one takes about 35 ms for 2^28 samples. */
  private static final long MOST_SAMPLES = 1L << 32;

  private static final int MOST_SEGMENTS = 65_536;
  private static final int MOST_SEGMENT_BYTES = 1 << 24;
  private static final int MOST_BEHIND = 16;
  private static final int PADDING_WATCHED = 1 << 16;
  private static final int COEFFICIENTS = 64;
  private static final int SOI = 0xD8;
  private static final int EOI = 0xD9;
  private static final int SOS = 0xDA;

  private final int mostBehind;
  private int last;
  private int kind;
  private byte[] collected = new byte[2];
  private int missing; // bytes that what is collected still lacks
  private int skip;
  private int segments;
  private int segmentBytes;
  private int scans;
  private long samples;
  private boolean progressive;
  private byte[] frame;
  private int[][] lowestBits; // of a component's coefficients; -1 if none came
  private boolean ended;
  private int behind;
  private int strange;
  private String problem;

  private JpegWatch(int mostBehind) {
    this.mostBehind = mostBehind;
  }

  /** Watches a file; cameras store further images and data of their own behind EOI. */
  public static JpegWatch ofFile() {
    return new JpegWatch(Integer.MAX_VALUE);
  }

  /** Watches a block of a TIFF, behind whose EOI there is nothing but padding. */
  static JpegWatch ofBlock() {
    return new JpegWatch(MOST_BEHIND);
  }

  /**
   * Takes the next bytes.
   *
   * @throws IIOException with the {@link #problem()}, once and for all
   */
  public void take(byte[] bytes, int from, int to) throws IIOException {
    for (int at = from; at < to && problem == null; at++) {
      if (skip > 0) {
        int step = Math.min(skip, to - at);
        skip -= step;
        at += step - 1;
      } else if (settled()) {
        return;
      } else if (ended) {
        behind(bytes[at]);
      } else if (missing > 0) {
        collect(bytes[at]);
      } else {
        entropy(bytes[at] & 0xFF);
      }
    }
    if (problem != null) {
      throw new IIOException(problem);
    }
  }

  /** Whether EOI came. */
  public boolean ended() {
    return ended;
  }

  /** Whether what may still come does not matter. */
  boolean settled() {
    return ended && behind >= PADDING_WATCHED;
  }

  /** What was wrong, null if nothing was. */
  public String problem() {
    return problem;
  }

  private void entropy(int value) {
    if (last != 0xFF || value == 0) {
      last = value;
    } else if (value == 0xFF) {
      count(1);
    } else {
      last = 0;
      marker(value);
    }
  }

  private void marker(int marker) {
    if (marker == EOI) {
      ended = true;
      complete();
    } else if (marker != 1 && (marker < 0xD0 || marker > SOI)) {
      kind = marker;
      collected = new byte[2];
      missing = 2;
      segments++;
      if (segments > MOST_SEGMENTS) {
        problem = "more than " + MOST_SEGMENTS + " segments";
      }
    }
  }

  private void count(int bytes) {
    segmentBytes += bytes;
    if (segmentBytes > MOST_SEGMENT_BYTES) {
      problem = "more than " + MOST_SEGMENT_BYTES + " bytes outside of its scans";
    }
  }

  private void collect(byte value) {
    collected[collected.length - missing] = value;
    missing--;
    if (missing > 0) {
      return;
    }
    boolean isFrame = kind >= 0xC0 && kind <= 0xCF && kind != 0xC4 && kind != 0xC8 && kind != 0xCC;
    int length = (collected[0] & 0xFF) << 8 | (collected[1] & 0xFF);
    if (collected.length > 2) {
      header(isFrame);
    } else if (length < 2) {
      problem = "segment of length " + length;
    } else if (!isFrame && kind != SOS) {
      skip = length - 2;
      count(length);
    } else if (length < 8) {
      problem = String.format("segment 0x%X of length %d", kind, length);
    } else {
      collected = Arrays.copyOf(collected, length);
      missing = length - 2;
      count(length);
    }
  }

  private void header(boolean isFrame) {
    if (!isFrame) {
      scan(collected);
      return;
    }
    int components = collected[7] & 0xFF;
    if (frame != null || components == 0 || collected.length != 8 + 3 * components) {
      problem =
          frame != null ? "second frame header" : "frame header of " + collected.length + " bytes";
      return;
    }
    frame = collected;
    progressive = kind == 0xC2;
    lowestBits = new int[components][COEFFICIENTS];
    for (int[] bits : lowestBits) {
      Arrays.fill(bits, -1);
    }
  }

  private void scan(byte[] header) {
    scans++;
    int components = header[2] & 0xFF;
    if (frame == null || components == 0 || header.length != 6 + 2 * components) {
      problem =
          frame == null
              ? "scan without a frame header"
              : "scan header of " + header.length + " bytes";
      return;
    }
    long pixels = (long) number(frame, 3) * number(frame, 5);
    samples += pixels * components;
    if (scans > MOST_SCANS) {
      problem = "more than " + MOST_SCANS + " scans";
    } else if (samples > MOST_SAMPLES) {
      problem =
          String.format(
              "%d scans over %d samples, at most %d; write it baseline",
              scans, samples, MOST_SAMPLES);
    }
    for (int at = 3; at < header.length - 3; at += 2) {
      came(header[at], header);
    }
  }

  /** Notes what a scan brings of a component. */
  private void came(byte component, byte[] header) {
    int[] bits = null;
    for (int i = lowestBits.length - 1; i >= 0; i--) {
      bits = frame[8 + 3 * i] == component ? lowestBits[i] : bits;
    }
    if (bits == null) {
      problem = "scan of component " + (component & 0xFF) + ", which the frame does not have";
      return;
    }
    int first = progressive ? header[header.length - 3] & 0xFF : 0;
    int end = progressive ? header[header.length - 2] & 0xFF : COEFFICIENTS - 1;
    if (first > end || end >= COEFFICIENTS) {
      problem = "scan of coefficients " + first + " to " + end;
      return;
    }
    Arrays.fill(bits, first, end + 1, progressive ? header[header.length - 1] & 0xF : 0);
  }

  private void complete() {
    if (frame == null) {
      problem = "ends without a frame header";
      return;
    }
    for (int component = 0; component < lowestBits.length; component++) {
      for (int i = 0; i < COEFFICIENTS; i++) {
        if (lowestBits[component][i] != 0) {
          problem =
              String.format(
                  "ends before all bits of coefficient %d of component %d of %d came",
                  i, component + 1, lowestBits.length);
          return;
        }
      }
    }
  }

  private void behind(byte value) {
    behind = Math.min(behind + 1, PADDING_WATCHED);
    strange += value == 0 || value == (byte) 0xFF ? 0 : 1;
    if (strange > mostBehind) {
      problem = "more than " + mostBehind + " bytes that are no padding behind EOI";
    }
  }

  private static int number(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
  }
}
