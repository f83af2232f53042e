package io.landloom.synthesis.reference;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.NoiseKey;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Paints every class in the mean colour it has in a training set, with noise of its spread that is
 * independent from pixel to pixel.
 *
 * <p>It has no idea of shapes or textures, and yet a segmenter finds its classes as well as in real
 * images: consistency alone says nothing of realism.
 */
public final class ClassMeanSynthesizer implements Synthesizer {
  private static final String NAME = "class-mean";

  private final LandCoverScheme scheme;
  private final ClassPositions positions;
  private final int patchSize;
  private final int bands;
  private final int batchSize;
  private final long seed;
  private final float[] mean; // (K+1, bands), in grey levels
  private final float[] deviation; // (K+1, bands)
  private final String digest;

  private ClassMeanSynthesizer(
      LandCoverScheme scheme, int patchSize, int batchSize, long seed, Colours colours) {
    this.scheme = scheme;
    this.positions = new ClassPositions(scheme);
    this.patchSize = patchSize;
    this.bands = colours.bands;
    this.batchSize = batchSize;
    this.seed = seed;
    this.mean = colours.mean();
    this.deviation = colours.deviation();
    this.digest = bundle(colours).digest();
  }

  /**
   * Learns the colours of a set's classes; a class it does not show is painted black.
   *
   * @param seed seed of the noise
   */
  public static ClassMeanSynthesizer of(
      TrainingSet set, LandCoverScheme scheme, int batchSize, long seed) {
    if (set.size() < 1) {
      throw new IllegalArgumentException("the training set is empty");
    }
    Raster first = set.image(0);
    ClassPositions positions = new ClassPositions(scheme);
    Colours colours = new Colours(scheme.size(), first.bands());
    for (int i = 0; i < set.size(); i++) {
      colours.add(set.image(i), positions.of(set.mask(i), first.width(), "training item " + i));
    }
    return new ClassMeanSynthesizer(scheme, first.width(), batchSize, seed, colours);
  }

  /** Sums of samples and their squares by class and band. */
  private static final class Colours {
    private final int bands;
    private final double[] sums;
    private final double[] squares;
    private final long[] pixels;

    Colours(int classes, int bands) {
      this.bands = bands;
      this.sums = new double[classes * bands];
      this.squares = new double[classes * bands];
      this.pixels = new long[classes];
    }

    void add(Raster image, byte[] mask) {
      byte[] samples = image.samples();
      for (int pixel = 0; pixel < mask.length; pixel++) {
        int position = mask[pixel] & 0xFF;
        pixels[position]++;
        for (int band = 0; band < bands; band++) {
          int value = samples[pixel * bands + band] & 0xFF;
          sums[position * bands + band] += value;
          squares[position * bands + band] += (double) value * value;
        }
      }
    }

    float[] mean() {
      float[] mean = new float[sums.length];
      for (int i = 0; i < mean.length; i++) {
        mean[i] = (float) (sums[i] / Math.max(1, pixels[i / bands]));
      }
      return mean;
    }

    float[] deviation() {
      float[] deviation = new float[sums.length];
      for (int i = 0; i < deviation.length; i++) {
        long count = Math.max(1, pixels[i / bands]);
        double average = sums[i] / count;
        deviation[i] = (float) Math.sqrt(Math.max(0, squares[i] / count - average * average));
      }
      return deviation;
    }
  }

  private ModelBundle bundle(Colours colours) {
    long[] shape = {scheme.size(), bands};
    ModelCard card =
        new ModelCard(
            NAME,
            NAME,
            ModelCard.SchemeClasses.of(scheme),
            patchSize,
            bands,
            new TreeMap<>(),
            "means and deviations in grey levels",
            new ModelCard.Training(0, seed, "not stated", "not stated"));
    return ModelBundle.of(
        card,
        new NamedTensors(
            Map.of(
                "mean", new HostTensor(shape, colours.mean()),
                "deviation", new HostTensor(shape, colours.deviation()))),
        Precision.F32);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String modelDigest() {
    return digest;
  }

  @Override
  public int patchSize() {
    return patchSize;
  }

  @Override
  public int bands() {
    return bands;
  }

  @Override
  public String scheme() {
    return scheme.name();
  }

  @Override
  public int batchSize() {
    return batchSize;
  }

  @Override
  public List<Pair> synthesize(List<Condition> conditions, int shape) {
    Synthesizer.requireFits(conditions, shape, batchSize);
    List<Pair> pairs = new ArrayList<>();
    for (Condition condition : conditions) {
      pairs.add(new Pair(condition, paint(condition), 0));
    }
    return pairs;
  }

  private Raster paint(Condition condition) {
    byte[] mask = positions.of(condition.mask(), patchSize, condition.toString());
    byte[] samples = new byte[mask.length * bands];
    float[] noise = condition.noiseKey(seed, digest).normal(NoiseKey.WHOLE_IMAGE, samples.length);
    for (int i = 0; i < samples.length; i++) {
      int entry = (mask[i / bands] & 0xFF) * bands + i % bands;
      float value = mean[entry] + deviation[entry] * noise[i];
      samples[i] = (byte) Math.round(Math.min(255, Math.max(0, value)));
    }
    return Raster.ofBytes(patchSize, patchSize, bands, samples);
  }

  @Override
  public void close() {
    // nothing native
  }
}
