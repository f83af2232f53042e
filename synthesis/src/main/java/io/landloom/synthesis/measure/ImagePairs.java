package io.landloom.synthesis.measure;

import io.landloom.synthesis.SeededStream;
import java.util.ArrayList;
import java.util.List;

/** Which images are compared with each other. */
public final class ImagePairs {
  private ImagePairs() {}

  /** Two different images by number, the lower first. */
  public record Two(int first, int second) {}

  /**
   * Distinct pairs of different images in a random order: all there are, or the first ones.
   *
   * @param images how many images there are
   * @param most most pairs
   */
  public static List<Two> distinct(int images, int most, long seed) {
    long all = (long) images * (images - 1) / 2;
    SeededStream stream = SeededStream.of(List.of("pairs of images"), seed, images);
    List<Two> pairs = new ArrayList<>();
    if (all <= 4L * most) {
      for (int number : stream.permutation((int) all)) {
        if (pairs.size() < most) {
          pairs.add(numbered(number));
        }
      }
      return pairs;
    }
    while (pairs.size() < most) {
      int i = stream.nextInt(images);
      int j = stream.nextInt(images);
      Two pair = new Two(Math.min(i, j), Math.max(i, j));
      if (i != j && !pairs.contains(pair)) {
        pairs.add(pair);
      }
    }
    return pairs;
  }

  /** Pair n in the order (0, 1), (0, 2), (1, 2), (0, 3), ... */
  private static Two numbered(int n) {
    int second = 1;
    int before = 0; // pairs with a smaller second image
    while (before + second <= n) {
      before += second;
      second++;
    }
    return new Two(n - before, second);
  }
}
