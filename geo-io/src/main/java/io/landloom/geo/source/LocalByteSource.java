package io.landloom.geo.source;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A local file, read by position; safe for several threads. */
public final class LocalByteSource implements ByteSource {
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
    return new LocalByteSource(file.toString(), FileChannel.open(file, StandardOpenOption.READ));
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
    ByteBuffer buffer = ByteBuffer.wrap(target, offset, length);
    long at = position;
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, at);
      if (read < 0) {
        throw new EOFException(
            name + ": ends at " + this.length + ", before byte " + (position + length));
      }
      at += read;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
