package io.landloom.geo.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BandSumsTest {
  @Test
  void sumsEachBandOverAllRasters() {
    BandSums sums = new BandSums(SampleType.INT8, 2);
    assertEquals(List.of(BigInteger.ZERO, BigInteger.ZERO), sums.sums());
    sums.add(new Raster(2, 1, 2, SampleType.INT8, new byte[] {1, -2, 3, -4}));
    sums.add(new Raster(1, 1, 2, SampleType.INT8, new byte[] {-128, 127}));
    assertEquals(List.of(BigInteger.valueOf(-124), BigInteger.valueOf(121)), sums.sums());
  }

  @Test
  void wholeNumbersAreExactBeyondADouble() {
    // 2^20 samples of 2^32 - 1, 8 times: 2^23 * (2^32 - 1)
    byte[] samples = new byte[4 << 20];
    Arrays.fill(samples, (byte) -1);
    Raster raster = new Raster(1 << 10, 1 << 10, 1, SampleType.UINT32, samples);
    BandSums sums = new BandSums(SampleType.UINT32, 1);
    for (int i = 0; i < 8; i++) {
      sums.add(raster);
    }
    assertEquals(List.of(new BigInteger("36028797010575360")), sums.sums());
  }

  @Test
  void sumsFloatsWithoutWhatIsNoNumber() {
    byte[] samples =
        ByteBuffer.allocate(24)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putDouble(1.5)
            .putDouble(Double.NaN)
            .putDouble(-4)
            .array();
    BandSums sums = new BandSums(SampleType.FLOAT64, 1);
    sums.add(new Raster(3, 1, 1, SampleType.FLOAT64, samples));
    assertEquals(List.of(-2.5), sums.sums());
  }

  @Test
  void refusesAnotherKindOfRaster() {
    BandSums sums = new BandSums(SampleType.UINT8, 1);
    assertEquals(
        "Raster 1 x 1 x 2 UINT8 among sums of 1 bands of UINT8",
        assertThrows(
                IllegalArgumentException.class,
                () -> sums.add(Raster.ofBytes(1, 1, 2, new byte[2])))
            .getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> sums.add(new Raster(1, 1, 1, SampleType.INT8, new byte[1])));
  }
}
