package io.landloom.synthesis.segment;

import io.landloom.geo.image.Raster;

/** Scores of the classes in windows of a scene; a function of a window's pixels alone. */
public interface WindowScores {
  /** Number of valid classes. */
  int classes();

  /**
   * The scores of a window.
   *
   * @param window 8-bit image of the model's bands
   * @return (K, height, width), row-major
   */
  float[] of(Raster window);
}
