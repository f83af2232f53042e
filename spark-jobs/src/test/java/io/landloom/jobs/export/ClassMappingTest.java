package io.landloom.jobs.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.jobs.export.ClassMapping.Numbering;
import org.junit.jupiter.api.Test;

class ClassMappingTest {
  /** Unknown amid the others, and not in the order of the indices. */
  private static final LandCoverScheme SCHEME =
      LandCoverScheme.of(
          ConfigFactory.parseString(
              """
              name = odd, version = 1, unknown = 7
              classes = [
                {index = 9, name = road, color = "#010203"},
                {index = 7, name = none, color = "#000000"},
                {index = 2, name = lake, color = "#0000ff"}]
              """));

  private static final ClassMask MASK = new ClassMask(3, 1, new byte[] {2, 7, 9});

  private static byte[] mapped(Numbering numbering) throws SceneFormatException {
    return new ClassMapping(SCHEME, numbering).apply(MASK, "m").indices();
  }

  @Test
  void numbersClassesInTheSchemesOrder() throws SceneFormatException {
    assertArrayEquals(new byte[] {2, 7, 9}, mapped(Numbering.KEEP));
    assertArrayEquals(new byte[] {2, 0, 1}, mapped(Numbering.UNKNOWN0));
    assertArrayEquals(new byte[] {1, (byte) 255, 0}, mapped(Numbering.UNKNOWN255));
  }

  @Test
  void saysTheClassesInTheOrderOfTheirIndices() {
    assertEquals(
        "{\"scheme\": \"odd\", \"classes\": [\"lake\", \"road\"], \"indices\": [2, 9],"
            + " \"palette\": [[0, 0, 255], [1, 2, 3]], \"unknown\": 7, \"reduce_zero_label\": false}\n",
        new ClassMapping(SCHEME, Numbering.KEEP).json());
    assertEquals(
        "{\"scheme\": \"odd\", \"classes\": [\"road\", \"lake\"], \"indices\": [1, 2],"
            + " \"palette\": [[1, 2, 3], [0, 0, 255]], \"unknown\": 0, \"reduce_zero_label\": true}\n",
        new ClassMapping(SCHEME, Numbering.UNKNOWN0).json());
  }

  @Test
  void masksNeedNoDecodingWhereNumbersStay() {
    assertTrue(new ClassMapping(SCHEME, Numbering.KEEP).isSame());
    assertTrue(new ClassMapping(LandCoverScheme.named("gid15"), Numbering.UNKNOWN0).isSame());
    assertFalse(new ClassMapping(SCHEME, Numbering.UNKNOWN0).isSame());
  }

  @Test
  void aPixelOfNoClassIsRefused() {
    ClassMapping mapping = new ClassMapping(SCHEME, Numbering.KEEP);
    SceneFormatException refused =
        assertThrows(
            SceneFormatException.class,
            () -> mapping.apply(new ClassMask(1, 1, new byte[] {(byte) 200}), "a_r0_c0"));
    assertTrue(
        refused
            .getMessage()
            .contains("mask of a_r0_c0: holds the class index 200, which scheme odd has not"),
        refused.getMessage());
  }
}
