package io.landloom.jobs.train;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.diffusion.mask.TargetShares;
import io.landloom.synthesis.diffusion.model.Finishing;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer.Layout;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer.Request;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import java.util.ArrayList;
import java.util.List;

/** Sheets of what draws: images of masks, or masks of target shares. */
final class Drawing {
  /** Images or masks drawn for an item of a sheet. */
  static final int COPIES = 3;

  static final List<String> OF_IMAGES =
      List.of("mask", "real", "synthetic", "synthetic", "synthetic");
  static final List<String> OF_MASKS = List.of("mask", "drawn", "drawn", "drawn");

  private Drawing() {}

  /** Rows of a mask, its image, and images drawn for it. */
  static List<List<Picture>> images(
      Synthesizer synthesizer, LandCoverScheme scheme, TrainingSet items) {
    List<List<Picture>> rows = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      List<Condition> conditions = new ArrayList<>();
      for (int copy = 0; copy < COPIES; copy++) {
        conditions.add(
            new Condition("sheet " + i, copy, 0, items.mask(i)).captioned(items.caption(i)));
      }
      List<Picture> row = new ArrayList<>();
      row.add(Picture.of(items.mask(i), scheme));
      row.add(Picture.of(items.image(i)));
      for (Pair pair : synthesizer.synthesize(conditions)) {
        row.add(Picture.of(pair.finiteImage(synthesizer.name())));
      }
      rows.add(row);
    }
    return rows;
  }

  /** Rows of a mask, and masks drawn for its shares. */
  static List<List<Picture>> masks(
      ModelBundle bundle, LandCoverScheme scheme, TrainingSet items, Device device, long seed) {
    List<List<Picture>> rows = new ArrayList<>();
    try (LayoutSynthesizer synthesizer =
        new LayoutSynthesizer(bundle, scheme, device, Finishing.NONE, COPIES, seed)) {
      for (int i = 0; i < items.size(); i++) {
        TargetShares target = MaskMeasures.target(items, i, scheme);
        List<Request> requests = new ArrayList<>();
        for (int copy = 0; copy < COPIES; copy++) {
          requests.add(new Request("sheet " + i + "/" + copy, target));
        }
        List<Picture> row = new ArrayList<>();
        row.add(Picture.of(items.mask(i), scheme));
        for (Layout layout : synthesizer.draw(requests)) {
          row.add(Picture.of(layout.positions(), synthesizer.patchSize(), scheme));
        }
        rows.add(row);
      }
    }
    return rows;
  }
}
