package io.landloom.jobs.table;

/** Keys as text whose order is the order of their parts. */
final class Keys {
  private static final int DIGITS = 10;
  private static final char SEPARATOR = '\u0001';

  private Keys() {}

  /** Joins parts: text as it is, whole numbers with leading zeros. */
  static String of(Object... parts) {
    StringBuilder key = new StringBuilder();
    for (Object part : parts) {
      if (key.length() > 0) {
        key.append(SEPARATOR);
      }
      if (part instanceof Integer number) {
        append(key, number);
      } else {
        key.append(part);
      }
    }
    return key.toString();
  }

  /** Ten digits; a format would cost more than the rest of a small row. */
  private static void append(StringBuilder key, int number) {
    if (number < 0) {
      throw new IllegalArgumentException("key with the negative part " + number);
    }
    String digits = Integer.toString(number);
    key.append("0".repeat(DIGITS - digits.length())).append(digits);
  }
}
