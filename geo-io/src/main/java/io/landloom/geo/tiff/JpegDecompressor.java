package io.landloom.geo.tiff;

import io.landloom.geo.image.JdkDecoder;
import java.awt.image.Raster;
import java.io.IOException;
import javax.imageio.ImageReader;

/**
 * JPEG with tables of its own or shared (TIFF Technical Note 2), decoded by the JDK.
 *
 * <p>The block is decoded whole when its first bytes are asked for. What the decoder only warns of,
 * such as missing data that it fills with gray, is an error here. YCbCr becomes RGB; all else stays
 * as stored.
 */
final class JpegDecompressor implements Decompressor {
  private static final int HALF = 1 << 15;
  // ITU-R BT.601, times 2^16
  private static final int RED_CR = 91_881;
  private static final int GREEN_CB = 22_554;
  private static final int GREEN_CR = 46_802;
  private static final int BLUE_CB = 116_130;

  private final BlockInput input;
  private final JpegFrame frame;
  private final byte[] tables;
  private final byte[] row;
  private Raster pixels;
  private int rows;
  private int place;

  JpegDecompressor(BlockInput input, JpegFrame frame, byte[] tables) {
    this.input = input;
    this.frame = frame;
    this.tables = tables;
    this.row = new byte[frame.width() * frame.samples()];
    this.place = row.length;
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    int copied = 0;
    while (copied < count && (place < row.length || nextRow())) {
      int step = Math.min(count - copied, row.length - place);
      System.arraycopy(row, place, target, offset + copied, step);
      place += step;
      copied += step;
    }
    return copied;
  }

  private boolean nextRow() throws IOException {
    if (pixels == null) {
      pixels = decode();
    }
    if (rows == pixels.getHeight()) {
      return false;
    }
    pixels.getDataElements(0, rows, frame.width(), 1, row);
    if (frame.yCbCr()) {
      toRgb(row);
    }
    rows++;
    place = 0;
    return true;
  }

  private Raster decode() throws IOException {
    JpegStream stream =
        new JpegStream(JpegSegments.ofBlock(input.stream(), tables, frame), input.stream());
    ImageReader decoder = JdkDecoder.of("jpeg");
    String[] warning = new String[1];
    decoder.addIIOReadWarningListener((from, message) -> warning[0] = message);
    try (stream) {
      decoder.setInput(stream, true, true);
      Raster decoded = decoder.readRaster(0, null);
      if (warning[0] != null) {
        throw new CorruptBlockException("JPEG: " + warning[0]);
      }
      if (!stream.ends()) {
        throw new CorruptBlockException("JPEG: ends without EOI");
      }
      return checked(decoded);
    } catch (IOException | RuntimeException e) {
      if (stream.failure() != null) {
        throw stream.failure();
      }
      if (stream.problem() != null) {
        throw new CorruptBlockException("JPEG: " + stream.problem(), e);
      }
      throw e instanceof CorruptBlockException corrupt ? corrupt : corrupt(e);
    } finally {
      decoder.dispose();
    }
  }

  private Raster checked(Raster decoded) throws CorruptBlockException {
    if (decoded.getWidth() != frame.width()
        || decoded.getHeight() < frame.fewestRows()
        || decoded.getNumBands() != frame.samples()) {
      throw new CorruptBlockException(
          String.format(
              "JPEG: decodes to %d x %d x %d",
              decoded.getWidth(), decoded.getHeight(), decoded.getNumBands()));
    }
    return decoded;
  }

  private static CorruptBlockException corrupt(Exception e) {
    Throwable deepest = e.getCause() == null ? e : e.getCause();
    if (deepest instanceof CorruptBlockException corrupt) {
      return corrupt;
    }
    String problem = e.getMessage() == null ? e.toString() : e.getMessage();
    return new CorruptBlockException("JPEG: " + problem, e);
  }

  private static void toRgb(byte[] row) {
    for (int at = 0; at < row.length; at += 3) {
      int y = (row[at] & 0xFF) << 16 | HALF;
      int cb = (row[at + 1] & 0xFF) - 128;
      int cr = (row[at + 2] & 0xFF) - 128;
      row[at] = level(y + RED_CR * cr);
      row[at + 1] = level(y - GREEN_CB * cb - GREEN_CR * cr);
      row[at + 2] = level(y + BLUE_CB * cb);
    }
  }

  private static byte level(int value) {
    return (byte) Math.max(0, Math.min(255, value >> 16));
  }
}
