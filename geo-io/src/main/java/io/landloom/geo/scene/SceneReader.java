package io.landloom.geo.scene;

import io.landloom.geo.image.Raster;
import io.landloom.geo.image.Validity;
import io.landloom.geo.source.SceneFormatException;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

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

  /**
   * Rows from one place where decoding can begin to the next: 1 where every row can be read by
   * itself, the height where a row takes all those above it.
   */
  int blockRows();

  /**
   * Tells which pixels of rows hold data, from the file's nodata value and from its mask.
   *
   * <p>A pixel holds no data where all of its bands have the nodata value or are not numbers, or
   * where the mask is 0.
   *
   * @param y first row
   * @param rows what {@link #rows} gave from that row on
   * @return validity of the raster's size; empty where all pixels hold data
   * @throws SceneFormatException if the mask is damaged there
   * @throws IOException if it cannot be read
   */
  default Optional<Validity> validity(int y, Raster rows) throws IOException {
    return Optional.empty();
  }

  /**
   * Whether every pixel is known to hold data before any is read, so that {@link #validity} is
   * always empty.
   */
  default boolean complete() {
    return true;
  }
}
