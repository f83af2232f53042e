package io.landloom.synthesis.diffusion.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How unlike drawn masks are to real ones, in measures that need no network; 0 for equal sets.
 *
 * @param adjacency Jensen-Shannon divergence, from 0 to 1, of which classes touch which along pixel
 *     edges
 * @param areas of each class, 1-Wasserstein distance of the natural logarithms of its regions'
 *     areas; NaN where either set has no region of the class
 * @param regionCounts 1-Wasserstein distance of the number of regions of a mask
 * @param boundary absolute difference of the shares of pixel edges that part two classes
 */
public record MaskRealism(
    double adjacency, List<Double> areas, double regionCounts, double boundary) {
  /** Copies the list. */
  public MaskRealism {
    areas = List.copyOf(areas);
  }

  /**
   * Compares two sets of masks of class positions, row by row.
   *
   * @param classes number of positions
   * @throws IllegalArgumentException if a set is empty, or a mask has no two pixels that touch
   */
  public static MaskRealism of(List<byte[]> drawn, List<byte[]> real, int width, int classes) {
    Statistics ofDrawn = Statistics.of(drawn, width, classes);
    Statistics ofReal = Statistics.of(real, width, classes);
    List<Double> areas = new ArrayList<>();
    for (int k = 0; k < classes; k++) {
      areas.add(wasserstein(ofDrawn.logAreas.get(k), ofReal.logAreas.get(k)));
    }
    return new MaskRealism(
        divergence(ofDrawn.edges, ofReal.edges),
        areas,
        wasserstein(ofDrawn.regions, ofReal.regions),
        Math.abs(ofDrawn.boundary(classes) - ofReal.boundary(classes)));
  }

  /** Shares of the pixel edges by the two classes, and the regions, of a set of masks. */
  private record Statistics(double[] edges, List<List<Double>> logAreas, List<Double> regions) {
    static Statistics of(List<byte[]> masks, int width, int classes) {
      List<List<Double>> logAreas = new ArrayList<>();
      for (int k = 0; k < classes; k++) {
        logAreas.add(new ArrayList<>());
      }
      double[] edges = new double[classes * classes];
      List<Double> counts = new ArrayList<>();
      for (byte[] mask : masks) {
        countEdges(mask, width, classes, edges);
        List<Regions.Region> regions = Regions.of(mask, width);
        counts.add((double) regions.size());
        for (Regions.Region region : regions) {
          logAreas.get(region.position()).add(Math.log(region.area()));
        }
      }
      double all = Arrays.stream(edges).sum();
      if (all == 0) {
        throw new IllegalArgumentException(
            masks.size() + " masks of width " + width + " have no two pixels that touch");
      }
      for (int i = 0; i < edges.length; i++) {
        edges[i] /= all;
      }
      return new Statistics(edges, logAreas, counts);
    }

    /** Each edge once, under the lower and the higher class. */
    private static void countEdges(byte[] mask, int width, int classes, double[] edges) {
      for (int pixel = 0; pixel < mask.length; pixel++) {
        for (int neighbour : Regions.neighbours(pixel, width, mask.length)) {
          if (neighbour > pixel) {
            int a = mask[pixel] & 0xFF;
            int b = mask[neighbour] & 0xFF;
            edges[Math.min(a, b) * classes + Math.max(a, b)]++;
          }
        }
      }
    }

    double boundary(int classes) {
      double inside = 0;
      for (int k = 0; k < classes; k++) {
        inside += edges[k * classes + k];
      }
      return 1 - inside;
    }
  }

  /** Jensen-Shannon divergence in bits (Lin, IEEE Transactions on Information Theory, 1991). */
  static double divergence(double[] p, double[] q) {
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      double middle = (p[i] + q[i]) / 2;
      sum += part(p[i], middle) / 2 + part(q[i], middle) / 2;
    }
    return sum;
  }

  private static double part(double share, double middle) {
    return share == 0 ? 0 : share * Math.log(share / middle) / Math.log(2);
  }

  /** Area between the two distribution functions; NaN where one has no values. */
  static double wasserstein(List<Double> first, List<Double> second) {
    if (first.isEmpty() || second.isEmpty()) {
      return Double.NaN;
    }
    double[] a = first.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    double[] b = second.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    double area = 0;
    double from = Math.min(a[0], b[0]);
    int i = 0;
    int j = 0;
    while (i < a.length || j < b.length) {
      double to = j == b.length || (i < a.length && a[i] <= b[j]) ? a[i] : b[j];
      area += (to - from) * Math.abs((double) i / a.length - (double) j / b.length);
      from = to;
      if (i < a.length && a[i] == to) {
        i++;
      } else {
        j++;
      }
    }
    return area;
  }
}
