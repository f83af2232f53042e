package io.landloom.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Little-endian TIFFs of one uncompressed strip, of kinds that neither the JDK nor we write. */
final class TestTiff {
  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int ASCII = 2;

  private TestTiff() {}

  /**
   * A kind of samples.
   *
   * @param format TIFF's sample format: 1 unsigned, 2 signed, 3 floating point
   * @param bits bits a sample
   */
  record Samples(int format, int bits) {}

  /**
   * Writes a file.
   *
   * @param nodata text of GDAL's nodata tag, null to leave it out
   * @param content the strip: rows from the top, bands interleaved by pixel
   */
  static Path write(
      Path file, int width, int height, int bands, Samples samples, String nodata, byte[] content) {
    List<int[]> entries = new ArrayList<>();
    entries.add(new int[] {256, LONG, 1, width});
    entries.add(new int[] {257, LONG, 1, height});
    entries.add(new int[] {258, SHORT, 1, samples.bits()});
    entries.add(new int[] {259, SHORT, 1, 1});
    entries.add(new int[] {262, SHORT, 1, bands >= 3 ? 2 : 1});
    entries.add(new int[] {273, LONG, 1, 8});
    entries.add(new int[] {277, SHORT, 1, bands});
    entries.add(new int[] {278, LONG, 1, height});
    entries.add(new int[] {279, LONG, 1, content.length});
    entries.add(new int[] {284, SHORT, 1, 1});
    entries.add(new int[] {339, SHORT, 1, samples.format()});
    byte[] text =
        nodata == null ? new byte[0] : (nodata + "\0").getBytes(StandardCharsets.US_ASCII);
    int directory = 8 + content.length + content.length % 2;
    int bits = directory + 2 + 12 * (entries.size() + (nodata == null ? 0 : 1)) + 4;
    int formats = bits + 2 * bands;
    int nodataAt = formats + 2 * bands;
    if (bands > 2) {
      entries.set(2, new int[] {258, SHORT, bands, bits});
      entries.set(10, new int[] {339, SHORT, bands, formats});
    }
    if (nodata != null) {
      entries.add(new int[] {42113, ASCII, text.length, nodataAt});
    }
    if (nodata != null && text.length <= 4) {
      int inline = 0;
      for (int i = text.length - 1; i >= 0; i--) {
        inline = inline << 8 | text[i];
      }
      entries.get(entries.size() - 1)[3] = inline;
    }
    ByteBuffer out = ByteBuffer.allocate(nodataAt + text.length).order(ByteOrder.LITTLE_ENDIAN);
    out.put(new byte[] {'I', 'I', 42, 0}).putInt(directory).put(content).position(directory);
    out.putShort((short) entries.size());
    for (int[] entry : entries) {
      out.putShort((short) entry[0]).putShort((short) entry[1]).putInt(entry[2]).putInt(entry[3]);
    }
    out.putInt(0);
    for (int i = 0; i < bands; i++) {
      out.putShort((short) samples.bits());
    }
    for (int i = 0; i < bands; i++) {
      out.putShort((short) samples.format());
    }
    out.put(text);
    try {
      Files.createDirectories(file.getParent());
      return Files.write(file, out.array());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
