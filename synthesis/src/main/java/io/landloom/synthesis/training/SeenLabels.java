package io.landloom.synthesis.training;

import com.typesafe.config.Config;
import io.landloom.geo.landcover.LandCoverScheme;
import java.util.List;

/**
 * Which labels of a set a training sees, so that networks can be compared on few.
 *
 * @param share of the patches
 * @param pixels most of a class in a patch; 0 for all
 */
public record SeenLabels(LabelShare share, int pixels) {
  /** Checks the range. */
  public SeenLabels {
    if (pixels < 0) {
      throw new IllegalArgumentException("labels.pixels " + pixels + " is below 0");
    }
  }

  /** Reads the keys {@code fraction}, {@code draw} and {@code pixels}. */
  public static SeenLabels of(Config config) {
    return new SeenLabels(
        new LabelShare(config.getDouble("fraction"), config.getLong("draw")),
        config.getInt("pixels"));
  }

  /** The part of a set that is seen: some of its patches, of their masks all or scribbles. */
  public TrainingSet of(TrainingSet set, LandCoverScheme scheme) {
    List<Integer> items = share.items(set, new ClassPositions(scheme));
    TrainingSet some = items.size() == set.size() ? set : new ChosenItems(set, items);
    return pixels == 0 ? some : new SparseLabels(some, scheme, pixels, share.draw());
  }
}
