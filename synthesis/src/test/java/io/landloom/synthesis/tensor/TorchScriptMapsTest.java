package io.landloom.synthesis.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.landloom.geo.source.MemoryByteSource;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TorchScriptMapsTest {
  private static final MemoryByteSource NO_PROGRAM =
      new MemoryByteSource("vgg19.pt", "abc".getBytes(StandardCharsets.UTF_8));

  /** SHA-256 of "abc" as FIPS 180-4 gives it. */
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @Test
  void runsNoProgramWhoseDigestIsNotAllowed() {
    EngineException e =
        assertThrows(
            EngineException.class,
            () -> TorchScriptMaps.load(NO_PROGRAM, "", 3, Device.cpu()).close());
    assertEquals(
        "vgg19.pt has SHA-256 "
            + ABC
            + ", allowed is ''; a TorchScript file is a program: set perceptual.sha256 to its"
            + " digest only if you trust it",
        e.getMessage());
  }

  @Test
  void saysThatAFileIsNoTorchScript() {
    EngineException e =
        assertThrows(
            EngineException.class,
            () -> TorchScriptMaps.load(NO_PROGRAM, ABC, 3, Device.cpu()).close());
    assertTrue(
        e.getMessage().startsWith("vgg19.pt is no TorchScript that libtorch loads: "),
        e.getMessage());
  }
}
