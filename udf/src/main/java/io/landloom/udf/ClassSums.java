package io.landloom.udf;

import io.landloom.geo.landcover.LandCoverScheme;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/** Pixels of each class over the masks of a group, while it is summed. */
final class ClassSums {
  private final String function;
  private UTF8String scheme;
  private long[] pixels;

  /**
   * Sums of no mask yet.
   *
   * @param function the SQL function that sums, for messages
   */
  ClassSums(String function) {
    this.function = function;
  }

  /**
   * Adds the counts of a mask.
   *
   * @throws IllegalArgumentException if they are not the counts of that scheme, or of another than
   *     those before
   */
  void add(ArrayData counts, UTF8String name) {
    begin(name);
    if (counts.numElements() != pixels.length) {
      throw new IllegalArgumentException(
          String.format(
              "%s: %d elements, scheme %s has %d classes",
              function, counts.numElements(), name, pixels.length));
    }
    for (int k = 0; k < pixels.length; k++) {
      if (counts.isNullAt(k) || counts.getLong(k) < 0) {
        throw new IllegalArgumentException(
            String.format(
                "%s: element %d is %s, not a number of pixels",
                function, k, counts.isNullAt(k) ? null : counts.getLong(k)));
      }
      pixels[k] = sum(pixels[k], counts.getLong(k), k);
    }
  }

  /**
   * Adds the sums of other masks.
   *
   * @throws IllegalArgumentException if they are of another scheme
   */
  void add(ClassSums other) {
    if (other.scheme != null) {
      begin(other.scheme);
      for (int k = 0; k < pixels.length; k++) {
        pixels[k] = sum(pixels[k], other.pixels[k], k);
      }
    }
  }

  private void begin(UTF8String name) {
    if (scheme == null) {
      LandCoverScheme found = Schemes.named(function, name.toString());
      scheme = name.copy(); // Spark may write the next row over this one's bytes
      pixels = new long[found.size()];
    } else if (!scheme.equals(name)) {
      throw new IllegalArgumentException(
          String.format(
              "%s: masks of scheme %s and of scheme %s in one group; group by scheme",
              function, scheme, name));
    }
  }

  private long sum(long a, long b, int k) {
    if (a > Long.MAX_VALUE - b) {
      throw new IllegalArgumentException(
          String.format("%s: element %d exceeds %d pixels", function, k, Long.MAX_VALUE));
    }
    return a + b;
  }

  /** Pixels of each class in the scheme's order, or null if there was no mask. */
  long[] pixels() {
    return pixels;
  }

  /** The sums as bytes: the counts, then the scheme's name. */
  byte[] bytes() {
    if (scheme == null) {
      return new byte[0];
    }
    byte[] name = scheme.getBytes();
    ByteBuffer bytes =
        ByteBuffer.allocate(Integer.BYTES + Long.BYTES * pixels.length + name.length);
    bytes.putInt(pixels.length);
    bytes.asLongBuffer().put(pixels);
    bytes.position(Integer.BYTES + Long.BYTES * pixels.length);
    bytes.put(name);
    return bytes.array();
  }

  /** Sums that {@link #bytes} gave. */
  static ClassSums of(String function, byte[] bytes) {
    ClassSums sums = new ClassSums(function);
    if (bytes.length > 0) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      sums.pixels = new long[buffer.getInt()];
      buffer.asLongBuffer().get(sums.pixels);
      sums.scheme =
          UTF8String.fromBytes(
              Arrays.copyOfRange(
                  bytes, Integer.BYTES + Long.BYTES * sums.pixels.length, bytes.length));
    }
    return sums;
  }
}
