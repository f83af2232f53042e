package io.landloom.geo.tiff;

import java.io.IOException;

/** Stored bytes that do not decode; the reader adds file, IFD and block. */
final class CorruptBlockException extends IOException {
  private static final long serialVersionUID = 1L;

  CorruptBlockException(String problem) {
    super(problem);
  }

  CorruptBlockException(String problem, Throwable cause) {
    super(problem, cause);
  }
}
