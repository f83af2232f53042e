package io.landloom.synthesis.training;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import java.util.List;

/**
 * Some items of a set.
 *
 * @param all the set
 * @param items their numbers in it
 */
public record ChosenItems(TrainingSet all, List<Integer> items) implements TrainingSet {
  /** Copies the numbers. */
  public ChosenItems {
    items = List.copyOf(items);
  }

  @Override
  public int size() {
    return items.size();
  }

  @Override
  public Raster image(int i) {
    return all.image(items.get(i));
  }

  @Override
  public ClassMask mask(int i) {
    return all.mask(items.get(i));
  }

  @Override
  public String caption(int i) {
    return all.caption(items.get(i));
  }
}
