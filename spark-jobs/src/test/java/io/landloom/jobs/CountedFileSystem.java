package io.landloom.jobs;

import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Local files as {@code counted:/...}, with what is opened and read of each. */
public final class CountedFileSystem extends RawLocalFileSystem {
  static final URI ROOT = URI.create("counted:///");

  private static final Map<String, Reading> READ = new ConcurrentHashMap<>();

  /** How often a file was opened, and how many bytes were read of it. */
  record Reading(AtomicLong opened, AtomicLong bytes) {
    Reading() {
      this(new AtomicLong(), new AtomicLong());
    }
  }

  /** Forgets what was read before. */
  static void reset() {
    READ.clear();
  }

  /** How often each file was opened, by name, since the last reset. */
  static Map<String, Long> opened() {
    Map<String, Long> opened = new TreeMap<>();
    READ.forEach((name, reading) -> opened.put(name, reading.opened().get()));
    return opened;
  }

  /** Bytes read of a file since the last reset. */
  static long bytes(String name) {
    Reading reading = READ.get(name);
    return reading == null ? 0 : reading.bytes().get();
  }

  @Override
  public URI getUri() {
    return ROOT;
  }

  @Override
  public String getScheme() {
    return ROOT.getScheme();
  }

  @Override
  public FileStatus[] listStatus(Path folder) throws IOException {
    return Arrays.stream(super.listStatus(folder))
        .map(CountedFileSystem::withoutPermissions)
        .toArray(FileStatus[]::new);
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    return withoutPermissions(super.getFileStatus(path));
  }

  /** The superclass looks permissions up under the path's URI, which must be {@code file:}. */
  private static FileStatus withoutPermissions(FileStatus status) {
    return new FileStatus(
        status.getLen(),
        status.isDirectory(),
        status.getReplication(),
        status.getBlockSize(),
        status.getModificationTime(),
        status.getPath());
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    Reading reading = READ.computeIfAbsent(path.getName(), name -> new Reading());
    reading.opened().incrementAndGet();
    return new FSDataInputStream(new Counted(super.open(path, bufferSize), reading.bytes()));
  }

  private static final class Counted extends FSInputStream {
    private final FSDataInputStream in;
    private final AtomicLong bytes;

    Counted(FSDataInputStream in, AtomicLong bytes) {
      this.in = in;
      this.bytes = bytes;
    }

    @Override
    public int read() throws IOException {
      int value = in.read();
      bytes.addAndGet(value < 0 ? 0 : 1);
      return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int count = in.read(target, offset, length);
      bytes.addAndGet(Math.max(0, count));
      return count;
    }

    @Override
    public void seek(long position) throws IOException {
      in.seek(position);
    }

    @Override
    public long getPos() throws IOException {
      return in.getPos();
    }

    @Override
    public boolean seekToNewSource(long target) {
      return false;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
