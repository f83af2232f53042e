package io.landloom.synthesis.segment;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.SeededStream;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.training.ClassMaps;
import io.landloom.synthesis.training.NetworkTrainer;
import io.landloom.synthesis.training.PatchSampler;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Precision;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Trains a feature net on two views of every patch, as it is and with other colours.
 *
 * <p>It learns the classes of the pixels of both, by how many quarter turns the patch was turned
 * (Gidaris et al., ICLR 2018), and pooled features that do not depend on the colours' change.
 */
public final class FeatureNetTrainer extends NetworkTrainer {
  private static final int MIRRORED = -1;
  private static final float TINY = 1e-12f;

  /** Quarter turns of each symmetry of a sampler; a mirrored patch has no turn of its own. */
  private static final int[] TURNS = {0, MIRRORED, MIRRORED, 2, MIRRORED, 1, 3, MIRRORED};

  private final FeatureNetSettings settings;
  private final LandCoverScheme scheme;
  private final ResidualNet.Sizes sizes;
  private final Losses losses;

  /**
   * A trainer before its first step.
   *
   * @throws IllegalArgumentException if the set is empty
   */
  public FeatureNetTrainer(
      FeatureNetSettings settings, LandCoverScheme scheme, TrainingSet set, Device device) {
    super(
        settings.course(),
        settings.toString(),
        ResidualNet.trainingLayout(settings.sizes(scheme.validClasses().size())),
        scheme,
        set,
        device);
    this.settings = settings;
    this.scheme = scheme;
    this.sizes = settings.sizes(scheme.validClasses().size());
    this.losses = new Losses(new ResidualNet(sizes, parameters()), settings.lambdas());
  }

  @Override
  protected Map<String, Term> terms(PatchSampler.Patches patches, long step, NDManager scope) {
    NDArray plain = scope.create(patches.image(), settings.course().batches().shape());
    NDArray both = NDArrays.concat(new NDList(plain, otherColours(plain, step, scope)), 0);
    ClassMaps masks =
        new ClassMaps(scope, patches.positions(), settings.course().patchSize(), scheme.size());
    return losses.of(both, masks.valid(), turns(patches.symmetries(), scope));
  }

  /**
   * What a feature net learns by.
   *
   * @param net the network
   * @param lambdas weights beside the cross-entropy
   */
  record Losses(ResidualNet net, FeatureNetSettings.Lambdas lambdas) {
    /**
     * The losses of a batch.
     *
     * @param both the plain views (B, bands, S, S), then the other ones of the same patches
     * @param valid (B, K, S, S), one-hot, all 0 where a pixel is unknown
     * @param turns (B, 4), one-hot, all 0 where a patch was mirrored
     */
    Map<String, Term> of(NDArray both, NDArray valid, NDArray turns) {
      long batch = valid.getShape().get(0);
      List<NDArray> maps = net.maps(both);
      NDArray vectors = Operators.channelMeans(maps.get(maps.size() - 1)); // (2 B, C)
      NDArray ofPlain = vectors.get(new NDIndex("0:" + batch));
      NDArray ofOther = vectors.get(new NDIndex(batch + ":"));
      NDArray classes =
          Operators.crossEntropy(net.logits(maps), NDArrays.concat(new NDList(valid, valid), 0));
      NDArray rotation = Operators.crossEntropy(net.rotationLogits(ofPlain), turns);
      Map<String, Term> terms = new LinkedHashMap<>();
      terms.put("cross_entropy", new Term(classes, 1));
      terms.put("rotation", new Term(rotation, lambdas.rotation()));
      terms.put("consistency", new Term(distance(ofPlain, ofOther), lambdas.consistency()));
      return terms;
    }

    /** One minus the cosine of the angle between vectors (B, C), mean over them. */
    private static NDArray distance(NDArray one, NDArray other) {
      NDArray product = one.mul(other).sum(new int[] {1});
      NDArray squares = one.square().sum(new int[] {1}).mul(other.square().sum(new int[] {1}));
      return product.div(squares.add(TINY).sqrt()).mean().neg().add(1);
    }
  }

  /** Images whose contrast, brightness and bands' gains are changed, each image's by its own. */
  private NDArray otherColours(NDArray image, long step, NDManager scope) {
    int batch = settings.course().batch();
    int bands = settings.course().bands();
    float[] scale = new float[batch * bands];
    float[] shift = new float[batch * bands];
    for (int i = 0; i < batch; i++) {
      SeededStream stream = sampler().stream("colours", step * batch + i);
      double contrast = change(stream);
      double brightness = change(stream);
      for (int band = 0; band < bands; band++) {
        scale[i * bands + band] = (float) ((1 + contrast) * (1 + change(stream)));
        shift[i * bands + band] = (float) brightness;
      }
    }
    Shape perBand = new Shape(batch, bands, 1, 1);
    return image.mul(scope.create(scale, perBand)).add(scope.create(shift, perBand)).clip(-1, 1);
  }

  /** A number between minus and plus the largest change. */
  private double change(SeededStream stream) {
    return settings.jitter() * ((stream.nextLong() >>> 11) * 0x1.0p-52 - 1);
  }

  private static NDArray turns(int[] symmetries, NDManager scope) {
    float[] turns = new float[symmetries.length * ResidualNet.ROTATIONS];
    for (int i = 0; i < symmetries.length; i++) {
      int turn = TURNS[symmetries[i]];
      if (turn != MIRRORED) {
        turns[i * ResidualNet.ROTATIONS + turn] = 1;
      }
    }
    return scope.create(turns, new Shape(symmetries.length, ResidualNet.ROTATIONS));
  }

  @Override
  public ModelBundle bundle(String name, String dataset, String licence, Precision precision) {
    Map<String, HostTensor> shipped = new TreeMap<>();
    NamedTensors all = parameters().toHost();
    for (TensorSpec spec : ResidualNet.shippedLayout(sizes)) {
      shipped.put(spec.name(), all.get(spec.name()));
    }
    ModelCard card =
        new ModelCard(
            name,
            FeatureNet.ARCHITECTURE,
            ModelCard.SchemeClasses.of(scheme),
            settings.course().patchSize(),
            settings.course().bands(),
            new TreeMap<>(Map.of("width", settings.width(), "blocks", settings.blocks())),
            FeatureNet.INFERENCE,
            new ModelCard.Training(steps(), settings.course().seed(), dataset, licence));
    return ModelBundle.of(card, new NamedTensors(shipped), precision);
  }
}
