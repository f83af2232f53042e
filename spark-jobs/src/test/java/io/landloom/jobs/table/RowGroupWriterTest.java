package io.landloom.jobs.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files on a disk that becomes full are closed all the same. */
class RowGroupWriterTest {
  private static final String FULL = "No space left on device";

  @TempDir java.nio.file.Path folder;

  /** A file system whose files take so many bytes and count how many of them are open. */
  public static final class FullDisk extends RawLocalFileSystem {
    static final AtomicInteger OPEN = new AtomicInteger();

    @Override
    public URI getUri() {
      return URI.create("full:///");
    }

    @Override
    public FSDataOutputStream create(
        Path file,
        boolean overwrite,
        int buffer,
        short replication,
        long block,
        Progressable progress)
        throws IOException {
      OPEN.incrementAndGet();
      return new FSDataOutputStream(new Bounded(getConf().getLong("fs.full.room", 0)), null);
    }
  }

  /** Takes bytes until there is no room. */
  private static final class Bounded extends java.io.OutputStream {
    private long room;
    private boolean closed;

    Bounded(long room) {
      this.room = room;
    }

    @Override
    public void write(int value) throws IOException {
      if (room-- <= 0) {
        throw new IOException(FULL);
      }
    }

    @Override
    public void close() {
      if (!closed) {
        FullDisk.OPEN.decrementAndGet();
      }
      closed = true;
    }
  }

  @BeforeEach
  void none() {
    FullDisk.OPEN.set(0);
  }

  private RowGroupWriter<PatchClassesTable.PatchClass> writer(long room) throws IOException {
    Configuration configuration = new Configuration();
    configuration.set("fs.full.impl", FullDisk.class.getName());
    configuration.setBoolean("fs.full.impl.disable.cache", true);
    configuration.setLong("fs.full.room", room);
    return new RowGroupWriter<>(
        new PatchClassesTable(), new Path("full://" + folder + "/part"), configuration);
  }

  private void write(long room) throws IOException {
    RowGroupWriter<PatchClassesTable.PatchClass> writer = writer(room);
    writer.write(new PatchClassesTable.PatchClass("a", 0, 0, "train", 0, 0, "land", 4, 1.0, null));
    writer.close(Map.of("key", "value"));
  }

  @Test
  void noRoomForTheFirstBytes() {
    assertEquals(FULL, assertThrows(IOException.class, () -> writer(0)).getMessage());
    assertEquals(0, FullDisk.OPEN.get());
  }

  /** Amid the first page, and amid the footer: the magic number is 4 bytes, the rows some 500. */
  static Stream<Long> rooms() {
    return Stream.of(5L, 900L);
  }

  @ParameterizedTest
  @MethodSource("rooms")
  void noRoomForTheRest(long room) {
    Throwable cause = assertThrows(IOException.class, () -> write(room));
    while (cause.getCause() != null) {
      cause = cause.getCause(); // Parquet wraps it in the whole footer
    }
    assertEquals(FULL, cause.getMessage());
    assertEquals(0, FullDisk.OPEN.get());
  }

  @Test
  void roomForAll() throws IOException {
    write(1 << 20);
    assertEquals(0, FullDisk.OPEN.get());
  }
}
