package io.landloom.jobs.run;

import org.apache.hadoop.fs.Path;

/** Paths from the configuration. */
public final class Paths {
  private Paths() {}

  /**
   * The path a key holds.
   *
   * @throws JobException if the text is none
   */
  public static Path of(String key, String text) {
    try {
      return new Path(text);
    } catch (IllegalArgumentException e) {
      throw new JobException(
          JobException.Kind.USER, key + " = " + text + ": not a path: " + e.getMessage(), e);
    }
  }
}
