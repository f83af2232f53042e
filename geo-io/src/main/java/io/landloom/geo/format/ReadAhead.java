package io.landloom.geo.format;

import io.landloom.geo.source.ByteSource;
import io.landloom.geo.source.SceneFormatException;
import java.io.IOException;

/** A piece of a file in memory that moves forward with what is read, so that reads are few. */
final class ReadAhead {
  private final ByteSource source;
  private final byte[] buffer;
  private long start;
  private int length;

  /** Pieces of so many bytes. */
  ReadAhead(ByteSource source, int capacity) {
    this.source = source;
    this.buffer = new byte[(int) Math.max(1, Math.min(capacity, source.length()))];
  }

  ByteSource source() {
    return source;
  }

  byte[] buffer() {
    return buffer;
  }

  /** Brings the byte at a position of the file; gives its place in the buffer. */
  int place(long position) throws IOException {
    if (position < start || position >= start + length) {
      int wanted = (int) Math.min(buffer.length, source.length() - position);
      length = 0;
      source.read(position, buffer, 0, wanted);
      start = position;
      length = wanted;
    }
    return (int) (position - start);
  }

  /** Bytes of the file in the buffer from a place on. */
  int available(int place) {
    return length - place;
  }

  /**
   * Copies bytes of a header.
   *
   * @throws SceneFormatException if the file ends before
   */
  byte[] bytes(long position, int count) throws IOException {
    if (position < 0 || position > source.length() - count) {
      throw new SceneFormatException(
          source.name(), "ends at " + source.length() + ", before its header does");
    }
    byte[] bytes = new byte[count];
    for (int copied = 0; copied < count; ) {
      int place = place(position + copied);
      int step = Math.min(count - copied, available(place));
      System.arraycopy(buffer, place, bytes, copied, step);
      copied += step;
    }
    return bytes;
  }
}
