package io.landloom.jobs.table;

import io.landloom.geo.image.PngDecoder;
import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.source.SceneFormatException;
import java.io.Serializable;
import java.util.Arrays;

/**
 * Decodes the pixels of rows of {@code patches} and {@code pairs}, whatever they are stored as.
 *
 * <p>Safe for several threads.
 */
public final class PixelDecoder implements Serializable {
  private static final long serialVersionUID = 1L;

  private final PngDecoder png = new PngDecoder();

  /**
   * The pixels of a column as a row describes them.
   *
   * @param format what the row says of the column: png or raw
   * @param dtype type of a sample, by NumPy's name
   * @param width pixels a row
   * @param height rows of pixels
   * @param bands samples a pixel
   */
  public record Shape(String format, String dtype, int width, int height, int bands)
      implements Serializable {
    /** The shape of a mask. */
    public static Shape ofMask(String format, int width, int height) {
      return new Shape(format, SampleType.UINT8.dtype(), width, height, 1);
    }

    private SampleType type() throws SceneFormatException {
      return Arrays.stream(SampleType.values())
          .filter(type -> type.dtype().equals(dtype))
          .findFirst()
          .orElseThrow(() -> new SceneFormatException("stored image", "has samples of " + dtype));
    }

    @Override
    public String toString() {
      return width + " x " + height + " x " + bands + " " + dtype;
    }
  }

  /**
   * Decodes an image.
   *
   * @throws SceneFormatException if the bytes are damaged, or not what the row says
   */
  public Raster image(byte[] bytes, Shape shape) throws SceneFormatException {
    Raster image =
        format(shape) == PixelFormat.PNG
            ? png.decode(bytes)
            : new Raster(
                shape.width(), shape.height(), shape.bands(), shape.type(), checked(bytes, shape));
    boolean agrees =
        image.width() == shape.width()
            && image.height() == shape.height()
            && image.bands() == shape.bands()
            && image.type() == shape.type();
    if (!agrees) {
      throw new SceneFormatException("stored image", "is " + image + ", its row says " + shape);
    }
    return image;
  }

  /**
   * Decodes a mask.
   *
   * @throws SceneFormatException if the bytes are damaged, or not what the row says
   */
  public ClassMask mask(byte[] bytes, Shape shape) throws SceneFormatException {
    ClassMask mask =
        format(shape) == PixelFormat.PNG
            ? png.decodeMask(bytes)
            : new ClassMask(shape.width(), shape.height(), checked(bytes, shape));
    if (mask.width() != shape.width() || mask.height() != shape.height()) {
      throw new SceneFormatException("stored mask", "is " + mask + ", its row says " + shape);
    }
    return mask;
  }

  private static PixelFormat format(Shape shape) throws SceneFormatException {
    try {
      return PixelFormat.named(shape.format());
    } catch (IllegalArgumentException e) {
      throw new SceneFormatException("row", e.getMessage(), e);
    }
  }

  private static byte[] checked(byte[] bytes, Shape shape) throws SceneFormatException {
    long expected = (long) shape.width() * shape.height() * shape.bands() * shape.type().bytes();
    if (bytes.length != expected || shape.width() < 1 || shape.height() < 1 || shape.bands() < 1) {
      throw new SceneFormatException(
          "raw pixels of " + bytes.length + " bytes",
          "are not " + shape + ", which is " + expected + " bytes");
    }
    return bytes;
  }
}
