package io.landloom.jobs.train;

import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassCounts;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.training.TrainingSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Pictures side by side, as PNG. */
final class SampleSheet {
  private static final int GAP = 2;
  private static final int SEEN = 50; // a class of more than this part of the pixels is seen

  private SampleSheet() {}

  /**
   * The items a sheet shows: one for each class of the scheme, in its order, so that every class
   * can be judged. Preferred is one that shows many classes, of which this one has up to a quarter.
   *
   * @return numbers of items; fewer than classes where a class is nowhere
   */
  static List<Integer> items(TrainingSet set, LandCoverScheme scheme) {
    List<LandCoverClass> classes = scheme.validClasses();
    long[] best = new long[classes.size()];
    int[] item = new int[classes.size()];
    for (int i = 0; i < set.size(); i++) {
      ClassCounts counts = set.mask(i).counts(scheme);
      long all = counts.total();
      long seen = classes.stream().filter(c -> pixels(counts, scheme, c) * SEEN > all).count();
      for (int k = 0; k < classes.size(); k++) {
        long score = Math.min(pixels(counts, scheme, classes.get(k)), all / 4) * (1 + seen);
        if (score > best[k]) {
          best[k] = score;
          item[k] = i;
        }
      }
    }
    List<Integer> items = new ArrayList<>();
    for (int k = 0; k < classes.size(); k++) {
      if (best[k] > 0 && !items.contains(item[k])) {
        items.add(item[k]);
      }
    }
    return items;
  }

  private static long pixels(ClassCounts counts, LandCoverScheme scheme, LandCoverClass of) {
    return counts.at(scheme.position(of.index()));
  }

  /** Draws rows of pictures of one size on white. */
  static byte[] png(List<List<Picture>> rows) {
    Picture first = rows.get(0).get(0);
    int columns = rows.get(0).size();
    int width = columns * (first.width() + GAP) + GAP;
    int height = rows.size() * (first.height() + GAP) + GAP;
    byte[] samples = new byte[width * height * 3];
    Arrays.fill(samples, (byte) 255);
    for (int row = 0; row < rows.size(); row++) {
      for (int column = 0; column < columns; column++) {
        int left = GAP + column * (first.width() + GAP);
        int top = GAP + row * (first.height() + GAP);
        draw(rows.get(row).get(column), samples, width, left, top);
      }
    }
    return new PngEncoder().encode(Raster.ofBytes(width, height, 3, samples));
  }

  private static void draw(Picture picture, byte[] samples, int width, int left, int top) {
    for (int pixel = 0; pixel < picture.rgb().length; pixel++) {
      int x = left + pixel % picture.width();
      int y = top + pixel / picture.width();
      int rgb = picture.rgb()[pixel];
      int place = (y * width + x) * 3;
      samples[place] = (byte) (rgb >> 16);
      samples[place + 1] = (byte) (rgb >> 8);
      samples[place + 2] = (byte) rgb;
    }
  }
}
