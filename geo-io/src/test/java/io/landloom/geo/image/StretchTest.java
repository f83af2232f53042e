package io.landloom.geo.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StretchTest {
  private static Raster raster(SampleType type, int bands, double... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      switch (type) {
        case UINT8, INT8 -> bytes.put((byte) (int) value);
        case UINT16, INT16 -> bytes.putShort((short) (int) value);
        case UINT32, INT32 -> bytes.putInt((int) (long) value);
        case FLOAT32 -> bytes.putFloat((float) value);
        case FLOAT64 -> bytes.putDouble(value);
      }
    }
    return new Raster(values.length / bands, 1, bands, type, bytes.array());
  }

  private static int[] levels(Raster raster) {
    assertEquals(SampleType.UINT8, raster.type());
    int[] levels = new int[raster.samples().length];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = raster.samples()[i] & 0xFF;
    }
    return levels;
  }

  @ParameterizedTest
  @CsvSource({
    // the step of 255 levels from 100 to 355 is 1, so half a step is a half
    "100, 0",
    "99.9, 0",
    "-1e300, 0",
    "100.49, 0",
    "100.5, 1",
    "227, 127",
    "354.49, 254",
    "354.5, 255",
    "355, 255",
    "356, 255",
    "1e300, 255"
  })
  void mapsTheRangeTo0To255AndClamps(double value, int level) {
    assertEquals(level, new Stretch(100, 355).level(value));
  }

  @Test
  void takesWhatIsNoNumberForZeroAndInfinitiesForTheEnds() {
    Stretch stretch = new Stretch(-1, 1);
    assertEquals(0, stretch.level(Double.NaN));
    assertEquals(0, stretch.level(Double.NEGATIVE_INFINITY));
    assertEquals(255, stretch.level(Double.POSITIVE_INFINITY));
  }

  @Test
  void stretchesEveryType() {
    assertArrayEquals(
        new int[] {0, 128, 255, 255},
        levels(new Stretch(0, 200).apply(raster(SampleType.UINT8, 1, 0, 100, 200, 255))));
    assertArrayEquals(
        new int[] {0, 0, 128, 255},
        levels(new Stretch(-100, 100).apply(raster(SampleType.INT8, 1, -128, -100, 0, 127))));
    assertArrayEquals(
        new int[] {0, 51, 255},
        levels(new Stretch(0, 50000).apply(raster(SampleType.UINT16, 1, 0, 10000, 65535))));
    assertArrayEquals(
        new int[] {0, 0, 26, 255},
        levels(new Stretch(0, 10000).apply(raster(SampleType.INT16, 1, -9999, 0, 1000, 32767))));
    assertArrayEquals(
        new int[] {0, 255, 191},
        levels(new Stretch(0, 4e9).apply(raster(SampleType.UINT32, 1, 0, 4294967295.0, 3e9))));
    assertArrayEquals(
        new int[] {0, 128, 255},
        levels(new Stretch(-2e9, 2e9).apply(raster(SampleType.INT32, 1, -2e9, 0, 2147483647))));
    assertArrayEquals(
        new int[] {0, 128, 0},
        levels(new Stretch(0, 1).apply(raster(SampleType.FLOAT32, 1, -0.5, 0.5, Double.NaN))));
    assertArrayEquals(
        new int[] {0, 64, 255},
        levels(new Stretch(0, 1e-300).apply(raster(SampleType.FLOAT64, 1, 0, 2.5e-301, 1))));
  }

  @ParameterizedTest
  @CsvSource({"UINT16", "INT16"})
  void givesManyAndFewSamplesTheSameLevels(SampleType type) {
    double[] values = new double[70_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i - 32768;
    }
    Raster many = raster(type, 1, values);
    Stretch stretch = new Stretch(-1000, 31000);
    int[] levels = levels(stretch.apply(many));
    for (int i = 0; i < values.length; i += 7) {
      assertEquals(levels(stretch.apply(many.crop(i, 0, 1, 1)))[0], levels[i], "sample " + i);
    }
  }

  @Test
  void leavesTheSizesAndTheRasterAsTheyAre() {
    Raster raster = raster(SampleType.UINT16, 2, 0, 255, 255, 0);
    byte[] before = raster.samples().clone();
    assertEquals(
        Raster.ofBytes(2, 1, 2, new byte[] {0, -1, -1, 0}), new Stretch(0, 255).apply(raster));
    assertArrayEquals(before, raster.samples());
  }

  @Test
  void blanksThePixelsWithoutData() {
    Raster raster = raster(SampleType.UINT8, 2, 10, 20, 30, 40, 50, 60);
    Validity validity = new Validity(3, 1, new byte[] {1, 0, -1});
    assertArrayEquals(
        new int[] {10, 20, 0, 0, 50, 60}, levels(new Stretch(0, 255).apply(raster, validity)));
    Validity other = new Validity(1, 3, new byte[] {1, 0, 1});
    assertEquals(
        "Validity 1 x 3, 2 with data does not fit Raster 3 x 1 x 2 UINT8",
        assertThrows(IllegalArgumentException.class, () -> new Stretch(0, 255).apply(raster, other))
            .getMessage());
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "NaN, 1", "0, NaN", "0, Infinity", "-1.7e308, 1.7e308"})
  void refusesEndsThatAreNoRange(double minimum, double maximum) {
    assertEquals(
        "stretch from " + minimum + " to " + maximum + ": it needs a minimum below its maximum",
        assertThrows(IllegalArgumentException.class, () -> new Stretch(minimum, maximum))
            .getMessage());
  }
}
