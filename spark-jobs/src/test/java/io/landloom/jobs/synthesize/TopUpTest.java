package io.landloom.jobs.synthesize;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.landloom.geo.landcover.LandCoverScheme;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopUpTest {
  // unknown, then five classes
  private static final LandCoverScheme SCHEME = LandCoverScheme.named("gid5");

  private final TopUp topUp = new TopUp(SCHEME);

  private static long[] pixels(long... pixels) {
    return pixels;
  }

  @Test
  void nothingIsOwedBeforeAnythingIsLost() {
    assertEquals(0, topUp.more(pixels(0, 100, 0, 0, 0, 0), 5));
  }

  @Test
  void aMaskLikeTheLostOneGivesAPairAndOneUnlikeItNone() {
    topUp.lost(pixels(0, 90, 10, 0, 0, 0), "technical");
    assertEquals(0, topUp.more(pixels(0, 0, 0, 100, 0, 0), 5));
    assertEquals(1, topUp.more(pixels(0, 80, 20, 0, 0, 0), 5));
    topUp.made();
    assertEquals(0, topUp.missing());
    assertEquals(1, topUp.toppedUp());
    assertEquals(Map.of(), topUp.rejected());
  }

  @Test
  void noMaskGivesMoreThanItsSparesNorMoreThanWereLost() {
    for (int i = 0; i < 3; i++) {
      topUp.lost(pixels(0, 100, 0, 0, 0, 0), "technical");
    }
    assertEquals(0, topUp.more(pixels(0, 100, 0, 0, 0, 0), -1));
    assertEquals(2, topUp.more(pixels(0, 100, 0, 0, 0, 0), 2));
    assertEquals(1, topUp.more(pixels(0, 100, 0, 0, 0, 0), 7));
  }

  @Test
  void whatFailsAgainIsOwedAgain() {
    topUp.lost(pixels(0, 100, 0, 0, 0, 0), "consistency");
    assertEquals(1, topUp.more(pixels(0, 100, 0, 0, 0, 0), 1));
    topUp.failed(pixels(0, 100, 0, 0, 0, 0));
    assertEquals(1, topUp.missing());
    assertEquals(Map.of("consistency", 1L), topUp.rejected());
    assertEquals(1, topUp.more(pixels(0, 60, 40, 0, 0, 0), 1));
  }

  @Test
  void unknownPixelsAreNotOwed() {
    topUp.lost(pixels(90, 10, 0, 0, 0, 0), "technical");
    assertEquals(0, topUp.more(pixels(90, 0, 10, 0, 0, 0), 1));
    assertEquals(1, topUp.more(pixels(0, 10, 0, 0, 0, 0), 1));
  }
}
