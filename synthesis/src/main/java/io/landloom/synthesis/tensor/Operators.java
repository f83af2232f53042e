package io.landloom.synthesis.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.norm.Dropout;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/** Operators the networks are made of, where DJL lacks them or needs care; all differentiable. */
public final class Operators {
  private static final double EPSILON = 1e-5;
  private static final long MOST_SCORES = 1L << 26;
  private static final long LEAST_QUERIES = 64;
  private static final int NEAREST = 0;
  private static final int BILINEAR = 2;
  private static final float TINY = 1e-12f;
  private static final Shape DILATION = new Shape(1, 1);

  private Operators() {}

  /**
   * A copy in libtorch's own memory, as matrix products need their factors: an array made from
   * Java's values lies in Java's memory, whose alignment differs from run to run, and MKL's sums
   * with it.
   */
  public static NDArray ownCopy(NDArray array) {
    return array.duplicate();
  }

  /**
   * x times a number.
   *
   * <p>Not {@code x.mul(number)}: DJL closes the number at once, the recorded product keeps a
   * tensor on Java's memory, and a garbage collection before the backward pass turns gradients into
   * whatever is there by then.
   */
  public static NDArray scaled(NDArray x, double factor) {
    return x.mul(x.getManager().full(new Shape(), (float) factor));
  }

  /** x where it is above a number, that number elsewhere; for the reason of {@link #scaled}. */
  public static NDArray atLeast(NDArray x, double least) {
    return x.maximum(x.getManager().full(new Shape(), (float) least));
  }

  /** Fills gradients of all trained arrays a scalar depends on. */
  public static void backward(NDArray scalar) {
    NDArray one = scalar.getManager().ones(scalar.getShape());
    JniUtils.backward((PtNDArray) scalar, (PtNDArray) one, false, false);
  }

  /**
   * Convolution.
   *
   * @param x (B, C, H, W)
   * @param weight (O, C, k, k)
   * @param bias (O), or null
   */
  public static NDArray convolution(
      NDArray x, NDArray weight, NDArray bias, int stride, int padding) {
    return x.getNDArrayInternal()
        .convolution(
            x, weight, bias, new Shape(stride, stride), new Shape(padding, padding), DILATION, 1)
        .singletonOrThrow();
  }

  /**
   * Convolution whose kernel's cells are {@code dilation} pixels apart (Yu and Koltun, ICLR 2016);
   * the size stays.
   *
   * @param x (B, C, H, W)
   * @param weight (O, C, k, k) with an odd k
   */
  public static NDArray dilatedConvolution(NDArray x, NDArray weight, int dilation) {
    long padding = dilation * (weight.getShape().get(2) / 2);
    return x.getNDArrayInternal()
        .convolution(
            x,
            weight,
            null,
            DILATION,
            new Shape(padding, padding),
            new Shape(dilation, dilation),
            1)
        .singletonOrThrow();
  }

  /**
   * Convolution of every channel by a kernel of its own; the size stays.
   *
   * @param x (B, C, H, W)
   * @param weight (C, 1, k, k) with an odd k
   * @param bias (C)
   */
  public static NDArray depthwiseConvolution(NDArray x, NDArray weight, NDArray bias) {
    long padding = weight.getShape().get(2) / 2;
    return x.getNDArrayInternal()
        .convolution(
            x,
            weight,
            bias,
            DILATION,
            new Shape(padding, padding),
            DILATION,
            (int) x.getShape().get(1))
        .singletonOrThrow();
  }

  /** x (.., I) times the transposed weight (O, I), plus bias (O). */
  public static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
    return x.getNDArrayInternal().linear(x, weight, bias).singletonOrThrow();
  }

  /**
   * Every row through its own linear layer.
   *
   * @param x (B, K, I)
   * @param weight (K, O, I)
   * @param bias (K, O)
   * @return (B, K, O)
   */
  public static NDArray linearPerRow(NDArray x, NDArray weight, NDArray bias) {
    return x.swapAxes(0, 1).matMul(weight.swapAxes(1, 2)).swapAxes(0, 1).add(bias);
  }

  /**
   * Of planes drawn for every class, those of each pixel's own class.
   *
   * @param x (B, K C, H, W), class by class
   * @param oneHot (B, K, H, W)
   * @return (B, C, H, W)
   */
  public static NDArray ownPlanes(NDArray x, NDArray oneHot) {
    Shape shape = oneHot.getShape();
    long classes = shape.get(1);
    Shape byClass = new Shape(shape.get(0), classes, -1, shape.get(2), shape.get(3));
    Shape one = new Shape(shape.get(0), classes, 1, shape.get(2), shape.get(3));
    return x.reshape(byClass).mul(oneHot.reshape(one)).sum(new int[] {1});
  }

  /** x where positive, slope times x elsewhere. */
  public static NDArray leakyRelu(NDArray x, double slope) {
    return JniUtils.leakyRelu((PtNDArray) x, slope);
  }

  /** x where positive, 0 elsewhere. */
  public static NDArray relu(NDArray x) {
    return x.getNDArrayInternal().relu();
  }

  /** Each pixel four times: (B, C, H, W) to (B, C, 2H, 2W). */
  public static NDArray doubled(NDArray x) {
    Shape shape = x.getShape();
    return JniUtils.interpolate(
        (PtNDArray) x, new long[] {2 * shape.get(2), 2 * shape.get(3)}, NEAREST, false);
  }

  /**
   * The samples of each cell as channels, in the order band, row, column.
   *
   * @param x (B, C, H, W), H and W multiples of the cell
   * @param cell pixels along an edge of a cell
   * @return (B, C cell cell, H / cell, W / cell)
   */
  public static NDArray pixelUnshuffle(NDArray x, int cell) {
    if (cell == 1) {
      return x;
    }
    Shape shape = x.getShape();
    long rows = shape.get(2) / cell;
    long columns = shape.get(3) / cell;
    return x.reshape(shape.get(0), shape.get(1), rows, cell, columns, cell)
        .transpose(0, 1, 3, 5, 2, 4)
        .reshape(shape.get(0), shape.get(1) * cell * cell, rows, columns);
  }

  /** What {@link #pixelUnshuffle} was made of. */
  public static NDArray pixelShuffle(NDArray x, int cell) {
    if (cell == 1) {
      return x;
    }
    Shape shape = x.getShape();
    long channels = shape.get(1) / cell / cell;
    return x.reshape(shape.get(0), channels, cell, cell, shape.get(2), shape.get(3))
        .transpose(0, 1, 4, 2, 5, 3)
        .reshape(shape.get(0), channels, shape.get(2) * cell, shape.get(3) * cell);
  }

  /**
   * Bilinear interpolation between the centres of pixels, to any size; where that is smaller, over
   * as many pixels as one of it covers.
   *
   * @param x (B, C, H, W)
   * @return (B, C, height, width)
   */
  public static NDArray resized(NDArray x, long height, long width) {
    return JniUtils.interpolate((PtNDArray) x, new long[] {height, width}, BILINEAR, false);
  }

  /** Largest of 3 x 3 pixels at stride 2. */
  public static NDArray halvedByOverlappingMaximum(NDArray x) {
    return x.getNDArrayInternal().maxPool(new Shape(3, 3), new Shape(2, 2), new Shape(1, 1), false);
  }

  /** Mean of each 2 x 2 pixels. */
  public static NDArray halvedByPlainMean(NDArray x) {
    return x.getNDArrayInternal()
        .avgPool(new Shape(2, 2), new Shape(2, 2), new Shape(0, 0), false, true);
  }

  /**
   * Means over a grid of cells that cover the image; where sizes do not divide, neighbours share
   * pixels.
   *
   * @param x (B, C, H, W)
   * @param cells cells along an edge
   * @return (B, C, cells, cells)
   */
  public static NDArray cellMeans(NDArray x, int cells) {
    Shape shape = x.getShape();
    int height = (int) shape.get(2);
    int width = (int) shape.get(3);
    float[] shares = new float[height * width * cells * cells];
    for (int cell = 0; cell < cells * cells; cell++) {
      int top = cell / cells * height / cells;
      int bottom = ((cell / cells + 1) * height + cells - 1) / cells;
      int left = cell % cells * width / cells;
      int right = ((cell % cells + 1) * width + cells - 1) / cells;
      for (int pixel = 0; pixel < height * width; pixel++) {
        boolean inside =
            pixel / width >= top
                && pixel / width < bottom
                && pixel % width >= left
                && pixel % width < right;
        shares[pixel * cells * cells + cell] = inside ? 1f / ((bottom - top) * (right - left)) : 0;
      }
    }
    NDArray matrix =
        ownCopy(
            x.getManager().create(shares, new Shape((long) height * width, (long) cells * cells)));
    return x.reshape(new Shape(shape.get(0), shape.get(1), (long) height * width))
        .matMul(matrix)
        .reshape(new Shape(shape.get(0), shape.get(1), cells, cells));
  }

  /** Largest of each 2 x 2 pixels. */
  public static NDArray halvedByMaximum(NDArray x) {
    return x.getNDArrayInternal().maxPool(new Shape(2, 2), new Shape(2, 2), new Shape(0, 0), false);
  }

  /** Mean of 3 x 3 pixels at stride 2; pixels outside do not count. */
  public static NDArray halvedByMean(NDArray x) {
    // DJL 0.35 drops the flag that leaves padding out, so the share of real pixels divides
    Shape plane = new Shape(1, 1, x.getShape().get(2), x.getShape().get(3));
    return pooledMean(x).div(pooledMean(x.getManager().ones(plane)));
  }

  private static NDArray pooledMean(NDArray x) {
    return x.getNDArrayInternal()
        .avgPool(new Shape(3, 3), new Shape(2, 2), new Shape(1, 1), false, true);
  }

  /**
   * Batch normalisation without scale and shift.
   *
   * @param x (B, C, H, W)
   * @param mean (C), running; replaced in place by batch statistics
   * @param variance (C), running; replaced in place by batch statistics
   */
  public static NDArray batchNorm(
      NDArray x, NDArray mean, NDArray variance, Statistics statistics) {
    NDManager manager = x.getManager();
    Shape channels = mean.getShape();
    return batchNorm(
        x, mean, variance, manager.ones(channels), manager.zeros(channels), statistics);
  }

  /** Batch normalisation with scale (C) and shift (C). */
  public static NDArray batchNorm(
      NDArray x,
      NDArray mean,
      NDArray variance,
      NDArray scale,
      NDArray shift,
      Statistics statistics) {
    boolean batch = statistics instanceof Statistics.OfBatch;
    double momentum = statistics instanceof Statistics.OfBatch ofBatch ? ofBatch.momentum() : 0;
    return JniUtils.batchNorm(
        (PtNDArray) x,
        (PtNDArray) mean,
        (PtNDArray) variance,
        (PtNDArray) scale,
        (PtNDArray) shift,
        batch,
        momentum,
        EPSILON);
  }

  /** What batch normalisation multiplies by: one over the standard deviation (C). */
  public static NDArray inverseDeviation(NDArray variance) {
    return variance.add(EPSILON).sqrt().getNDArrayInternal().rdiv(1);
  }

  /** Normalisation of every channel of every image by itself: x (B, C, H, W). */
  public static NDArray instanceNorm(NDArray x) {
    Shape shape = x.getShape();
    Shape channels = new Shape(shape.get(0) * shape.get(1));
    NDManager manager = x.getManager();
    NDArray rows = x.reshape(new Shape(1, channels.get(0), shape.get(2), shape.get(3)));
    return batchNorm(
            rows, manager.zeros(channels), manager.ones(channels), new Statistics.OfBatch(0))
        .reshape(shape);
  }

  /**
   * Normalisation of groups of channels of every image by themselves (Wu and He, ECCV 2018).
   *
   * @param x (B, C, H, W)
   * @param groups number of groups, a divisor of C
   * @param scale (C)
   * @param shift (C)
   */
  public static NDArray groupNorm(NDArray x, int groups, NDArray scale, NDArray shift) {
    return groupNorm(x, groups, scale, shift, EPSILON);
  }

  /**
   * Group normalisation with another number under the root.
   *
   * @param epsilon added to the variance
   */
  public static NDArray groupNorm(
      NDArray x, int groups, NDArray scale, NDArray shift, double epsilon) {
    if (normalisesFused(x)) {
      return FusedOperators.groupNorm(x, groups, scale, shift, epsilon);
    }
    Shape shape = x.getShape();
    Shape rows = new Shape(shape.get(0) * groups);
    Shape perChannel = new Shape(1, shape.get(1), 1, 1);
    NDManager manager = x.getManager();
    NDArray grouped =
        x.reshape(new Shape(1, rows.get(0), shape.get(1) / groups, shape.get(2) * shape.get(3)));
    return JniUtils.batchNorm(
            (PtNDArray) grouped,
            (PtNDArray) manager.zeros(rows),
            (PtNDArray) manager.ones(rows),
            (PtNDArray) manager.ones(rows),
            (PtNDArray) manager.zeros(rows),
            true,
            0,
            epsilon)
        .reshape(shape)
        .mul(scale.reshape(perChannel))
        .add(shift.reshape(perChannel));
  }

  /** SiLU of a group normalisation. */
  public static NDArray groupNormSilu(
      NDArray x, int groups, NDArray scale, NDArray shift, double epsilon) {
    return normalisesFused(x)
        ? FusedOperators.groupNormSilu(x, groups, scale, shift, epsilon)
        : silu(groupNorm(x, groups, scale, shift, epsilon));
  }

  /** Not for gradients: libtorch 2.7.1's crashed the process on arrays with channels last. */
  private static boolean normalisesFused(NDArray x) {
    return !x.getDevice().isGpu() && !JniUtils.isGradMode();
  }

  /**
   * Normalisation of every vector by itself (Ba et al., 2016).
   *
   * @param x (.., C)
   * @param scale (C)
   * @param shift (C)
   */
  public static NDArray layerNorm(NDArray x, NDArray scale, NDArray shift, double epsilon) {
    return JniUtils.layerNorm(
        (PtNDArray) x, scale.getShape(), (PtNDArray) scale, (PtNDArray) shift, epsilon);
  }

  /**
   * Sets numbers to 0 and scales up the others (Srivastava et al., JMLR 2014), by the generator
   * that {@link TorchEngine#seed} starts anew.
   *
   * @param rate share that is set to 0
   */
  public static NDArray dropout(NDArray x, double rate) {
    return Dropout.dropout(x, (float) rate, true).singletonOrThrow();
  }

  /** x times its logistic function. */
  public static NDArray silu(NDArray x) {
    return x.mul(Activation.sigmoid(x));
  }

  /** x times the normal distribution's share below it (Hendrycks and Gimpel, 2016). */
  public static NDArray gelu(NDArray x) {
    return x.getNDArrayInternal().gelu();
  }

  /** CLIP's approximation of {@link #gelu}: x times the logistic function of 1.702 x. */
  public static NDArray quickGelu(NDArray x) {
    return x.mul(Activation.sigmoid(scaled(x, 1.702)));
  }

  /**
   * Attention of several heads (Vaswani et al., NeurIPS 2017, equation 1). On CPUs and without a
   * mask it is libtorch's own, which keeps no scores and whose images do not depend on what else is
   * in the batch; else so many queries at a time that there are no more than {@value #MOST_SCORES}
   * scores, but {@value #LEAST_QUERIES} in any case.
   *
   * @param query (B, N, C)
   * @param key (B, M, C)
   * @param value (B, M, C)
   * @param heads number of heads, a divisor of C
   * @param mask (N, M) that is added to the scores, or null
   * @return (B, N, C)
   */
  public static NDArray attention(
      NDArray query, NDArray key, NDArray value, int heads, NDArray mask) {
    if (mask == null && !query.getDevice().isGpu()) {
      return FusedOperators.attention(query, key, value, heads);
    }
    Shape shape = query.getShape();
    long width = shape.get(2) / heads;
    NDArray queries = scaled(byHead(query, heads), 1 / Math.sqrt(width)); // (B, heads, N, width)
    NDArray keys = byHead(key, heads).swapAxes(2, 3); // (B, heads, width, M)
    NDArray values = byHead(value, heads);
    long ofAQuery = shape.get(0) * heads * keys.getShape().get(3);
    long rows = Math.max(LEAST_QUERIES, MOST_SCORES / ofAQuery);
    NDArray all = attended(queries, keys, values, mask, rows);
    return all.swapAxes(1, 2).reshape(shape);
  }

  /** Of (B, heads, N, width), so many rows of queries at a time. */
  static NDArray attended(NDArray queries, NDArray keys, NDArray values, NDArray mask, long rows) {
    long count = queries.getShape().get(2);
    if (count <= rows) {
      return NativeScope.resultOf(() -> attended(queries, keys, values, mask));
    }
    NDList parts = new NDList();
    for (long from = 0; from < count; from += rows) {
      String range = from + ":" + Math.min(count, from + rows);
      NDArray some = queries.get(new NDIndex(":, :, " + range));
      NDArray maskOfSome = mask == null ? null : mask.get(new NDIndex(range));
      parts.add(NativeScope.resultOf(() -> attended(some, keys, values, maskOfSome)));
    }
    return NDArrays.concat(parts, 2);
  }

  private static NDArray attended(NDArray queries, NDArray keys, NDArray values, NDArray mask) {
    NDArray scores = queries.matMul(keys);
    NDArray masked = mask == null ? scores : scores.add(mask);
    return masked.softmax(-1).matMul(values);
  }

  /** (B, N, C) to (B, heads, N, C / heads). */
  private static NDArray byHead(NDArray x, int heads) {
    Shape shape = x.getShape();
    return x.reshape(new Shape(shape.get(0), shape.get(1), heads, shape.get(2) / heads))
        .swapAxes(1, 2);
  }

  /** Mean of every channel of every image: (B, C, H, W) to (B, C). */
  public static NDArray channelMeans(NDArray x) {
    Shape shape = x.getShape();
    return x.reshape(new Shape(shape.get(0), shape.get(1), shape.get(2) * shape.get(3)))
        .mean(new int[] {2});
  }

  /**
   * The weight divided by its largest singular value, after one step of power iteration (Miyato et
   * al., ICLR 2018).
   *
   * @param weight (O, ..), taken as a matrix of O rows
   * @param left (O), estimate of the left singular vector; replaced in place
   */
  public static NDArray spectralNorm(NDArray weight, NDArray left) {
    long rows = weight.getShape().get(0);
    NDArray matrix = weight.reshape(new Shape(rows, -1));
    NDArray fixed = matrix.stopGradient();
    NDArray right = unit(left.reshape(new Shape(1, rows)).matMul(fixed)); // (1, columns)
    NDArray newLeft = unit(fixed.matMul(right.transpose())); // (rows, 1)
    try (GradMode off = GradMode.off()) {
      newLeft.reshape(new Shape(rows)).copyTo(left);
    }
    NDArray sigma = newLeft.mul(matrix.matMul(right.transpose())).sum();
    return weight.div(sigma);
  }

  private static NDArray unit(NDArray vector) {
    return vector.div(vector.square().sum().sqrt().maximum(TINY));
  }

  /**
   * Every pixel's row of a table, through the pixels' one-hot map: exact, and its gradient is the
   * same on every run.
   *
   * @param rows (B, K, C)
   * @param oneHot (B, K, H, W) with one 1 a pixel
   * @return (B, C, H, W)
   */
  public static NDArray gatherRows(NDArray rows, NDArray oneHot) {
    Shape shape = oneHot.getShape();
    long batch = shape.get(0);
    NDArray columns = oneHot.reshape(new Shape(batch, shape.get(1), shape.get(2) * shape.get(3)));
    return rows.swapAxes(1, 2)
        .matMul(columns)
        .reshape(new Shape(batch, rows.getShape().get(2), shape.get(2), shape.get(3)));
  }

  /**
   * Mean cross-entropy of the pixels that have a class.
   *
   * @param logits (B, K, H, W)
   * @param target (B, K, H, W), one-hot, all 0 where a pixel is to be ignored; where classes have
   *     weights, one-hot times the pixel's weight
   * @return scalar; 0 if every pixel is ignored
   */
  public static NDArray crossEntropy(NDArray logits, NDArray target) {
    NDArray counted = target.sum().maximum(TINY);
    return logits.logSoftmax(1).mul(target).sum().neg().div(counted);
  }
}
