package io.landloom.geo;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageWriteParam;

/** JPEGs of several scans that the JDK wrote, and what becomes of them when scans are lost. */
public final class JpegScans {
  private static final int SOS = 0xDA;
  private static final int EOI = 0xD9;

  private JpegScans() {}

  /** A progressive JPEG, written with the JDK's own script. */
  public static byte[] progressive(BufferedImage image) throws IOException {
    return JdkImages.write(
        image, "jpeg", param -> param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT));
  }

  /** Where the scans begin. */
  public static List<Integer> scans(byte[] jpeg) {
    List<Integer> places = new ArrayList<>();
    for (int at = 2; at + 1 < jpeg.length; ) {
      int marker = jpeg[at + 1] & 0xFF;
      if (jpeg[at] != (byte) 0xFF || marker == 0 || (marker >= 0xD0 && marker <= 0xD7)) {
        at++;
        continue;
      }
      if (marker == SOS) {
        places.add(at);
      } else if (marker == EOI) {
        return places;
      }
      at += 2 + ((jpeg[at + 2] & 0xFF) << 8 | (jpeg[at + 3] & 0xFF));
    }
    return places;
  }

  /** What stands before a place, and EOI. */
  public static byte[] endedAt(byte[] jpeg, int place) {
    ByteArrayOutputStream cut = new ByteArrayOutputStream();
    cut.write(jpeg, 0, place);
    cut.write(0xFF);
    cut.write(EOI);
    return cut.toByteArray();
  }

  /** One scan turned into EOI, with all that follows left in place. */
  public static byte[] endedWithin(byte[] jpeg, int scan) {
    byte[] changed = jpeg.clone();
    changed[scan + 1] = (byte) EOI;
    return changed;
  }

  /** A scan repeated before EOI, its header alone. */
  public static byte[] repeated(byte[] jpeg, int scan, int times) {
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    many.write(jpeg, 0, jpeg.length - 2);
    for (int i = 0; i < times; i++) {
      many.write(jpeg, scan, 10);
    }
    many.write(jpeg, jpeg.length - 2, 2);
    return many.toByteArray();
  }

  /** Baseline of three components, of which only the first has its scan, taken from a gray JPEG. */
  public static byte[] twoComponentsMissing(byte[] gray) {
    ByteArrayOutputStream three = new ByteArrayOutputStream();
    for (int at = 0; at < gray.length; at++) {
      boolean frame = gray[at] == (byte) 0xFF && gray[at + 1] == (byte) 0xC0;
      if (!frame) {
        three.write(gray[at]);
        continue;
      }
      three.write(gray, at, 3);
      three.write(17);
      three.write(gray, at + 4, 5);
      three.write(3);
      for (int component = 1; component <= 3; component++) {
        three.write(component);
        three.write(0x11);
        three.write(0);
      }
      at += 12;
    }
    return three.toByteArray();
  }
}
