package io.landloom.geo.tiff;

import java.io.IOException;
import java.io.InputStream;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * One block as ImageIO reads it: segments from memory, then the scans as they are stored.
 *
 * <p>It watches what passes: more scans than {@link #MOST_SCANS} are refused, since each costs a
 * pass over all pixels, and whether EOI came by tells a whole block from a truncated one.
 */
final class JpegStream extends ImageInputStreamImpl {
  private static final int MOST_SCANS = 32;
  private static final int PIECE = 32 * 1024;
  private static final int EOI = 0xD9;
  private static final int SOS = 0xDA;

  private final InputStream scans;
  // the piece before the current one stays, because ImageIO steps back within what it read
  private byte[] before = new byte[0];
  private byte[] piece;
  private long pieceStart;
  private int pieceLength;
  private int last;
  private int scanCount = 1;
  private boolean ended;
  private IOException failure;

  JpegStream(byte[] segments, InputStream scans) {
    this.scans = scans;
    this.piece = segments;
    this.pieceLength = segments.length;
  }

  @Override
  public int read() throws IOException {
    checkClosed();
    bitOffset = 0;
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    checkClosed();
    bitOffset = 0;
    if (length == 0) {
      return 0;
    }
    while (streamPos - pieceStart >= pieceLength) {
      if (!next()) {
        return -1;
      }
    }
    long at = streamPos - pieceStart;
    if (at < -before.length) {
      throw new IOException("byte " + streamPos + " of a JPEG is gone");
    }
    byte[] from = at < 0 ? before : piece;
    int place = (int) (at < 0 ? before.length + at : at);
    int count = Math.min(length, (at < 0 ? before.length : pieceLength) - place);
    System.arraycopy(from, place, target, offset, count);
    streamPos += count;
    return count;
  }

  private boolean next() throws IOException {
    byte[] read;
    try {
      read = scans.readNBytes(PIECE);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
    if (read.length == 0) {
      return false;
    }
    before = piece;
    pieceStart += pieceLength;
    piece = read;
    pieceLength = read.length;
    watch();
    return true;
  }

  private void watch() throws CorruptBlockException {
    for (byte value : piece) {
      int current = value & 0xFF;
      if (last == 0xFF) {
        ended |= current == EOI;
        scanCount += current == SOS ? 1 : 0;
      }
      last = current;
    }
    if (scanCount > MOST_SCANS) {
      throw new CorruptBlockException("JPEG: more than " + MOST_SCANS + " scans");
    }
  }

  /** Reads on to the block's end; whether EOI was in it. */
  boolean ends() throws IOException {
    while (!ended && next()) {
      // what is read is watched
    }
    return ended;
  }

  /** What the file system answered when a read failed, null if none did. */
  IOException failure() {
    return failure;
  }
}
