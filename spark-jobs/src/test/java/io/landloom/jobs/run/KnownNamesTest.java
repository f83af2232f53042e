package io.landloom.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class KnownNamesTest {
  private static String nearest(String name, String... known) {
    return KnownNames.nearest(name, List.of(known));
  }

  @Test
  void theNearestNeedsTheFewestLettersToChange() {
    assertEquals("patch.size", nearest("patch.sizes", "patch.stride", "patch.size", "seed"));
    assertEquals("seed", nearest("sed", "scheme", "seed"));
    // by hand: kitten to sitting is 3 (Levenshtein's own example), to smitten 2
    assertEquals("smitten", nearest("kitten", "sitting", "smitten"));
    // an exchange of neighbours is 2, a letter too many 1
    assertEquals("abcx", nearest("abc", "acb", "abcx"));
    // a change at the beginning costs as much as one at the end
    assertEquals("xbcd", nearest("abcd", "abxy", "xbcd"));
    assertEquals("ab", nearest("", "abc", "ab"));
    assertEquals("b", nearest("a", "abc", "b"));
  }

  @Test
  void ofNoneThereIsNoNearest() {
    assertThrows(NoSuchElementException.class, () -> nearest("a"));
  }
}
