package io.landloom.synthesis.measure;

import io.landloom.geo.image.Raster;
import java.util.List;

/**
 * A frozen network that images are compared through. Numbers of different extractors are not
 * comparable: name and digest belong beside every number.
 */
public interface FeatureExtractor {
  /** Name of the network. */
  String name();

  /** SHA-256 of the network's weights and structure, in hexadecimal. */
  String digest();

  /** Most images of a call. */
  int batchSize();

  /**
   * Feature maps of images, in their order.
   *
   * @param images from 1 to {@link #batchSize()} 8-bit images
   * @return of each image the maps of every stage, shallow to deep
   */
  List<List<FeatureMap>> maps(List<Raster> images);
}
