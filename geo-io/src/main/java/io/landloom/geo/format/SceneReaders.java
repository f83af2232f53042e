package io.landloom.geo.format;

import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.ByteSource;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.geo.tiff.TiffLimits;
import io.landloom.geo.tiff.TiffReader;
import java.io.IOException;

/** Opens image files by what their first bytes say they are. */
public final class SceneReaders {
  private static final int MARK = 8;
  private static final long PNG = 0x89504E470D0A1A0AL;

  private SceneReaders() {}

  /**
   * Opens a TIFF, PNG or JPEG; the source is the reader's to close, also when this fails.
   *
   * @throws SceneFormatException if the file is none of these, damaged, over the limits or not
   *     supported
   * @throws IOException if it cannot be read
   */
  public static SceneReader open(ByteSource source, TiffLimits limits) throws IOException {
    try {
      return sniff(source, limits);
    } catch (IOException | RuntimeException e) {
      try {
        source.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  private static SceneReader sniff(ByteSource source, TiffLimits limits) throws IOException {
    byte[] mark = new byte[MARK];
    source.read(0, mark, 0, (int) Math.min(MARK, source.length()));
    long bits = 0;
    for (byte b : mark) {
      bits = bits << 8 | (b & 0xFF);
    }
    if (bits == PNG) {
      return EncodedImageReader.png(source, limits);
    }
    if (bits >>> 40 == 0xFFD8FF) {
      return EncodedImageReader.jpeg(source, limits);
    }
    int four = (int) (bits >>> 32);
    if (four == 0x49492A00 || four == 0x4D4D002A || four == 0x49492B00 || four == 0x4D4D002B) {
      return TiffReader.open(source, limits);
    }
    throw new SceneFormatException(source.name(), "not a TIFF, PNG or JPEG");
  }
}
