package io.landloom.geo.tiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TiffLimitsTest {
  @Test
  void defaults() {
    long request = TiffLimits.defaults().requestBytes();
    assertEquals(
        new TiffLimits(16777216, 32, 4096, 8388608, 1073741824, request, 17179869184L, 1100, 1500),
        TiffLimits.defaults());
    assertEquals(TiffLimits.requestBytes(Runtime.getRuntime().maxMemory()), request);
  }

  @ParameterizedTest
  @CsvSource({"64, 16", "128, 16", "288, 36", "1024, 128", "2048, 256", "65536, 256"})
  void aRequestIsAnEighthOfTheHeapButNeitherTinyNorHuge(long heap, long request) {
    assertEquals(request << 20, TiffLimits.requestBytes(heap << 20));
  }

  @Test
  void refusesLimitsThatCannotBeKept() {
    assertEquals(
        "ifds = 0, must be 1 or more",
        assertThrows(
                IllegalArgumentException.class, () -> new TiffLimits(1, 0, 1, 1, 1, 1, 1, 1, 1))
            .getMessage());
    assertEquals(
        "requestBytes = 0, must be 1 or more",
        assertThrows(
                IllegalArgumentException.class, () -> new TiffLimits(1, 1, 1, 1, 1, 0, 1, 1, 1))
            .getMessage());
    assertEquals(
        "tagBytes 1, blockBytes 1073741825, requestBytes 2: at most 1 GiB each",
        assertThrows(
                IllegalArgumentException.class,
                () -> new TiffLimits(1, 1, 1, 1, 1073741825, 2, 1, 1, 1))
            .getMessage());
    assertEquals(
        "tagBytes 1, blockBytes 2, requestBytes 1073741825: at most 1 GiB each",
        assertThrows(
                IllegalArgumentException.class,
                () -> new TiffLimits(1, 1, 1, 1, 2, 1073741825, 1, 1, 1))
            .getMessage());
  }
}
