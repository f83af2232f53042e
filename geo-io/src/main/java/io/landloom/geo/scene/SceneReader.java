package io.landloom.geo.scene;

import io.landloom.geo.image.Raster;
import io.landloom.geo.source.SceneFormatException;
import java.io.Closeable;
import java.io.IOException;

/** Reads the rows of one image file; holds no more of it than the rows asked for need. */
public interface SceneReader extends Closeable {
  /** What the file says about itself. */
  SceneHeader header();

  /**
   * Reads whole rows.
   *
   * @param y first row
   * @param count number of rows
   * @return a raster of the header's width, bands and type; palette images give their indices
   * @throws SceneFormatException if the file is damaged there
   * @throws IOException if it cannot be read
   */
  Raster rows(int y, int count) throws IOException;
}
