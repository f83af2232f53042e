package io.landloom.jobs.segment;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.ddpm.HeadSegmenter;
import io.landloom.synthesis.segment.Segmenter;
import io.landloom.synthesis.segment.WindowScores;
import io.landloom.synthesis.weights.ModelBundle;

/**
 * A model that segments, of whatever kind.
 *
 * @param scores of windows
 * @param model what is to be closed
 */
record SceneModel(WindowScores scores, Runnable model) implements AutoCloseable {
  /**
   * Loads a plain segmenter or a head.
   *
   * @throws io.landloom.synthesis.weights.ModelException if it is neither, or of another scheme
   */
  static SceneModel load(ModelBundle bundle, LandCoverScheme scheme, Device device) {
    if (Segmenter.reads(bundle.card())) {
      Segmenter segmenter = Segmenter.load(bundle, scheme, device);
      return new SceneModel(segmenter.windows(), segmenter::close);
    }
    HeadSegmenter head = HeadSegmenter.load(bundle, scheme, device);
    return new SceneModel(head.windows(), head::close);
  }

  @Override
  public void close() {
    model.run();
  }
}
