package io.landloom.synthesis;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * Random numbers that are a pure function of the texts and numbers they are named by.
 *
 * <p>The first eight bytes (big endian) of the SHA-256 of the name seed SplitMix64 (Steele et al.,
 * OOPSLA 2014); normals come from Box and Muller's transform with {@link StrictMath}, so the bits
 * are the same on every machine. In the hashed name a text is its UTF-8 length (4 bytes) and bytes,
 * a number 8 bytes.
 */
public final class SeededStream {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
  private static final double UNIT = 0x1.0p-53;
  private static final double ROOT_OF_THREE = 1.7320508075688772;

  private long state;

  private SeededStream(long seed) {
    this.state = seed;
  }

  /** The stream of this name. */
  public static SeededStream of(List<String> texts, long... numbers) {
    MessageDigest sha256 = sha256();
    ByteBuffer word = ByteBuffer.allocate(Long.BYTES);
    for (String text : texts) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      sha256.update(word.clear().putInt(utf8.length).flip());
      sha256.update(utf8);
    }
    for (long number : numbers) {
      sha256.update(word.clear().putLong(number).flip());
    }
    return new SeededStream(ByteBuffer.wrap(sha256.digest()).getLong());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The next 64 bits. */
  public long nextLong() {
    state += GOLDEN_GAMMA;
    long mixed = state;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }

  /**
   * A number from 0 to {@code bound - 1}, uniform to one part in 2^32 for bounds that matter here.
   */
  public int nextInt(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("bound " + bound + " is below 1");
    }
    return (int) (((nextLong() >>> 32) * bound) >>> 32);
  }

  /** The next {@code count} standard normal numbers; they are drawn in pairs. */
  public float[] normal(int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i += 2) {
      double radius = StrictMath.sqrt(-2 * StrictMath.log(((nextLong() >>> 11) + 1) * UNIT));
      double angle = 2 * Math.PI * nextShare();
      numbers[i] = (float) (radius * StrictMath.cos(angle));
      if (i + 1 < count) {
        numbers[i + 1] = (float) (radius * StrictMath.sin(angle));
      }
    }
    return numbers;
  }

  /** The next {@code count} uniform numbers of mean 0 and variance 1: from -sqrt(3) to sqrt(3). */
  public float[] uniform(int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) (ROOT_OF_THREE * (2 * nextShare() - 1));
    }
    return numbers;
  }

  /** The next number from 0 to 1, 1 excluded. */
  public double nextShare() {
    return (nextLong() >>> 11) * UNIT;
  }

  /** A random order of 0 to {@code size - 1} (Fisher and Yates). */
  public int[] permutation(int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int j = nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
