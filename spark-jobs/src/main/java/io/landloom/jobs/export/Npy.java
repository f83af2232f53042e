package io.landloom.jobs.export;

import io.landloom.jobs.table.PixelDecoder;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Arrays as files of NumPy's format, version 1.0. */
final class Npy {
  private static final int ALIGNMENT = 64;

  private Npy() {}

  /** An array (height, width, bands) of samples that are stored so, little endian. */
  static byte[] of(PixelDecoder.Shape shape, byte[] samples) {
    String dtype =
        switch (shape.dtype()) {
          case "uint8" -> "|u1";
          case "uint16" -> "<u2";
          default -> throw new IllegalArgumentException("stored samples of " + shape.dtype());
        };
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d, %d), }"
            .formatted(dtype, shape.height(), shape.width(), shape.bands());
    int blanks = Math.floorMod(-(10 + header.length() + 1), ALIGNMENT);
    byte[] text = (header + " ".repeat(blanks) + "\n").getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream file = new ByteArrayOutputStream(10 + text.length + samples.length);
    file.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    file.write(text.length & 0xFF);
    file.write(text.length >> 8);
    file.writeBytes(text);
    file.writeBytes(samples);
    return file.toByteArray();
  }
}
