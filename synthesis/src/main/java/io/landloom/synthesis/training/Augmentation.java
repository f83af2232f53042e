package io.landloom.synthesis.training;

/**
 * How training patches are turned and flipped; each symmetry that results is as likely.
 *
 * @param horizontal whether columns may be mirrored
 * @param vertical whether rows may be mirrored
 * @param quarterTurns whether patches may be turned by 90, 180 and 270 degrees
 */
public record Augmentation(boolean horizontal, boolean vertical, boolean quarterTurns) {
  /** All eight symmetries of the square. */
  public static final Augmentation ALL = new Augmentation(true, true, true);

  /** Patches as they are. */
  public static final Augmentation NONE = new Augmentation(false, false, false);

  /** The symmetries that these make together, as {@link PatchSampler.Patches} numbers them. */
  int[] symmetries() {
    if (quarterTurns) {
      return horizontal || vertical ? new int[] {0, 1, 2, 3, 4, 5, 6, 7} : new int[] {0, 3, 5, 6};
    }
    if (horizontal) {
      return vertical ? new int[] {0, 1, 2, 3} : new int[] {0, 1};
    }
    return vertical ? new int[] {0, 2} : new int[] {0};
  }
}
