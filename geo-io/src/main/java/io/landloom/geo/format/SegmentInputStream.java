package io.landloom.geo.format;

import io.landloom.geo.source.ByteSource;
import java.io.IOException;
import java.util.List;
import javax.imageio.stream.ImageInputStreamImpl;

/** Parts of a file joined to one stream for ImageIO; closing it leaves the file open. */
final class SegmentInputStream extends ImageInputStreamImpl {
  private static final int WINDOW = 64 * 1024;

  private final ByteSource source;
  private final List<ImageHead.Segment> segments;
  private final byte[] window = new byte[WINDOW];
  private long windowStart;
  private int windowLength;
  private int current; // segment of the last read, which begins at this place of the stream
  private long before;
  private IOException failure;

  SegmentInputStream(ByteSource source, List<ImageHead.Segment> segments) {
    this.source = source;
    this.segments = segments;
  }

  @Override
  public long length() {
    return segments.stream().mapToLong(ImageHead.Segment::length).sum();
  }

  @Override
  public int read() throws IOException {
    checkClosed();
    bitOffset = 0;
    if (!load()) {
      return -1;
    }
    return window[(int) (streamPos++ - windowStart)] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    checkClosed();
    bitOffset = 0;
    if (length == 0) {
      return 0;
    }
    if (!load()) {
      return -1;
    }
    int from = (int) (streamPos - windowStart);
    int count = Math.min(length, windowLength - from);
    System.arraycopy(window, from, target, offset, count);
    streamPos += count;
    return count;
  }

  private boolean load() throws IOException {
    if (streamPos >= windowStart && streamPos < windowStart + windowLength) {
      return true;
    }
    if (streamPos < before) {
      current = 0;
      before = 0;
    }
    for (; current < segments.size(); current++) {
      ImageHead.Segment segment = segments.get(current);
      long within = streamPos - before;
      if (within < segment.length()) {
        windowLength = 0;
        int count = (int) Math.min(WINDOW, segment.length() - within);
        fetch(segment.start() + within, count);
        windowStart = streamPos;
        windowLength = count;
        return true;
      }
      before += segment.length();
    }
    return false;
  }

  private void fetch(long position, int count) throws IOException {
    try {
      source.read(position, window, 0, count);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  /** What the file system answered when a read failed, null if none did. */
  IOException failure() {
    return failure;
  }
}
