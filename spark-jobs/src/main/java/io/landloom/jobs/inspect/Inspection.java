package io.landloom.jobs.inspect;

import io.landloom.geo.format.SceneReaders;
import io.landloom.geo.image.BandSums;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.geo.source.SourceFiles;
import io.landloom.geo.tiff.TiffLimits;
import io.landloom.jobs.run.JobException.Kind;
import io.landloom.jobs.run.JsonLine;
import io.landloom.jobs.run.Paths;
import io.landloom.jobs.run.Printable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

/**
 * What reading one file to its last pixel gave.
 *
 * @param file the file as it was given
 * @param problem whose problem it is that the file was not read, null if it was read
 * @param reason why it was not read, null if it was
 * @param header what the file says of itself, null if not even that could be read
 * @param sums sum of all samples of each band as stored, null if not all of them could be read
 */
public record Inspection(
    String file, Kind problem, String reason, SceneHeader header, List<Number> sums) {
  private static final long ROW_BYTES = 16 << 20;
  // rows of blocks beyond this are not kept by their reader, but decoded again for each request
  private static final long KEPT_BYTES = 64 << 20;
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:/.*");

  /** Reads a file, local or of any Hadoop file system, in bounded memory; never throws. */
  public static Inspection of(String file, Configuration configuration) {
    SceneHeader[] header = new SceneHeader[1];
    try {
      List<Number> sums = read(file, configuration, header);
      return new Inspection(file, null, null, header[0], sums);
    } catch (SceneFormatException e) {
      return new Inspection(file, Kind.DATA, e.getMessage(), header[0], null);
    } catch (ChecksumException e) {
      return new Inspection(file, Kind.DATA, message(e), header[0], null);
    } catch (FileNotFoundException | UnsupportedFileSystemException | IllegalArgumentException e) {
      return new Inspection(file, Kind.USER, message(e), header[0], null);
    } catch (IOException | OutOfMemoryError e) {
      return new Inspection(file, Kind.INFRA, message(e), header[0], null);
    } catch (RuntimeException e) {
      return new Inspection(file, Kind.BUG, "a defect of Landloom: " + e, header[0], null);
    }
  }

  private static String message(Throwable thrown) {
    String message = thrown.getMessage();
    return message == null ? thrown.getClass().getSimpleName() : message;
  }

  private static List<Number> read(String file, Configuration configuration, SceneHeader[] header)
      throws IOException {
    Path path = path(file);
    FileSystem fileSystem = Paths.fileSystem(path, configuration);
    if (!fileSystem.getFileStatus(path).isFile()) {
      throw new FileNotFoundException(path + " is a folder; give files");
    }
    try (SceneReader reader =
        SceneReaders.open(SourceFiles.open(fileSystem, path), TiffLimits.defaults())) {
      header[0] = reader.header();
      return sums(reader);
    }
  }

  /** A URI with a scheme, else a path in which no character means anything but itself. */
  private static Path path(String file) {
    return SCHEME.matcher(file).matches() ? new Path(file) : new Path(null, null, file);
  }

  private static List<Number> sums(SceneReader reader) throws IOException {
    SceneHeader header = reader.header();
    BandSums sums = new BandSums(header.type(), header.bands());
    int step = rowsAtOnce(reader);
    for (int y = 0; y < header.height(); y += step) {
      sums.add(reader.rows(y, Math.min(step, header.height() - y)));
    }
    return sums.sums();
  }

  private static int rowsAtOnce(SceneReader reader) {
    SceneHeader header = reader.header();
    long rowBytes = (long) header.width() * header.bands() * header.type().bytes();
    long blockBytes = reader.blockRows() * rowBytes;
    long most = Math.min(2 * KEPT_BYTES, TiffLimits.defaults().requestBytes());
    boolean whole = blockBytes > KEPT_BYTES && blockBytes <= most;
    long rows = (whole ? blockBytes : ROW_BYTES) / rowBytes;
    return (int) Math.max(1, Math.min(header.height(), rows));
  }

  /** Whether all of the file was read. */
  public boolean read() {
    return problem == null;
  }

  /** What it says of itself, in one line of JSON without its end. */
  public String json() {
    JsonLine line = new JsonLine().text("file", file);
    line.text("status", read() ? "read" : "refused").text("reason", reason);
    if (header == null) {
      for (String key : List.of("width", "height", "bands")) {
        line.number(key, null);
      }
      for (String key : List.of("dtype", "compression", "layout", "crs")) {
        line.text(key, null);
      }
    } else {
      line.number("width", header.width());
      line.number("height", header.height());
      line.number("bands", header.bands());
      line.text("dtype", header.type().dtype());
      line.text("compression", header.storage().compression());
      line.text("layout", header.storage().layout());
      line.text("crs", header.storage().crs());
    }
    return line.numbers("sums", sums).end();
  }

  /** What it says of itself, for people: a line for the file and indented ones below. */
  public String text() {
    StringBuilder text = new StringBuilder(Printable.of(file)).append('\n');
    add(text, "status", read() ? "read" : "refused");
    add(text, "reason", reason);
    if (header != null) {
      SceneHeader.Storage storage = header.storage();
      String bands = header.bands() == 1 ? " band of " : " bands of ";
      String size = header.width() + " x " + header.height() + " pixels, " + header.bands();
      add(text, "image", size + bands + header.type().dtype());
      add(text, "stored", storage.compression() + ", " + storage.layout());
      add(text, "place", storage.placement());
      add(text, "crs", storage.crs());
      add(text, "nodata", storage.nodata());
      add(text, "mask", storage.mask() ? "of the pixels with data" : null);
      add(text, "to tile", read() ? tiling(header) : null);
    }
    add(text, "sums", sums);
    return text.toString();
  }

  private static String tiling(SceneHeader header) {
    return switch (header.type()) {
      case UINT8 -> "as it is";
      case UINT16 -> "kept, or stretched to 8 bits";
      default -> "with a stated stretch to 8 bits";
    };
  }

  private static void add(StringBuilder text, String name, Object value) {
    if (value != null) {
      text.append(String.format("  %-8s%s%n", name, Printable.of(value.toString())));
    }
  }
}
