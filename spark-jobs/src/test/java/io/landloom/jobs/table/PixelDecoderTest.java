package io.landloom.jobs.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.jobs.table.PixelDecoder.Shape;
import org.junit.jupiter.api.Test;

class PixelDecoderTest {
  private static final byte[] PNG =
      new PngEncoder().encode(Raster.ofBytes(2, 1, 3, new byte[] {1, 2, 3, 4, 5, 6}));

  private final PixelDecoder pixels = new PixelDecoder();

  private String refusal(byte[] bytes, Shape shape) {
    return assertThrows(SceneFormatException.class, () -> pixels.image(bytes, shape)).getMessage();
  }

  @Test
  void pngsAndRawPixelsAreTheSameImage() throws SceneFormatException {
    Raster expected = Raster.ofBytes(2, 1, 3, new byte[] {1, 2, 3, 4, 5, 6});
    assertEquals(expected, pixels.image(PNG, new Shape("png", "uint8", 2, 1, 3)));
    assertEquals(expected, pixels.image(expected.samples(), new Shape("raw", "uint8", 2, 1, 3)));
  }

  @Test
  void typeAndShapeOfRawPixelsAreThoseOfTheRow() throws SceneFormatException {
    byte[] samples = {0x34, 0x12, 0, 1};
    Raster image = pixels.image(samples, new Shape("raw", "uint16", 1, 2, 1));
    assertEquals(new Raster(1, 2, 1, SampleType.UINT16, samples), image);
    assertEquals(0x1234, image.type().value(image.samples(), 0));
  }

  @Test
  void masksAreReadRaw() throws SceneFormatException {
    byte[] indices = {3, 1};
    assertEquals(new ClassMask(2, 1, indices), pixels.mask(indices, Shape.ofMask("raw", 2, 1)));
  }

  @Test
  void whatTheRowDoesNotSayIsRefused() {
    assertEquals(
        "stored image: is Raster 2 x 1 x 3 UINT8, its row says 2 x 2 x 3 uint8",
        refusal(PNG, new Shape("png", "uint8", 2, 2, 3)));
    assertEquals(
        "raw pixels of 5 bytes: are not 2 x 1 x 3 uint8, which is 6 bytes",
        refusal(new byte[5], new Shape("raw", "uint8", 2, 1, 3)));
    assertEquals(
        "raw pixels of 0 bytes: are not 0 x 1 x 3 uint8, which is 0 bytes",
        refusal(new byte[0], new Shape("raw", "uint8", 0, 1, 3)));
    assertEquals(
        "stored image: has samples of complex64",
        refusal(new byte[8], new Shape("raw", "complex64", 1, 1, 1)));
    assertEquals("row: pixels stored as 'webp'", refusal(PNG, new Shape("webp", "uint8", 2, 1, 3)));
  }

  @Test
  void aMaskOfAnotherSizeThanTheRowSaysIsRefused() {
    byte[] mask = new PngEncoder().encode(Raster.ofBytes(2, 1, 1, new byte[] {0, 1}));
    assertEquals(
        "stored mask: is ClassMask 2 x 1, its row says 3 x 1 x 1 uint8",
        assertThrows(SceneFormatException.class, () -> pixels.mask(mask, Shape.ofMask("png", 3, 1)))
            .getMessage());
  }
}
