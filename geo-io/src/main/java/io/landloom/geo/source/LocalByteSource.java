package io.landloom.geo.source;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A local file, read by position; safe for several threads. */
public final class LocalByteSource implements ByteSource {
  // each read passes through a buffer outside of the heap, which should stay in the cache
  private static final int PIECE = 1 << 17;

  private final String name;
  private final FileChannel channel;
  private final long length;

  private LocalByteSource(String name, FileChannel channel) throws IOException {
    this.name = name;
    this.channel = channel;
    this.length = channel.size();
  }

  /**
   * Opens a file.
   *
   * @throws IOException if it cannot be opened
   */
  public static LocalByteSource open(Path file) throws IOException {
    return open(file, file.toString());
  }

  static LocalByteSource open(Path file, String name) throws IOException {
    return new LocalByteSource(name, FileChannel.open(file, StandardOpenOption.READ));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void read(long position, byte[] target, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      ByteBuffer piece = ByteBuffer.wrap(target, offset + done, Math.min(PIECE, length - done));
      int read = channel.read(piece, position + done);
      if (read < 0) {
        throw new EOFException(
            name + ": ends at " + this.length + ", before byte " + (position + length));
      }
      done += read;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
