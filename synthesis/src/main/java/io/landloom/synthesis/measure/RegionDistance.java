package io.landloom.synthesis.measure;

import io.landloom.geo.image.Raster;
import java.util.Arrays;
import java.util.List;

/**
 * The perceptual distance of two images in the region of a class and outside of it, the terms of
 * mCSD and mOCD (Zhu et al., CVPR 2020, GroupDNet).
 *
 * @param inside NaN if no pixel is of the class
 * @param outside NaN if all are
 */
public record RegionDistance(double inside, double outside) {
  /** How a distance is restricted to a region; the numbers of the two are not comparable. */
  public enum Restriction {
    /** The map of distances is averaged over the region's pixels. */
    MAP_MEAN,
    /** Both images are made grey outside of the region first, then compared whole. */
    GREY_OUTSIDE
  }

  private static final byte GREY = (byte) 128; // 0 to the networks

  /** The means of a map of distances, see {@link PerceptualDistance#map}, by region. */
  public static RegionDistance ofMap(float[] map, byte[] positions, int position) {
    double inside = 0;
    double outside = 0;
    int pixels = 0;
    for (int i = 0; i < map.length; i++) {
      if ((positions[i] & 0xFF) == position) {
        inside += map[i];
        pixels++;
      } else {
        outside += map[i];
      }
    }
    return new RegionDistance(inside / pixels, outside / (map.length - pixels));
  }

  /** An image that is grey where it is not of a class, or where it is. */
  public static Raster greyed(Raster image, byte[] positions, int position, Keep keep) {
    byte[] samples = image.samples().clone();
    for (int i = 0; i < positions.length; i++) {
      boolean ofClass = (positions[i] & 0xFF) == position;
      if (ofClass != (keep == Keep.INSIDE)) {
        Arrays.fill(samples, i * image.bands(), (i + 1) * image.bands(), GREY);
      }
    }
    return Raster.ofBytes(image.width(), image.height(), image.bands(), samples);
  }

  /** Which part of an image is kept. */
  public enum Keep {
    /** The class. */
    INSIDE,
    /** All but the class. */
    OUTSIDE
  }

  /** Means by class over the masks that show it, and over the classes. */
  public static final class Means {
    private final double[] inside;
    private final double[] outside;
    private final int[] insideMasks;
    private final int[] outsideMasks;

    /** No masks yet. */
    public Means(int classes) {
      inside = new double[classes];
      outside = new double[classes];
      insideMasks = new int[classes];
      outsideMasks = new int[classes];
    }

    /** Adds the mean over the pairs of images of one mask whose class was drawn anew. */
    public void add(int position, List<RegionDistance> pairs) {
      double in = pairs.stream().mapToDouble(RegionDistance::inside).average().orElseThrow();
      double out = pairs.stream().mapToDouble(RegionDistance::outside).average().orElseThrow();
      if (!Double.isNaN(in)) {
        inside[position] += in;
        insideMasks[position]++;
      }
      if (!Double.isNaN(out)) {
        outside[position] += out;
        outsideMasks[position]++;
      }
    }

    /** Mean distance inside a class where it was drawn anew; NaN without a mask. */
    public double inside(int position) {
      return inside[position] / insideMasks[position];
    }

    /** Mean distance outside a class where it was drawn anew; NaN without a mask. */
    public double outside(int position) {
      return outside[position] / outsideMasks[position];
    }

    /** Masks a class was drawn anew in. */
    public int masks(int position) {
      return insideMasks[position];
    }

    /** Mean class-specific diversity, mCSD: over the classes that were drawn anew. */
    public double specific() {
      return mean(inside, insideMasks);
    }

    /** Mean other-classes diversity, mOCD: over the classes that were drawn anew. */
    public double other() {
      return mean(outside, outsideMasks);
    }

    private static double mean(double[] sums, int[] counts) {
      double sum = 0;
      int classes = 0;
      for (int position = 0; position < sums.length; position++) {
        if (counts[position] > 0) {
          sum += sums[position] / counts[position];
          classes++;
        }
      }
      return sum / classes;
    }
  }
}
