package io.landloom.geo.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleTypeTest {
  private static final byte[] BYTES = {
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    (byte) 0xFF,
    (byte) 0xFE,
    (byte) 0xFD,
    (byte) 0xFC,
    0,
    0,
    (byte) 0xE0,
    (byte) 0xBF
  };

  @ParameterizedTest
  @CsvSource({
    // numpy.frombuffer(bytes, '<' + dtype)[index]
    "UINT8, uint8, 1, 8, 255",
    "INT8, int8, 1, 8, -1",
    "UINT16, uint16, 2, 4, 65279",
    "INT16, int16, 2, 4, -257",
    "UINT32, uint32, 4, 2, 4244504319",
    "INT32, int32, 4, 2, -50462977",
    "UINT32, uint32, 4, 0, 50462976",
    "FLOAT32, float32, 4, 3, -1.75",
    "FLOAT64, float64, 8, 0, 7.949928895127363e-275"
  })
  void valuesAreLittleEndian(SampleType type, String dtype, int bytes, int index, double value) {
    assertEquals(dtype, type.dtype());
    assertEquals(bytes, type.bytes());
    assertEquals(type.name().startsWith("FLOAT"), type.floating());
    assertEquals(value, type.value(BYTES, index));
  }
}
