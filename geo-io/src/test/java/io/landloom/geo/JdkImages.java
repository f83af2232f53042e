package io.landloom.geo;

import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.spi.ImageReaderWriterSpi;
import javax.imageio.spi.ImageWriterSpi;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;

/** The JDK's own image readers and writers, the outside opinion of these tests. */
public final class JdkImages {
  private JdkImages() {}

  /** Smooth and rough samples that every compression has something to do with. */
  public static BufferedImage pattern(int type, int width, int height, long seed) {
    BufferedImage image = new BufferedImage(width, height, type);
    Random random = new Random(seed);
    int bands = image.getRaster().getNumBands();
    int top = type == BufferedImage.TYPE_USHORT_GRAY ? 65536 : 256;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int band = 0; band < bands; band++) {
          int flat = x / 16 * 37 + y / 8 * 11 + band * 50;
          int rough = x % 32 < 16 ? random.nextInt(top) : flat;
          image.getRaster().setSample(x, y, band, rough % top);
        }
      }
    }
    return image;
  }

  /** An image's samples as a raster. */
  public static Raster raster(BufferedImage image) {
    int bands = image.getRaster().getNumBands();
    boolean wide = image.getSampleModel().getSampleSize(0) == 16;
    SampleType type = wide ? SampleType.UINT16 : SampleType.UINT8;
    int[] values =
        image.getRaster().getPixels(0, 0, image.getWidth(), image.getHeight(), (int[]) null);
    byte[] samples = new byte[values.length * type.bytes()];
    for (int i = 0; i < values.length; i++) {
      samples[i * type.bytes()] = (byte) values[i];
      if (wide) {
        samples[2 * i + 1] = (byte) (values[i] >> 8);
      }
    }
    return new Raster(image.getWidth(), image.getHeight(), bands, type, samples);
  }

  /** Writes an image; the parameter can be changed before. */
  public static byte[] write(BufferedImage image, String format, Consumer<ImageWriteParam> change)
      throws IOException {
    ImageWriter writer = provider(ImageWriterSpi.class, format).createWriterInstance();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(stream);
      ImageWriteParam param = writer.getDefaultWriteParam();
      change.accept(param);
      writer.write(null, new IIOImage(image, null, null), param);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** A reader of the JDK over bytes. */
  public static ImageReader reader(byte[] bytes, String format) throws IOException {
    ImageReader reader = provider(ImageReaderSpi.class, format).createReaderInstance();
    ImageInputStream stream = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes));
    reader.setInput(stream);
    return reader;
  }

  /** Reads an image. */
  public static BufferedImage read(byte[] bytes, String format) throws IOException {
    ImageReader reader = reader(bytes, format);
    try {
      return reader.read(0);
    } finally {
      reader.dispose();
    }
  }

  private static <T extends ImageReaderWriterSpi> T provider(Class<T> kind, String format) {
    Iterator<T> providers = IIORegistry.getDefaultInstance().getServiceProviders(kind, true);
    while (providers.hasNext()) {
      T provider = providers.next();
      if (provider.getClass().getModule() == ImageIO.class.getModule()
          && List.of(provider.getFormatNames()).contains(format)) {
        return provider;
      }
    }
    return unregistered(kind, format);
  }

  /** The JDK's TIFF reader, which plug-ins on the class path take out of the registry. */
  private static <T extends ImageReaderWriterSpi> T unregistered(Class<T> kind, String format) {
    if (!format.equals("tiff")) {
      throw new IllegalStateException("the JDK's " + format + " is not registered");
    }
    try {
      String name = "com.sun.imageio.plugins.tiff.TIFF" + kind.getSimpleName();
      return kind.cast(Class.forName(name).getConstructor().newInstance());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
