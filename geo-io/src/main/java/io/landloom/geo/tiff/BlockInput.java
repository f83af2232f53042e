package io.landloom.geo.tiff;

import java.io.IOException;
import java.io.InputStream;

/** The stored bytes of one block, served in pieces from a window that blocks share. */
final class BlockInput {
  private final SourceWindow window;
  private final long end;
  private long next;
  private int position;
  private int limit;

  BlockInput(SourceWindow window, long start, long length) {
    this.window = window;
    this.next = start;
    this.end = start + length;
  }

  /** The array that holds the current piece. */
  byte[] piece() {
    return window.buffer();
  }

  /** First unread byte of the piece. */
  int position() {
    return position;
  }

  /** End of the piece. */
  int limit() {
    return limit;
  }

  /** Marks bytes of the piece as read up to a place. */
  void advance(int place) {
    position = place;
  }

  /** Brings the next piece; false at the block's end. The piece before must be used up. */
  boolean fill() throws IOException {
    if (next >= end) {
      return false;
    }
    position = window.place(next);
    int count = (int) Math.min(window.available(position), end - next);
    limit = position + count;
    next += count;
    return true;
  }

  /** The next byte, -1 at the block's end. */
  int read() throws IOException {
    if (position == limit && !fill()) {
      return -1;
    }
    return window.buffer()[position++] & 0xFF;
  }

  /** The bytes from here to the block's end as a stream, which reads on where this stands. */
  InputStream stream() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        return BlockInput.this.read();
      }

      @Override
      public int read(byte[] target, int offset, int count) throws IOException {
        int copied = BlockInput.this.read(target, offset, count);
        return copied == 0 && count > 0 ? -1 : copied;
      }
    };
  }

  /** Copies up to count bytes; fewer only at the block's end. */
  int read(byte[] target, int offset, int count) throws IOException {
    int copied = 0;
    while (copied < count) {
      if (position == limit) {
        if (count - copied >= window.capacity() && end - next >= count - copied) {
          window.read(next, target, offset + copied, count - copied);
          next += count - copied;
          return count;
        }
        if (!fill()) {
          break;
        }
      }
      int step = Math.min(limit - position, count - copied);
      System.arraycopy(window.buffer(), position, target, offset + copied, step);
      position += step;
      copied += step;
    }
    return copied;
  }

  /** Passes over up to count bytes; fewer only at the block's end. */
  long skip(long count) {
    long inPiece = Math.min(count, limit - position);
    position += (int) inPiece;
    long beyond = Math.min(count - inPiece, end - next);
    if (beyond > 0) {
      next += beyond;
    }
    return inPiece + beyond;
  }
}
