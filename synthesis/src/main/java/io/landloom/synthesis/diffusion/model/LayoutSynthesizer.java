package io.landloom.synthesis.diffusion.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.NoiseKey;
import io.landloom.synthesis.diffusion.Denoiser;
import io.landloom.synthesis.diffusion.KeyedNoise;
import io.landloom.synthesis.diffusion.StepNoise;
import io.landloom.synthesis.diffusion.mask.ClassCodes;
import io.landloom.synthesis.diffusion.mask.ExactFinisher;
import io.landloom.synthesis.diffusion.mask.MaskCleaning;
import io.landloom.synthesis.diffusion.mask.ProportionLoss;
import io.landloom.synthesis.diffusion.mask.SurroundingScores;
import io.landloom.synthesis.diffusion.mask.TargetShares;
import io.landloom.synthesis.diffusion.network.UNetCondition;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Draws masks that give classes the shares asked for, with a trained denoiser of masks.
 *
 * <p>A layout depends on the run's seed, the model, its key and its target. Every batch is padded
 * to the same shape.
 */
public final class LayoutSynthesizer implements AutoCloseable {
  private final ModelBundle bundle;
  private final String digest;
  private final Finishing finishing;
  private final int batchSize;
  private final long seed;
  private final NDManager manager;
  private final ShippedDenoiser denoiser;
  private final ClassCodes codes;

  /**
   * A mask to draw.
   *
   * @param key the layout's own key
   * @param target shares of its classes
   */
  public record Request(String key, TargetShares target) {}

  /** How far a mask was finished. */
  public enum Finish {
    /** The first draw. */
    RAW,
    /** The first draw with guidance by shares. */
    GUIDED,
    /** The nearest of several draws. */
    ACCEPTED,
    /** Without specks. */
    CLEANED,
    /** With exact shares. */
    EXACT
  }

  /**
   * A drawn mask.
   *
   * @param request what was asked for
   * @param masks positions of its classes, row by row, after every finish that was asked for, in
   *     their order
   * @param attempts draws that it took
   * @param within whether the kept draw was within the tolerance
   */
  public record Layout(
      Request request, SortedMap<Finish, byte[]> masks, int attempts, boolean within) {
    /** Positions of its classes, row by row, after the last finish. */
    public byte[] positions() {
      return masks.get(masks.lastKey());
    }

    /** Shares of its classes after a finish that was asked for. */
    public double[] shares(Finish finish) {
      return TargetShares.counted(masks.get(finish), request.target().shares().size());
    }
  }

  /**
   * Loads a model onto a device.
   *
   * @param batchSize masks computed at once, from 1
   * @param seed seed of the run
   * @throws ModelException if the model draws no masks, is of another scheme, or its tensors do not
   *     fit
   * @throws IllegalArgumentException if guidance is asked of a model of latents
   */
  public LayoutSynthesizer(
      ModelBundle bundle,
      LandCoverScheme scheme,
      Device device,
      Finishing finishing,
      int batchSize,
      long seed) {
    ModelCard card = bundle.card();
    requireMasks(card, finishing);
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch size " + batchSize + " is below 1");
    }
    this.bundle = bundle;
    this.digest = bundle.digest();
    this.finishing = finishing;
    this.batchSize = batchSize;
    this.seed = seed;
    this.codes = new ClassCodes(scheme.validClasses().size());
    this.manager = TorchEngine.newManager(device);
    try {
      this.denoiser = ShippedDenoiser.load(manager, bundle, scheme);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /** Whether a model draws masks. */
  public static boolean drawsMasks(ModelCard card) {
    return card.architecture().equals(ShippedDenoiser.ARCHITECTURE)
        && DenoiserSizes.of(card).content() == DenoiserSizes.Content.MASKS;
  }

  /**
   * Checks that a model draws masks, and can be finished so.
   *
   * @throws ModelException if it draws something else
   * @throws IllegalArgumentException if guidance is asked of a model of latents
   */
  public static void requireMasks(ModelCard card, Finishing finishing) {
    if (!drawsMasks(card)) {
      throw new ModelException(
          "model '" + card.name() + "'",
          "is " + card.architecture() + ", but masks are drawn by a denoiser of content = masks");
    }
    if (finishing.guidance() > 0 && DenoiserSizes.of(card).space() != DenoiserSizes.Space.CODES) {
      throw new IllegalArgumentException(
          "model '" + card.name() + "' denoises latents; guidance by shares needs space = codes");
    }
  }

  /** Digest of the model. */
  public String modelDigest() {
    return digest;
  }

  /** Pixels along an edge of a mask. */
  public int patchSize() {
    return bundle.card().patchSize();
  }

  /** Draws masks, in the order of the requests. */
  public List<Layout> draw(List<Request> requests) {
    List<Layout> layouts = new ArrayList<>();
    for (int from = 0; from < requests.size(); from += batchSize) {
      int to = Math.min(requests.size(), from + batchSize);
      layouts.addAll(drawBatch(requests.subList(from, to)));
    }
    return layouts;
  }

  /** The nearest draw of a request so far. */
  private static final class Best {
    final SortedMap<Finish, byte[]> masks = new TreeMap<>();
    Drawn drawn;
    double miss = Double.POSITIVE_INFINITY;
    int attempts;
  }

  private List<Layout> drawBatch(List<Request> requests) {
    List<Best> bests = new ArrayList<>();
    requests.forEach(request -> bests.add(new Best()));
    for (int attempt = 0; attempt < finishing.attempts(); attempt++) {
      List<Integer> open = new ArrayList<>();
      for (int i = 0; i < bests.size(); i++) {
        if (bests.get(i).miss > 1) {
          open.add(i);
        }
      }
      if (open.isEmpty()) {
        break;
      }
      List<Drawn> drawn = drawn(open.stream().map(requests::get).toList(), attempt);
      for (int i = 0; i < drawn.size(); i++) {
        keepNearer(bests.get(open.get(i)), requests.get(open.get(i)), drawn.get(i), attempt);
      }
    }
    List<Layout> layouts = new ArrayList<>();
    for (int i = 0; i < bests.size(); i++) {
      layouts.add(finished(requests.get(i), bests.get(i)));
    }
    return layouts;
  }

  private void keepNearer(Best best, Request request, Drawn drawn, int attempt) {
    double[] shares = TargetShares.counted(drawn.positions(), codes.classes());
    double miss = request.target().miss(shares, finishing.tolerance(), finishing.relative());
    best.attempts++;
    if (attempt == 0) {
      best.masks.put(finishing.guidance() > 0 ? Finish.GUIDED : Finish.RAW, drawn.positions());
    }
    if (miss < best.miss) {
      best.miss = miss;
      best.drawn = drawn;
    }
  }

  private Layout finished(Request request, Best best) {
    byte[] mask = best.drawn.positions();
    if (finishing.attempts() > 1) {
      best.masks.put(Finish.ACCEPTED, mask);
    }
    if (finishing.cleaning()) {
      mask = cleaned(request, mask);
      best.masks.put(Finish.CLEANED, mask);
    }
    if (finishing.exact()) {
      mask = exact(request, mask, best.drawn);
      best.masks.put(Finish.EXACT, mask);
    }
    return new Layout(request, best.masks, best.attempts, best.miss <= 1);
  }

  private byte[] cleaned(Request request, byte[] mask) {
    int[] leastAreas = new int[codes.classes()];
    int[] leastCounts = new int[codes.classes()];
    for (int k = 0; k < leastAreas.length; k++) {
      leastAreas[k] = finishing.leastArea();
      leastCounts[k] =
          request.target().isKnown(k) ? (int) (request.target().shares().get(k) * mask.length) : 0;
    }
    byte[] filtered = MaskCleaning.majority(mask, patchSize(), codes.classes());
    return MaskCleaning.withoutSpecks(filtered, patchSize(), leastAreas, leastCounts);
  }

  /** The shares exactly, by regions that grow and shrink. */
  private byte[] exact(Request request, byte[] mask, Drawn drawn) {
    int classes = codes.classes();
    int radius = Math.max(1, denoiser.sizes().cell() / 2);
    double[][] scores = SurroundingScores.of(mask, drawn.soft(), patchSize(), classes, radius);
    int[] counts = request.target().counts(TargetShares.counted(mask, classes), mask.length);
    int[] finished = ExactFinisher.finish(scores, counts);
    byte[] positions = new byte[finished.length];
    for (int pixel = 0; pixel < positions.length; pixel++) {
      positions[pixel] = (byte) finished[pixel];
    }
    return positions;
  }

  /**
   * One draw.
   *
   * @param positions most likely class of every pixel
   * @param soft share of every class at every pixel, class by class
   */
  private record Drawn(byte[] positions, float[] soft) {}

  private List<Drawn> drawn(List<Request> requests, int attempt) {
    List<NoiseKey> keys = new ArrayList<>();
    List<TargetShares> targets = new ArrayList<>();
    for (int i = 0; i < batchSize; i++) {
      Request request = requests.get(Math.min(i, requests.size() - 1));
      keys.add(new NoiseKey(seed, digest, request.key(), 0, attempt));
      targets.add(request.target());
    }
    DenoiserSizes sizes = denoiser.sizes();
    int cells = patchSize() / sizes.cell();
    float[] soft;
    int edge;
    try (NativeScope scope = NativeScope.inference(manager)) {
      Shape one = new Shape(sizes.channels(), cells, cells);
      NDArray start = new KeyedNoise(keys).start(scope.manager(), one);
      NDArray clean =
          denoiser
              .form()
              .denoising()
              .run(start, network(scope.manager(), targets), StepNoise.none());
      NDArray coded = denoiser.autoencoder().map(net -> net.images(clean)).orElse(clean);
      NDArray classes = new ProportionLoss(codes, 0).softClasses(coded);
      edge = (int) classes.getShape().get(2);
      soft = classes.toFloatArray();
    }
    List<Drawn> drawn = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      drawn.add(enlarged(soft, i, edge));
    }
    return drawn;
  }

  private Denoiser network(NDManager scope, List<TargetShares> targets) {
    DrawForm form = denoiser.form();
    UNetCondition asked = denoiser.conditioner().of(scope, targets);
    LastEstimate last = new LastEstimate(scope);
    Denoiser network = (x, timestep) -> predict(x, timestep, asked, last);
    if (form.sampling().guidance() != 1) {
      UNetCondition nothing =
          denoiser
              .conditioner()
              .of(scope, Collections.nCopies(targets.size(), TargetShares.free(codes.classes())));
      UNetCondition both = nothing.then(asked);
      network = form.sampling().guided().guided((x, timestep) -> predict(x, timestep, both, last));
    }
    if (finishing.guidance() > 0) {
      network =
          new SharesGuidance(codes, finishing.guidance())
              .guided(network, form.noise().schedule(), form.prediction(), targets);
    }
    return denoiser.sizes().selfConditioned()
        ? last.keeping(network, form.noise().schedule(), form.prediction())
        : network;
  }

  private NDArray predict(NDArray x, int timestep, UNetCondition condition, LastEstimate last) {
    int[] timesteps = DiffusionSynthesizer.timesteps(timestep, (int) x.getShape().get(0));
    NDArray seen = denoiser.sizes().selfConditioned() ? last.beside(x) : x;
    return denoiser.unet().forward(seen, timesteps, condition, Optional.empty());
  }

  /** Soft classes of cells as soft classes of pixels, linear between the cells' centres. */
  private Drawn enlarged(float[] soft, int image, int edge) {
    int size = patchSize();
    int classes = codes.classes();
    float[] pixels = new float[classes * size * size];
    byte[] positions = new byte[size * size];
    float[] most = new float[size * size];
    for (int k = 0; k < classes; k++) {
      int plane = (image * classes + k) * edge * edge;
      for (int pixel = 0; pixel < positions.length; pixel++) {
        double y = place(pixel / size, edge, size);
        double x = place(pixel % size, edge, size);
        float value = between(soft, plane, edge, y, x);
        pixels[k * positions.length + pixel] = value;
        if (k == 0 || value > most[pixel]) {
          most[pixel] = value;
          positions[pixel] = (byte) k;
        }
      }
    }
    return new Drawn(positions, pixels);
  }

  private static double place(int pixel, int edge, int size) {
    return Math.max(0, Math.min(edge - 1.0, (pixel + 0.5) * edge / size - 0.5));
  }

  private static float between(float[] soft, int plane, int edge, double y, double x) {
    int top = (int) y;
    int left = (int) x;
    int bottom = Math.min(edge - 1, top + 1);
    int right = Math.min(edge - 1, left + 1);
    double down = y - top;
    double across = x - left;
    double above =
        soft[plane + top * edge + left] * (1 - across) + soft[plane + top * edge + right] * across;
    double below =
        soft[plane + bottom * edge + left] * (1 - across)
            + soft[plane + bottom * edge + right] * across;
    return (float) (above * (1 - down) + below * down);
  }

  @Override
  public void close() {
    manager.close();
  }
}
