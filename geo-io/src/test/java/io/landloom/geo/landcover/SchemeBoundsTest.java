package io.landloom.geo.landcover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The ends of a scheme's ranges, and that its definition tells two schemes apart. */
class SchemeBoundsTest {
  private static LandCoverScheme scheme(String codings) {
    return LandCoverScheme.of(
        ConfigFactory.parseString(
            "name = s, version = 1, unknown = 255, classes = ["
                + "{ index = 0, name = land, color = \"#102030\" },"
                + "{ index = 255, name = unknown, color = \"#000000\" } ]\n"
                + codings));
  }

  @Test
  void onlyItsIndicesAreContained() {
    LandCoverScheme scheme = scheme("");
    assertTrue(scheme.contains(0));
    assertTrue(scheme.contains(255));
    assertFalse(scheme.contains(1));
    assertFalse(scheme.contains(254));
    assertFalse(scheme.contains(-1));
    assertFalse(scheme.contains(256));
  }

  @Test
  void classesAreListedInTheirOrder() {
    assertEquals(
        List.of("land", "unknown"),
        scheme("").classes().stream().map(LandCoverClass::name).toList());
  }

  @Test
  void codesReachFrom0To255() {
    assertEquals(Map.of(0, 255, 255, 0), scheme("codings.c { 0 = 255, 255 = 0 }").coding("c"));
    for (String code : List.of("256 = 0", "-1 = 0", "1 = 256", "1 = -1", "1 = 7")) {
      SchemeException refusal =
          assertThrows(SchemeException.class, () -> scheme("codings.c { " + code + " }"));
      assertTrue(
          refusal.getMessage().endsWith("coding 'c': " + code + " names no class"),
          refusal.getMessage());
    }
  }

  @Test
  void theDefinitionSaysAllThatMakesAScheme() {
    String definition = scheme("codings.c { 7 = 0 }").definition();
    for (String part : List.of("s v1", "unknown 255", "land", "c={7=0}")) {
      assertTrue(definition.contains(part), definition);
    }
    assertEquals(definition, scheme("codings.c { 7 = 0 }").definition());
    assertNotEquals(definition, scheme("codings.c { 8 = 0 }").definition());
    assertEquals(scheme("").hashCode(), scheme("").hashCode());
    assertNotEquals(scheme("").hashCode(), LandCoverScheme.named("gid15").hashCode());
  }
}
