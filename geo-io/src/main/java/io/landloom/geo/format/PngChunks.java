package io.landloom.geo.format;

import io.landloom.geo.source.SceneFormatException;
import java.io.IOException;

/** The chunks of a PNG, one after the other, without what is in them. */
final class PngChunks {
  static final int IHDR = 0x49484452;
  static final int PLTE = 0x504C5445;
  static final int IDAT = 0x49444154;
  static final int IEND = 0x49454E44;
  static final int SIGNATURE = 8;
  private static final int AROUND = 12;
  private static final int MOST_WITHOUT_PIXELS = 65_536;

  private final ReadAhead file;
  private long position = SIGNATURE;
  private int withoutPixels;
  private boolean begun;
  private boolean ended;

  PngChunks(ReadAhead file) {
    this.file = file;
  }

  /**
   * A chunk.
   *
   * @param type its four letters
   * @param start where its length, type and data begin
   * @param length bytes of its data
   */
  record Chunk(int type, long start, long length) {
    /** First byte of the data. */
    long data() {
      return start + 8;
    }

    /** Whether it is needed to decode the pixels; others only describe them. */
    boolean decodes() {
      return type == IHDR || type == PLTE || type == IDAT || type == IEND;
    }

    /** All of it as a part of the file. */
    ImageHead.Segment segment() {
      return new ImageHead.Segment(start, length + AROUND);
    }
  }

  /**
   * The next chunk, null after the last.
   *
   * @throws SceneFormatException if it does not lie inside the file, or stands in the wrong place
   */
  Chunk next() throws IOException {
    if (ended) {
      return null;
    }
    byte[] head = file.bytes(position, 8);
    long length = ImageHead.integer(head, 0) & 0xFFFFFFFFL;
    int type = ImageHead.integer(head, 4);
    String name = file.source().name();
    if (length > file.source().length() - position - AROUND) {
      throw new SceneFormatException(
          name,
          "PNG chunk of " + length + " bytes at " + position + " reaches past the file's end");
    }
    if ((type == IHDR) == begun) {
      throw new SceneFormatException(name, "PNG without a single, leading IHDR chunk");
    }
    withoutPixels += type == IDAT && length > 0 ? 0 : 1;
    if (withoutPixels > MOST_WITHOUT_PIXELS) {
      throw new SceneFormatException(
          name,
          String.format(
              "PNG of more than %d chunks without pixels, at %d; strip its metadata",
              MOST_WITHOUT_PIXELS, position));
    }
    begun = true;
    ended = type == IEND;
    Chunk chunk = new Chunk(type, position, length);
    position += length + AROUND;
    return chunk;
  }
}
