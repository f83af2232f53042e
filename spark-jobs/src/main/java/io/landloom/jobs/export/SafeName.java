package io.landloom.jobs.export;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * File names made of scene ids, which are input: letters, digits, {@code -}, {@code _} and {@code
 * ~} alone, so that none leaves its folder, hides, or has an extension.
 */
final class SafeName {
  /** With row, column, copy and extension within the 100 bytes of a name in a tar. */
  private static final int LONGEST = 52;

  private static final int KEPT = 34;
  private static final int DIGEST_DIGITS = 16;

  private SafeName() {}

  /**
   * The name of a patch, or of a pair; no two have the same.
   *
   * @param copy number of the pair's copy, negative for a patch
   */
  static String of(String sceneId, int row, int column, int copy) {
    String patch = scene(sceneId) + "_r" + row + "_c" + column;
    return copy < 0 ? patch : patch + "_s" + copy;
  }

  /** All other bytes as {@code ~XX}; a long name is cut, and told apart by its digest. */
  private static String scene(String sceneId) {
    StringBuilder name = new StringBuilder();
    for (byte b : sceneId.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      if (c < 128 && (Character.isLetterOrDigit(c) || c == '-' || c == '_')) {
        name.append(c);
      } else {
        name.append('~').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return name.length() <= LONGEST
        ? name.toString()
        : name.substring(0, KEPT) + "~~" + digest(sceneId);
  }

  private static String digest(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, DIGEST_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
