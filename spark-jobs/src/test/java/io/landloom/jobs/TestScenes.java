package io.landloom.jobs;

import io.landloom.geo.landcover.LandCoverScheme;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** Small scenes with labels whose counts are known by construction, written by the JDK. */
final class TestScenes {
  private TestScenes() {}

  /** Colour of a pixel. */
  @FunctionalInterface
  interface Painting {
    int rgb(int x, int y);
  }

  /** Writes an RGB image; the format is the file's extension. */
  static Path write(Path file, int width, int height, Painting painting) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, painting.rgb(x, y));
      }
    }
    return write(file, image);
  }

  /** Writes an image of one 8-bit band. */
  static Path writeGray(Path file, int width, int height, Painting painting) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.getRaster().setSample(x, y, 0, painting.rgb(x, y));
      }
    }
    return write(file, image);
  }

  private static Path write(Path file, BufferedImage image) {
    try {
      Files.createDirectories(file.getParent());
      String name = file.getFileName().toString();
      if (!ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1), file.toFile())) {
        throw new IllegalArgumentException("the JDK writes no " + name);
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A colour that varies over the image. */
  static int texture(int x, int y) {
    return ((x * 37 + y * 11) & 0xFF) << 16 | ((x * 5 + y * 83) & 0xFF) << 8 | ((x ^ y) & 0xFF);
  }

  /** The label colour of a class. */
  static int color(String scheme, int index) {
    LandCoverScheme landCover = LandCoverScheme.named(scheme);
    return landCover.classes().get(landCover.position(index)).rgb();
  }

  /**
   * Writes {@code images/NAME.png} and {@code labels/NAME.png} of scheme mbrsc with vertical
   * stripes of 16 pixels of classes 0 to 4 in turn.
   */
  static void striped(Path folder, String name, int width, int height) {
    int[] colors = IntStream.range(0, 5).map(index -> color("mbrsc", index)).toArray();
    write(folder.resolve("images/" + name + ".png"), width, height, TestScenes::texture);
    write(folder.resolve("labels/" + name + ".png"), width, height, (x, y) -> colors[x / 16 % 5]);
  }
}
