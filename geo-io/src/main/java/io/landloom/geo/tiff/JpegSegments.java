package io.landloom.geo.tiff;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The marker segments in front of a block's first scan, cleared of everything but tables and frame.
 *
 * <p>What remains begins with an Adobe marker that says "no transform": whether colours are
 * converted is the TIFF's to say (Technical Note 2), and thumbnails, profiles and comments do not
 * reach the decoder.
 */
final class JpegSegments {
  private static final byte[] START = {
    (byte) 0xFF,
    (byte) 0xD8,
    (byte) 0xFF,
    (byte) 0xEE,
    0,
    14,
    'A',
    'd',
    'o',
    'b',
    'e',
    0,
    100,
    0,
    0,
    0,
    0,
    0
  };
  private static final int MOST_BYTES = 1 << 20;
  private static final int SOI = 0xD8;
  private static final int EOI = 0xD9;
  private static final int SOS = 0xDA;
  private static final int DQT = 0xDB;
  private static final int DRI = 0xDD;
  private static final int DHT = 0xC4;

  private final InputStream in;
  private final String what;
  private int read;

  private JpegSegments(InputStream in, String what) {
    this.in = in;
    this.what = what;
  }

  /** The segments of a block up to the header of its first scan; the stream is left behind it. */
  static byte[] ofBlock(InputStream block, byte[] tables, JpegFrame frame) throws IOException {
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    kept.writeBytes(START);
    if (tables.length > 0) {
      JpegSegments shared =
          new JpegSegments(new java.io.ByteArrayInputStream(tables), "JPEG: JPEGTables");
      shared.copyTables(kept);
    }
    new JpegSegments(block, "JPEG:").copyHead(kept, frame);
    return kept.toByteArray();
  }

  /** Tables that blocks share: an abbreviated stream from SOI to EOI. */
  private void copyTables(ByteArrayOutputStream kept) throws IOException {
    expectStart();
    for (int marker = marker(); marker != EOI; marker = marker()) {
      byte[] body = body();
      if (isTable(marker)) {
        write(kept, marker, body);
      }
    }
  }

  private void copyHead(ByteArrayOutputStream kept, JpegFrame frame) throws IOException {
    expectStart();
    boolean framed = false;
    for (int marker = marker(); ; marker = marker()) {
      boolean isFrame = marker >= 0xC0 && marker <= 0xCF && !isTable(marker);
      if (marker == EOI || marker == SOI || (isFrame && framed) || (marker == SOS && !framed)) {
        throw new CorruptBlockException(
            String.format("%s marker 0x%X %s the frame header", what, marker, place(framed)));
      }
      byte[] body = body();
      if (isFrame) {
        frame.check(marker, body);
        framed = true;
      }
      if (isFrame || isTable(marker) || marker == SOS) {
        write(kept, marker, body);
      }
      if (marker == SOS) {
        return;
      }
    }
  }

  private static String place(boolean framed) {
    return framed ? "behind" : "without";
  }

  private static boolean isTable(int marker) {
    return marker == DQT || marker == DHT || marker == DRI;
  }

  private static void write(ByteArrayOutputStream kept, int marker, byte[] body) {
    kept.write(0xFF);
    kept.write(marker);
    kept.write((body.length + 2) >> 8);
    kept.write(body.length + 2);
    kept.writeBytes(body);
  }

  private void expectStart() throws IOException {
    if (next() != 0xFF || next() != SOI) {
      throw new CorruptBlockException(what + " does not begin with SOI");
    }
  }

  private int marker() throws IOException {
    int first = next();
    if (first != 0xFF) {
      throw new CorruptBlockException(
          String.format("%s 0x%X at byte %d where a marker begins", what, first, read - 1));
    }
    int marker = next();
    while (marker == 0xFF) {
      marker = next();
    }
    return marker;
  }

  private byte[] body() throws IOException {
    int length = next() << 8 | next();
    if (length < 2) {
      throw new CorruptBlockException(what + " segment of length " + length);
    }
    byte[] body = in.readNBytes(length - 2);
    read += body.length;
    if (body.length < length - 2) {
      throw ended();
    }
    return body;
  }

  private int next() throws IOException {
    int value = in.read();
    if (value < 0) {
      throw ended();
    }
    read++;
    if (read > MOST_BYTES) {
      throw new CorruptBlockException(what + " more than " + MOST_BYTES + " bytes before a scan");
    }
    return value;
  }

  private CorruptBlockException ended() {
    return new CorruptBlockException(what + " ends after " + read + " bytes, before its pixels");
  }
}
