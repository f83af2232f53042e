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
   * The items a sheet shows: one for each class of the scheme, in its order and another than those
   * before, so that every class can be judged. Preferred is one that shows many classes, of which
   * this one has up to a quarter.
   *
   * @return numbers of items; fewer than classes where a class is nowhere else
   */
  static List<Integer> items(TrainingSet set, LandCoverScheme scheme) {
    List<ClassCounts> counts = new ArrayList<>();
    for (int i = 0; i < set.size(); i++) {
      counts.add(set.mask(i).counts(scheme));
    }
    List<Integer> items = new ArrayList<>();
    for (LandCoverClass shown : scheme.validClasses()) {
      int best = -1;
      for (int i = 0; i < counts.size(); i++) {
        if (!items.contains(i)
            && score(counts.get(i), shown) > (best < 0 ? 0 : score(counts.get(best), shown))) {
          best = i;
        }
      }
      if (best >= 0) {
        items.add(best);
      }
    }
    return items;
  }

  private static long score(ClassCounts counts, LandCoverClass shown) {
    LandCoverScheme scheme = counts.scheme();
    long all = counts.total();
    long seen =
        scheme.validClasses().stream().filter(c -> pixels(counts, scheme, c) * SEEN > all).count();
    return Math.min(pixels(counts, scheme, shown), all / 4) * (1 + seen);
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
