package io.landloom.jobs.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of Landloom that runs, as the build wrote it down. */
public final class CodeVersion {
  private static final String TEXT = read();

  private CodeVersion() {}

  /** For example {@code 0.1.0-SNAPSHOT}. */
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
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
