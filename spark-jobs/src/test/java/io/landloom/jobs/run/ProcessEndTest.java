package io.landloom.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Function;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessEndTest {
  private static final int SIGABRT_EXIT = 134;

  @TempDir Path folder;

  /** Ends this JVM in the way that is named, having told C's library to abort in an orderly end. */
  public static final class Ending {
    private Ending() {}

    /** Ends. */
    public static void main(String[] arguments) {
      Function abort = Function.getFunction("c", "abort");
      Function.getFunction("c", "__cxa_atexit").invokeInt(new Object[] {abort, null, null});
      System.out.print("ending");
      switch (arguments[0]) {
        case "halt" -> Runtime.getRuntime().halt(7);
        case "now" -> ProcessEnd.now(7);
        default -> throw new IllegalArgumentException(arguments[0]);
      }
    }
  }

  private int codeOf(String way) throws Exception {
    Path output = folder.resolve(way + ".log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:ErrorFile=" + folder.resolve("error.log"),
                "-XX:-CreateCoredumpOnCrash",
                "-cp",
                System.getProperty("java.class.path"),
                Ending.class.getName(),
                way)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertTrue(process.waitFor(5, TimeUnit.MINUTES));
    assertTrue(Files.readString(output).startsWith("ending"), Files.readString(output));
    return process.exitValue();
  }

  @Test
  void whatLibrariesDoAtTheEndIsLeftOut() throws Exception {
    assertEquals(SIGABRT_EXIT, codeOf("halt"), "halting runs it");
    assertEquals(7, codeOf("now"));
  }
}
