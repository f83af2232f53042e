package io.landloom.geo.source;

import java.io.IOException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A file of a Hadoop file system, read by position; the file system itself is not closed. */
public final class HadoopByteSource implements ByteSource {
  private final String name;
  private final long length;
  private final FSDataInputStream stream;

  private HadoopByteSource(String name, long length, FSDataInputStream stream) {
    this.name = name;
    this.length = length;
    this.stream = stream;
  }

  /**
   * Opens a file.
   *
   * @throws IOException if it is missing or cannot be opened
   */
  public static HadoopByteSource open(FileSystem fileSystem, Path file) throws IOException {
    long length = fileSystem.getFileStatus(file).getLen();
    return new HadoopByteSource(file.toString(), length, fileSystem.open(file));
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
    stream.readFully(position, target, offset, length);
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
