package io.landloom.geo.source;

import java.io.IOException;

/**
 * A file that is damaged, hostile or of a kind that is not supported; the message names the file,
 * the place in it, the value met and the bound.
 */
public class SceneFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  /** A problem of a file: {@code file: problem}. */
  public SceneFormatException(String file, String problem) {
    super(file + ": " + problem);
  }

  /** A problem of a file with its cause. */
  public SceneFormatException(String file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
