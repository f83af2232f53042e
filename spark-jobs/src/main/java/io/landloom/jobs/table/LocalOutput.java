package io.landloom.jobs.table;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/**
 * A new Parquet file of the local file system, written without Hadoop.
 *
 * <p>Hadoop would start three processes a file, to set permissions, and write a second file of
 * checksums beside each. Parquet's pages have checksums of their own, which count only where they
 * are asked for: {@code verify} compares all of them, and sessions of the jobs ask for it of all
 * they read.
 */
final class LocalOutput implements OutputFile {
  private static final int BUFFER = 1 << 16;

  private final Path file;

  private LocalOutput(Path file) {
    this.file = file;
  }

  /** The file at a path: of the local file system as it is, of any other through Hadoop. */
  static OutputFile of(org.apache.hadoop.fs.Path path, Configuration configuration)
      throws IOException {
    FileSystem fileSystem = path.getFileSystem(configuration);
    return fileSystem instanceof LocalFileSystem local
        ? new LocalOutput(local.pathToFile(path).toPath())
        : HadoopOutputFile.fromPath(path, configuration);
  }

  @Override
  public PositionOutputStream create(long blockSizeHint) throws IOException {
    return open(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
  }

  @Override
  public PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
    return open(
        StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
  }

  private PositionOutputStream open(StandardOpenOption... how) throws IOException {
    Files.createDirectories(file.getParent());
    return new Stream(Files.newOutputStream(file, how));
  }

  @Override
  public boolean supportsBlockSize() {
    return false;
  }

  @Override
  public long defaultBlockSize() {
    return 0;
  }

  private static final class Stream extends PositionOutputStream {
    private final OutputStream out;
    private long position;

    Stream(OutputStream out) {
      this.out = new BufferedOutputStream(out, BUFFER);
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public void write(int value) throws IOException {
      out.write(value);
      position++;
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
      out.write(bytes, offset, count);
      position += count;
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
