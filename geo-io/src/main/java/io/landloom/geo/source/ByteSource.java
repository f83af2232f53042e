package io.landloom.geo.source;

import java.io.Closeable;
import java.io.IOException;

/** Bytes of a file, read by range: a local file or an HDFS stream. */
public interface ByteSource extends Closeable {
  /** The file's name for messages. */
  String name();

  /** Length in bytes. */
  long length();

  /**
   * Reads exactly {@code length} bytes.
   *
   * @throws java.io.EOFException if the file ends before
   * @throws IOException if it cannot be read
   */
  void read(long position, byte[] target, int offset, int length) throws IOException;
}
