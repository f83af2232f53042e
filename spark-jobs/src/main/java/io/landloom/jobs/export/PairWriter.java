package io.landloom.jobs.export;

import java.io.Closeable;
import java.io.IOException;

/** Writes the pairs of one bucket in one format; the files are whole once it is closed. */
interface PairWriter extends Closeable {
  /**
   * Writes a pair.
   *
   * @param number of the pair in the export, from 1
   * @throws io.landloom.geo.source.SceneFormatException if its pixels are needed, and damaged
   */
  void write(ImageMask pair, long number) throws IOException;

  @Override
  default void close() throws IOException {}
}
