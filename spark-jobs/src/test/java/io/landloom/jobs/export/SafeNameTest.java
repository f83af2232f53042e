package io.landloom.jobs.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SafeNameTest {
  @Test
  void namesOfGidStayReadable() {
    assertEquals(
        "GF2_PMS1__L1A0001064454-MSS1_r3_c14",
        SafeName.of("GF2_PMS1__L1A0001064454-MSS1", 3, 14, -1));
    assertEquals("a_r0_c1_s2", SafeName.of("a", 0, 1, 2));
  }

  @Test
  void noSceneLeavesItsFolderOrHasAnExtension() {
    assertEquals("~2E~2E~2F~2E~2E~2Fetc~2Fpasswd_r0_c0", SafeName.of("../../etc/passwd", 0, 0, -1));
    assertEquals("~2Fetc_r0_c0", SafeName.of("/etc", 0, 0, -1));
    assertEquals("a~2Etar~00_r0_c0", SafeName.of("a.tar\u0000", 0, 0, -1));
    assertEquals("~C3~9C_r0_c0", SafeName.of("\u00dc", 0, 0, -1));
    for (String scene : List.of("~", "a b", "$(x)", "a\\b", "a\nb", "-rf", "", "\ud83d\ude00")) {
      assertTrue(SafeName.of(scene, 0, 0, 0).matches("[A-Za-z0-9_~-]+"), scene);
    }
  }

  @Test
  void noTwoScenesShareAName() {
    List<String> scenes = List.of("a/b", "a~2Fb", "a_r0", "a", "A", "a~", "a~7E", "");
    Set<String> names = new HashSet<>();
    scenes.forEach(scene -> names.add(SafeName.of(scene, 0, 0, -1)));
    assertEquals(scenes.size(), names.size(), names.toString());
    assertNotEquals(SafeName.of("a", 1, 1, -1), SafeName.of("a", 1, 1, 0));
  }

  @Test
  void longNamesAreCutAndStayApart() {
    String scene = "/".repeat(300);
    String longest = SafeName.of(scene, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);
    assertEquals(88, longest.length());
    assertTrue(longest.startsWith("~2F~2F~2F"), longest);
    assertNotEquals(SafeName.of(scene, 0, 0, -1), SafeName.of(scene + "/", 0, 0, -1));
  }
}
