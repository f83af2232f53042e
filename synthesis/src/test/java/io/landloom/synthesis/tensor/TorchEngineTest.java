package io.landloom.synthesis.tensor;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchEngineTest {
  private static void check(Map<String, String> environment) {
    TorchEngine.requireAnnouncedVersion(environment::get);
  }

  private static String refused(Map<String, String> environment) {
    return assertThrows(EngineException.class, () -> check(environment)).getMessage();
  }

  /** A folder as libtorch unpacks to. */
  private static Path lib(Path directory) throws IOException {
    Path lib = Files.createDirectory(directory.resolve("lib"));
    Files.createFile(lib.resolve(System.mapLibraryName("torch")));
    return lib;
  }

  @Test
  void refusesAnotherAnnouncedVersion() {
    assertDoesNotThrow(() -> check(Map.of()));
    assertDoesNotThrow(() -> check(Map.of("PYTORCH_VERSION", "2.7.1")));
    assertEquals(
        "PYTORCH_VERSION is libtorch 2.5.1, but only 2.7.1 works with this build; point"
            + " PYTORCH_LIBRARY_PATH at libtorch 2.7.1 or unset it",
        refused(Map.of("PYTORCH_VERSION", "2.5.1")));
  }

  @Test
  void readsTheVersionBesideTheLibrary(@TempDir Path directory) throws IOException {
    Map<String, String> environment = Map.of("PYTORCH_LIBRARY_PATH", lib(directory).toString());
    Path version = directory.resolve("build-version");
    Files.writeString(version, "2.7.1+cu128\n");
    assertDoesNotThrow(() -> check(environment));
    Files.writeString(version, "2.7.10\n");
    assertEquals(
        version
            + " is libtorch 2.7.10, but only 2.7.1 works with this build; point"
            + " PYTORCH_LIBRARY_PATH at libtorch 2.7.1 or unset it",
        refused(environment));
  }

  @Test
  void whatIsAnnouncedDoesNotHideAnotherVersionBesideTheLibrary(@TempDir Path directory)
      throws IOException {
    Path lib = lib(directory);
    Path version = lib.resolve("build-version");
    Files.writeString(version, "2.5.1");
    assertEquals(
        version
            + " is libtorch 2.5.1, but only 2.7.1 works with this build; point"
            + " PYTORCH_LIBRARY_PATH at libtorch 2.7.1 or unset it",
        refused(Map.of("PYTORCH_LIBRARY_PATH", lib.toString(), "PYTORCH_VERSION", "2.7.1")));
  }

  @Test
  void aLibraryOfUnknownVersionIsNotLoaded(@TempDir Path directory) throws IOException {
    Path lib = lib(directory);
    assertEquals(
        "nothing says which version the libtorch at "
            + lib
            + " is, and another than 2.7.1 would crash; set PYTORCH_VERSION=2.7.1 if it is that"
            + " one",
        refused(Map.of("PYTORCH_LIBRARY_PATH", lib.toString())));
    assertDoesNotThrow(
        () -> check(Map.of("PYTORCH_LIBRARY_PATH", lib.toString(), "PYTORCH_VERSION", "2.7.1")));
  }

  @Test
  void aPathWithoutALibraryIsRefused(@TempDir Path directory) {
    String libraries = System.mapLibraryName("torch");
    assertEquals(
        "PYTORCH_LIBRARY_PATH "
            + directory
            + " holds no "
            + libraries
            + " that can be read; point it at the lib folder of libtorch 2.7.1 or unset it",
        refused(Map.of("PYTORCH_LIBRARY_PATH", directory.toString(), "PYTORCH_VERSION", "2.7.1")));
  }
}
