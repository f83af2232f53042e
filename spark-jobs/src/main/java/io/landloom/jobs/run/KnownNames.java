package io.landloom.jobs.run;

import java.util.Collection;
import java.util.Comparator;

/** Names that a user may give, for messages about others. */
public final class KnownNames {
  private KnownNames() {}

  /**
   * The known name that differs from a name by the fewest letters.
   *
   * @throws java.util.NoSuchElementException if no name is known
   */
  public static String nearest(String name, Collection<String> known) {
    return known.stream()
        .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
        .orElseThrow();
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substitution, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
