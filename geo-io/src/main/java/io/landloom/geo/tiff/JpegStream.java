package io.landloom.geo.tiff;

import java.io.IOException;
import java.io.InputStream;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * One block as ImageIO reads it: segments from memory, then the scans as they are stored.
 *
 * <p>What passes is watched, which tells a whole block from an incomplete one.
 */
final class JpegStream extends ImageInputStreamImpl {
  private static final int PIECE = 32 * 1024;

  private final InputStream scans;
  private final JpegWatch watch = JpegWatch.ofBlock();
  // the piece before the current one stays, because ImageIO steps back within what it read
  private byte[] before = new byte[0];
  private byte[] piece;
  private long pieceStart;
  private int pieceLength;
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
    if (pieceStart == 0) {
      watch.take(piece, 0, pieceLength);
    }
    before = piece;
    pieceStart += pieceLength;
    piece = read;
    pieceLength = read.length;
    watch.take(read, 0, read.length);
    return true;
  }

  /** Reads on to the block's end, or far enough behind EOI; whether EOI was in it. */
  boolean ends() throws IOException {
    while (!watch.settled() && next()) {
      // what is read is watched
    }
    return watch.ended();
  }

  /** What is wrong with the scans, null if nothing is. */
  String problem() {
    return watch.problem();
  }

  /** What the file system answered when a read failed, null if none did. */
  IOException failure() {
    return failure;
  }
}
