package io.landloom.synthesis.diffusion.checkpoint;

import io.landloom.geo.source.ByteSource;
import java.io.IOException;

/** The files of a model's folder. */
public interface ModelFiles {
  /**
   * Opens a file; the caller closes it.
   *
   * @param path inside the folder, with slashes
   * @throws IOException if it is missing or cannot be opened
   */
  ByteSource open(String path) throws IOException;
}
