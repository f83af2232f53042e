package io.landloom.geo.tiff;

/**
 * What the JPEG of one block must be.
 *
 * @param width pixels a row
 * @param fewestRows rows of the image in the block
 * @param mostRows rows of a whole block; a last strip may be coded with all of them
 * @param samples samples a pixel
 * @param yCbCr whether samples are Y, Cb and Cr, to be made RGB
 */
record JpegFrame(int width, int fewestRows, int mostRows, int samples, boolean yCbCr) {

  /** Checks what a frame header says: kind of frame, precision, rows, columns, components. */
  void check(int marker, byte[] header) throws CorruptBlockException {
    if (marker > 0xC2) {
      throw new CorruptBlockException(
          String.format("JPEG: frame of kind 0x%X is not supported, only 0xC0 to 0xC2", marker));
    }
    if (header.length < 6 || header.length != 6 + 3 * header[5]) {
      throw new CorruptBlockException("JPEG: frame header of " + header.length + " bytes");
    }
    if (header[0] != 8) {
      throw new CorruptBlockException(
          "JPEG: " + header[0] + " bits a sample are not supported, only 8 are");
    }
    int rows = number(header, 1);
    int columns = number(header, 3);
    if (columns != width || rows < fewestRows || rows > mostRows || header[5] != samples) {
      throw new CorruptBlockException(
          String.format(
              "JPEG: of %d x %d pixels with %d components in a block of %d x %d with %d",
              columns, rows, header[5], width, fewestRows, samples));
    }
    for (int at = 7; at < header.length; at += 3) {
      factor(header[at] >> 4);
      factor(header[at] & 0xF);
    }
  }

  private static void factor(int sampling) throws CorruptBlockException {
    if (sampling != 1 && sampling != 2 && sampling != 4) {
      throw new CorruptBlockException("JPEG: sampling factor " + sampling + ", not 1, 2 or 4");
    }
  }

  private static int number(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
  }
}
