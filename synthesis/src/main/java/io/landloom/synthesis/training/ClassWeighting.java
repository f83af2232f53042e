package io.landloom.synthesis.training;

import java.util.Arrays;

/** What the pixels of each class count in a loss. */
public enum ClassWeighting {
  /** All the same. */
  NONE("none") {
    @Override
    float weight(double share) {
      return 1;
    }
  },
  /** Rare classes more: 1 / ln(1.02 + share of the pixels) (Paszke et al., 2016, section 5.2). */
  LOGARITHM("logarithm") {
    @Override
    float weight(double share) {
      return (float) (1 / Math.log(1.02 + share));
    }
  };

  private final String value;

  ClassWeighting(String value) {
    this.value = value;
  }

  /** The weighting of a setting's value. */
  public static ClassWeighting of(String value) {
    return Arrays.stream(values())
        .filter(weighting -> weighting.value.equals(value))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "classWeights '" + value + "' is neither none nor logarithm"));
  }

  abstract float weight(double share);

  /** The weights of the valid classes of a set; none where all count the same. */
  public float[] weights(TrainingSet set, ClassPositions positions) {
    if (this == NONE) {
      return new float[0];
    }
    long[] pixels = new long[positions.count()];
    for (int item = 0; item < set.size(); item++) {
      var mask = set.mask(item);
      for (byte position : positions.of(mask, mask.width(), "training item " + item)) {
        pixels[position]++;
      }
    }
    int classes = pixels.length - 1;
    long labelled = Arrays.stream(pixels, 0, classes).sum();
    float[] weights = new float[classes];
    for (int position = 0; position < classes; position++) {
      weights[position] = weight((double) pixels[position] / Math.max(1, labelled));
    }
    return weights;
  }
}
