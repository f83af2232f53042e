package io.landloom.jobs.table;

import java.util.Locale;

/** Keys as text whose order is the order of their parts. */
final class Keys {
  private static final char SEPARATOR = '\u0001';

  private Keys() {}

  /** Joins parts: text as it is, whole numbers with leading zeros. */
  static String of(Object... parts) {
    StringBuilder key = new StringBuilder();
    for (Object part : parts) {
      if (key.length() > 0) {
        key.append(SEPARATOR);
      }
      key.append(part instanceof Integer n ? String.format(Locale.ROOT, "%010d", n) : part);
    }
    return key.toString();
  }
}
