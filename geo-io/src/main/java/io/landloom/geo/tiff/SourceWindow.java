package io.landloom.geo.tiff;

import io.landloom.geo.source.ByteSource;
import java.io.IOException;

/** A piece of a file in memory, moved on demand, so that many small reads become few. */
final class SourceWindow {
  private final ByteSource source;
  private final byte[] buffer;
  private long start;
  private int length;
  private long horizon;

  SourceWindow(ByteSource source, int capacity) {
    this.source = source;
    this.buffer = new byte[(int) Math.max(1, Math.min(capacity, source.length()))];
  }

  int capacity() {
    return buffer.length;
  }

  byte[] buffer() {
    return buffer;
  }

  /** Where to stop reading ahead: the bytes behind will not be wanted, or from elsewhere. */
  void horizon(long end) {
    horizon = end;
  }

  /** Makes the byte at a position below the file's length present; returns its place. */
  int place(long position) throws IOException {
    if (position < start || position >= start + length) {
      long end = position < horizon ? Math.min(horizon, source.length()) : source.length();
      int wanted = (int) Math.min(buffer.length, end - position);
      length = 0;
      source.read(position, buffer, 0, wanted);
      start = position;
      length = wanted;
    }
    return (int) (position - start);
  }

  /** Bytes present from a place on. */
  int available(int place) {
    return length - place;
  }

  /** Copies a range that lies inside the file; large ranges pass the window by. */
  void read(long position, byte[] target, int offset, int count) throws IOException {
    if (count >= buffer.length) {
      source.read(position, target, offset, count);
      return;
    }
    int copied = 0;
    while (copied < count) {
      int place = place(position + copied);
      int step = Math.min(available(place), count - copied);
      System.arraycopy(buffer, place, target, offset + copied, step);
      copied += step;
    }
  }
}
