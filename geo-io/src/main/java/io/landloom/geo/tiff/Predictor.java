package io.landloom.geo.tiff;

/** What was done to rows before they were compressed. */
enum Predictor {
  /** Nothing (1). */
  NONE,
  /** Differences to the pixel before (2). */
  HORIZONTAL,
  /** Bytes of floats by significance, then differences (3, TIFF Technical Note 3). */
  FLOATING_POINT
}
