package io.landloom.jobs.export;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Writes small files into a tar of the format of POSIX.1-1988 (ustar), without dates or owners, so
 * that the same files make the same tar.
 */
final class TarWriter implements Closeable {
  private static final int BLOCK = 512;
  private static final int NAME = 100;
  private static final int CHECKSUM = 148;

  private final OutputStream out;

  TarWriter(OutputStream out) {
    this.out = out;
  }

  /**
   * Adds a file.
   *
   * @param name of at most 100 characters of ASCII
   * @throws IllegalArgumentException if it is longer
   */
  void add(String name, byte[] bytes) throws IOException {
    if (name.length() > NAME) {
      throw new IllegalArgumentException(
          name + ": " + name.length() + " characters, a tar's names have at most " + NAME);
    }
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 100, "0000644");
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    put(header, 124, octal(bytes.length, 11));
    put(header, 136, octal(0, 11));
    put(header, CHECKSUM, "        "); // as blanks it counts in itself
    header[156] = '0';
    put(header, 257, "ustar\u000000");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xFF;
    }
    put(header, CHECKSUM, octal(sum, 6) + "\u0000 ");
    out.write(header);
    out.write(bytes);
    out.write(new byte[Math.floorMod(-bytes.length, BLOCK)]);
  }

  private static String octal(long value, int digits) {
    return String.format(Locale.ROOT, "%0" + digits + "o", value);
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(ascii, 0, header, offset, ascii.length);
  }

  @Override
  public void close() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.close();
  }
}
