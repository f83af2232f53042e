package io.landloom.geo.format;

import io.landloom.geo.image.JdkDecoder;
import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.ByteSource;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.geo.tiff.TiffLimits;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Locale;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;

/**
 * Reads a PNG or JPEG with the JDK's decoders.
 *
 * <p>These formats decode from the top only. The first request decodes down to its last row and
 * keeps nothing; from the second on the decoded image is kept, once, and rows are copied out of it.
 * What the decoder only warns of, such as missing data, is an error here.
 */
final class EncodedImageReader implements SceneReader {
  private final ByteSource source;
  private final ImageHead head;
  private BufferedImage whole;
  private boolean asked;

  private EncodedImageReader(ByteSource source, ImageHead head) {
    this.source = source;
    this.head = head;
  }

  static EncodedImageReader png(ByteSource source, TiffLimits limits) throws IOException {
    return new EncodedImageReader(source, ImageHead.ofPng(source, limits));
  }

  static EncodedImageReader jpeg(ByteSource source, TiffLimits limits) throws IOException {
    return new EncodedImageReader(source, ImageHead.ofJpeg(source, limits));
  }

  @Override
  public SceneHeader header() {
    return head.header();
  }

  @Override
  public int blockRows() {
    return header().height();
  }

  @Override
  public Raster rows(int y, int count) throws IOException {
    int height = header().height();
    if (y < 0 || count < 1 || count > height - y) {
      throw new IllegalArgumentException(
          String.format("%s: rows %d to %d of %d", source.name(), y, (long) y + count - 1, height));
    }
    if (whole == null && !asked) {
      asked = true;
      return raster(decode(y, count), 0, count);
    }
    if (whole == null) {
      whole = decode(0, height);
    }
    return raster(whole, y, count);
  }

  private BufferedImage decode(int y, int count) throws IOException {
    ImageReader reader = JdkDecoder.of(header().format().toLowerCase(Locale.ROOT));
    SegmentInputStream stream = stream();
    try (stream) {
      BufferedImage rows = decode(reader, stream, y, count);
      if (y + count == header().height()) {
        stream.finish();
      }
      if (stream.failure() != null) {
        throw stream.failure();
      }
      return rows;
    } catch (IOException | RuntimeException e) {
      if (stream.failure() != null) {
        throw stream.failure();
      }
      throw e instanceof SceneFormatException refusal ? refusal : damaged(problem(e), e);
    } finally {
      reader.dispose();
    }
  }

  private SegmentInputStream stream() {
    return header().format().equals("PNG")
        ? SegmentInputStream.png(source)
        : SegmentInputStream.jpeg(source);
  }

  private BufferedImage decode(ImageReader reader, SegmentInputStream stream, int y, int count)
      throws IOException {
    String[] warning = new String[1];
    reader.addIIOReadWarningListener((from, message) -> warning[0] = message);
    reader.setInput(stream, true, true);
    ImageReadParam region = reader.getDefaultReadParam();
    region.setSourceRegion(new Rectangle(0, y, header().width(), count));
    BufferedImage image = reader.read(0, region);
    if (warning[0] != null) {
      throw damaged(warning[0], null);
    }
    return checked(image, count);
  }

  private static String problem(Exception e) {
    String problem = e.getMessage() == null ? e.toString() : e.getMessage();
    return e.getCause() == null ? problem : problem + ", " + e.getCause().getMessage();
  }

  private SceneFormatException damaged(String problem, Exception cause) {
    String message = "damaged " + header().format() + ": " + problem;
    return cause == null
        ? new SceneFormatException(source.name(), message)
        : new SceneFormatException(source.name(), message, cause);
  }

  private BufferedImage checked(BufferedImage image, int count) throws SceneFormatException {
    SceneHeader header = header();
    int bands = image.getRaster().getNumBands();
    if (bands != header.bands()
        || image.getWidth() != header.width()
        || image.getHeight() != count) {
      throw damaged(
          String.format(
              "decodes to %d x %d x %d, not %d x %d x %d",
              image.getWidth(), image.getHeight(), bands, header.width(), count, header.bands()),
          null);
    }
    return image;
  }

  /** A copy of rows of an image. */
  private Raster raster(BufferedImage image, int first, int count) {
    SceneHeader header = header();
    int bands = header.bands();
    boolean wide = header.type() == SampleType.UINT16;
    int rowSamples = header.width() * bands;
    byte[] samples = new byte[rowSamples * header.type().bytes() * count];
    int[] row = new int[rowSamples];
    int at = 0;
    for (int y = first; y < first + count; y++) {
      image.getRaster().getPixels(0, y, header.width(), 1, row);
      for (int i = 0; i < rowSamples; i++) {
        samples[at++] = (byte) row[i];
        if (wide) {
          samples[at++] = (byte) (row[i] >> 8);
        }
      }
    }
    return new Raster(header.width(), count, bands, header.type(), samples);
  }

  @Override
  public void close() throws IOException {
    whole = null;
    source.close();
  }
}
