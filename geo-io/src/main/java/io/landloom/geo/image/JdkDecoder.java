package io.landloom.geo.image;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/** The JDK's own image decoders, whatever else the class path registers. */
public final class JdkDecoder {
  private JdkDecoder() {}

  /**
   * A new decoder.
   *
   * @param format {@code png} or {@code jpeg}
   * @throws IOException if this runtime has none of its own
   */
  public static ImageReader of(String format) throws IOException {
    Iterator<ImageReaderSpi> providers =
        IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, true);
    while (providers.hasNext()) {
      ImageReaderSpi provider = providers.next();
      boolean named = List.of(provider.getFormatNames()).contains(format);
      if (named && provider.getClass().getModule() == ImageIO.class.getModule()) {
        return provider.createReaderInstance();
      }
    }
    throw new IOException("this Java runtime has no reader for " + format + " of its own");
  }
}
