package io.landloom.geo.format;

import io.landloom.geo.source.ByteSource;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.geo.tiff.JpegWatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.IIOException;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * The parts of a file that decoding its pixels takes, joined to one stream for ImageIO; closing it
 * leaves the file open.
 *
 * <p>Chunks of a PNG are looked for as the stream reaches them, in the bytes it reads anyway.
 */
final class SegmentInputStream extends ImageInputStreamImpl {
  private static final int WINDOW = 64 * 1024;

  private final ReadAhead file;
  private final PngChunks chunks; // null where all parts are known
  private final JpegWatch watch; // null for a PNG
  private long watched;
  private final List<ImageHead.Segment> segments = new ArrayList<>();
  private int current; // segment of the last read, which begins at this place of the stream
  private long before;
  private long windowStart; // place in the stream of the bytes that lie ready, where they lie
  private int windowPlace;
  private int windowLength;
  private IOException failure;

  private SegmentInputStream(
      ReadAhead file, ImageHead.Segment first, PngChunks chunks, JpegWatch watch) {
    this.file = file;
    this.chunks = chunks;
    this.watch = watch;
    this.segments.add(first);
  }

  /** All of a JPEG, whose scans are watched. */
  static SegmentInputStream jpeg(ByteSource source) {
    ImageHead.Segment all = new ImageHead.Segment(0, source.length());
    return new SegmentInputStream(new ReadAhead(source, WINDOW), all, null, JpegWatch.ofFile());
  }

  /** The chunks of a PNG that hold pixels and palette. */
  static SegmentInputStream png(ByteSource source) {
    ReadAhead file = new ReadAhead(source, WINDOW);
    ImageHead.Segment signature = new ImageHead.Segment(0, PngChunks.SIGNATURE);
    return new SegmentInputStream(file, signature, new PngChunks(file), null);
  }

  @Override
  public int read() throws IOException {
    checkClosed();
    bitOffset = 0;
    if (!load()) {
      return -1;
    }
    return file.buffer()[windowPlace + (int) (streamPos++ - windowStart)] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    checkClosed();
    bitOffset = 0;
    int copied = 0;
    // less than asked for is the end of the file to ImageInputStreamImpl.readInt
    while (copied < length && load()) {
      int from = (int) (streamPos - windowStart);
      int count = Math.min(length - copied, windowLength - from);
      System.arraycopy(file.buffer(), windowPlace + from, target, offset + copied, count);
      streamPos += count;
      copied += count;
    }
    return copied == 0 && length > 0 ? -1 : copied;
  }

  private boolean load() throws IOException {
    if (streamPos >= windowStart && streamPos < windowStart + windowLength) {
      return true;
    }
    windowLength = 0;
    if (streamPos < before) {
      current = 0;
      before = 0;
    }
    try {
      watch(streamPos);
      boolean found = find();
      watch(windowStart + windowLength);
      return found;
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  private boolean find() throws IOException {
    while (current < segments.size() || walk()) {
      ImageHead.Segment segment = segments.get(current);
      long within = streamPos - before;
      if (within < segment.length()) {
        windowPlace = file.place(segment.start() + within);
        windowLength = (int) Math.min(file.available(windowPlace), segment.length() - within);
        windowStart = streamPos;
        return true;
      }
      before += segment.length();
      current++;
    }
    return false;
  }

  /** Watches a JPEG up to a place, also what its decoder leaves out. */
  private void watch(long end) throws IOException {
    while (watch != null && watched < Math.min(end, file.source().length())) {
      int place = file.place(watched);
      int count = (int) Math.min(file.available(place), end - watched);
      watched += count;
      try {
        watch.take(file.buffer(), place, place + count);
      } catch (IIOException e) {
        throw new SceneFormatException(file.source().name(), "damaged JPEG: " + watch.problem(), e);
      }
    }
  }

  /** Takes the next chunk that is needed; joins it to the part before where it follows it. */
  private boolean walk() throws IOException {
    PngChunks.Chunk chunk = chunks == null ? null : chunks.next();
    while (chunk != null && !chunk.decodes()) {
      chunk = chunks.next();
    }
    if (chunk == null) {
      return false;
    }
    ImageHead.Segment next = chunk.segment();
    ImageHead.Segment last = segments.get(segments.size() - 1);
    if (last.start() + last.length() == next.start()) {
      current = segments.size() - 1;
      before -= last.length();
      segments.set(current, new ImageHead.Segment(last.start(), last.length() + next.length()));
    } else {
      segments.add(next);
    }
    return true;
  }

  /** Goes through what is left, so that a file which ends too early is not taken for whole. */
  void finish() throws IOException {
    try {
      while (watch != null && !watch.ended() && watched < file.source().length()) {
        watch(Math.min(watched + WINDOW, file.source().length()));
      }
      if (watch != null && !watch.ended()) {
        throw new SceneFormatException(file.source().name(), "damaged JPEG: ends without EOI");
      }
      PngChunks.Chunk chunk;
      do {
        chunk = chunks == null ? null : chunks.next();
      } while (chunk != null);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  /** What was wrong with the file or its file system when a read failed, null if none did. */
  IOException failure() {
    return failure;
  }
}
