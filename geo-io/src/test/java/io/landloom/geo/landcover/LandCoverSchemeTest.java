package io.landloom.geo.landcover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LandCoverSchemeTest {
  private static final String TWO =
      """
      name = two, version = 3, unknown = 255
      classes = [
        { index = 0, name = land, color = "#102030" }
        { index = 1, name = water, color = "#0000FF", alsoColors = ["#0000FE"] }
        { index = 255, name = unknown, color = "#000000" } ]
      codings.shifted { 7 = 0, 8 = 1, 9 = 255 }
      """;

  private static LandCoverScheme scheme(String text) {
    return LandCoverScheme.of(ConfigFactory.parseString(text));
  }

  @ParameterizedTest
  @CsvSource({"gid15, 16, 0", "gid5, 6, 0", "loveda, 8, 0", "mbrsc, 6, 255", "potsdam, 7, 255"})
  void shipsWithItsClasses(String name, int size, int unknown) {
    LandCoverScheme scheme = LandCoverScheme.named(name);
    assertEquals(name, scheme.name());
    assertEquals(size, scheme.size());
    assertEquals(unknown, scheme.unknownIndex());
    assertEquals(size - 1, scheme.validClasses().size());
  }

  @Test
  void knowsTheColoursGid15IsDistributedWith() {
    Map<Integer, Integer> colors = LandCoverScheme.named("gid15").indexOfColor();
    assertEquals(16, colors.size());
    assertEquals(1, colors.get(0xC80000)); // industrial land 200,0,0
    assertEquals(9, colors.get(0x9600FA)); // arbor woodland 150,0,250
    assertEquals(15, colors.get(0x00C8FA)); // pond 0,200,250
  }

  @Test
  void countsPositionsInTheOrderOfItsClasses() {
    LandCoverScheme scheme = scheme(TWO);
    assertEquals(2, scheme.position(255));
    assertEquals(List.of("land", "water"), names(scheme));
    assertEquals(1, scheme.indexOfColor().get(0x0000FE));
    assertEquals(Map.of(7, 0, 8, 1, 9, 255), scheme.coding("shifted"));
    assertEquals(Map.of(0, 0, 1, 1, 255, 255), scheme.coding("index"));
    assertEquals(0x102030, scheme.palette()[0]);
  }

  private static List<String> names(LandCoverScheme scheme) {
    return scheme.validClasses().stream().map(LandCoverClass::name).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gid16", "../gid15", ""})
  void refusesNamesThatDoNotShip(String name) {
    SchemeException e = assertThrows(SchemeException.class, () -> LandCoverScheme.named(name));
    assertTrue(e.getMessage().contains("known are gid15, gid5, loveda, mbrsc, potsdam"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "index = 1, name = water | index = 0, name = water | class index 0 appears twice",
        "index = 1, name = water | index = 1, name = land  | a class name appears twice",
        "\"#0000FF\"             | \"#102030\"             | colour #102030 stands for two classes",
        "\"#0000FF\"             | blue                    | colour 'blue' is not #RRGGBB",
        "unknown = 255           | unknown = 4             | unknown = 4 is not one of the classes",
        "index = 1               | index = 256             | index 256 is outside 0..255",
        "8 = 1                   | 8 = 4                   | coding 'shifted': 8 = 4 names no class",
        "version = 3             | versio = 3              | No configuration setting found",
      })
  void refusesContradictions(String sound, String broken, String message) {
    SchemeException e =
        assertThrows(SchemeException.class, () -> scheme(TWO.replace(sound, broken)));
    assertTrue(e.getMessage().startsWith("scheme 'two': "), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void namesTheCodingsItHas() {
    SchemeException e = assertThrows(SchemeException.class, () -> scheme(TWO).coding("other"));
    assertEquals(
        "scheme 'two': no label coding 'other'; known are color, index, shifted", e.getMessage());
  }

  @Test
  void travelsBetweenJvms() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(scheme(TWO));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertEquals(scheme(TWO), in.readObject());
    }
  }
}
