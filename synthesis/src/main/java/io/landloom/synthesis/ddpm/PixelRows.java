package io.landloom.synthesis.ddpm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.Operators;
import java.util.List;

/** The features of single pixels, interpolated as {@link Operators#resized} does. */
final class PixelRows {
  private PixelRows() {}

  /**
   * Pixels of a batch.
   *
   * @param numbers each pixel's image times height times width, plus its row times width, plus its
   *     column
   * @param height of the images
   * @param width of the images
   */
  record Pixels(int[] numbers, int height, int width) {}

  /**
   * The features of pixels.
   *
   * @param features maps (B, C_i, h_i, w_i)
   * @return (P, sum of C_i)
   */
  static NDArray of(List<NDArray> features, Pixels pixels) {
    NDList parts = new NDList();
    for (NDArray feature : features) {
      parts.add(of(feature, pixels));
    }
    return parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts, 1);
  }

  private static NDArray of(NDArray feature, Pixels pixels) {
    Shape shape = feature.getShape();
    int height = (int) shape.get(2);
    int width = (int) shape.get(3);
    NDArray rows =
        feature
            .reshape(new Shape(shape.get(0), shape.get(1), -1))
            .swapAxes(1, 2)
            .reshape(new Shape(-1, shape.get(1))); // (B h w, C)
    int count = pixels.numbers().length;
    NDArray sum = null;
    for (int corner = 0; corner < 4; corner++) {
      long[] cells = new long[count];
      float[] shares = new float[count];
      for (int i = 0; i < count; i++) {
        int pixel = pixels.numbers()[i];
        int area = pixels.height() * pixels.width();
        Tap row = Tap.of(pixel % area / pixels.width(), pixels.height(), height, corner / 2);
        Tap column = Tap.of(pixel % pixels.width(), pixels.width(), width, corner % 2);
        cells[i] = ((long) pixel / area * height + row.cell()) * width + column.cell();
        shares[i] = row.share() * column.share();
      }
      NDManager manager = feature.getManager();
      NDArray share = Operators.ownCopy(manager.create(shares, new Shape(count, 1)));
      NDArray part = rows.get(new NDIndex("{}", manager.create(cells))).mul(share);
      sum = sum == null ? part : sum.add(part);
    }
    return sum;
  }

  /**
   * One of the two cells along an axis that a pixel lies between.
   *
   * @param cell its number
   * @param share its weight
   */
  private record Tap(int cell, float share) {
    static Tap of(int pixel, int pixels, int cells, int side) {
      float place = Math.max(0, (pixel + 0.5f) * cells / pixels - 0.5f);
      int low = (int) place;
      float beyond = place - low;
      return side == 0 ? new Tap(low, 1 - beyond) : new Tap(Math.min(cells - 1, low + 1), beyond);
    }
  }
}
