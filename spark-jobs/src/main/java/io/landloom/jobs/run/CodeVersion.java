package io.landloom.jobs.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of Landloom that runs, as the build wrote it down. */
public final class CodeVersion {
  private static final String TEXT = read();

  private CodeVersion() {}

  /** Version and commit, for example {@code 0.1.0-SNAPSHOT+3f2a9c8}. */
  public static String text() {
    return TEXT;
  }

  private static String read() {
    try (InputStream in = CodeVersion.class.getResourceAsStream("/landloom/version.properties")) {
      if (in == null) {
        throw new IllegalStateException("landloom/version.properties is not on the class path");
      }
      Properties properties = new Properties();
      properties.load(in);
      String commit = properties.getProperty("commit", "");
      // built outside a checkout, the placeholder stays as it was
      boolean known = commit.matches("[0-9a-f]{7,40}");
      String dirty = properties.getProperty("dirty", "").equals("true") ? "-dirty" : "";
      return properties.getProperty("version") + (known ? "+" + commit + dirty : "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
