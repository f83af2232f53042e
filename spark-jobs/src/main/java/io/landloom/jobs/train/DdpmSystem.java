package io.landloom.jobs.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.run.JobException;
import io.landloom.synthesis.ddpm.Ddpm;
import io.landloom.synthesis.ddpm.DdpmSettings;
import io.landloom.synthesis.ddpm.DdpmTrainer;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.training.ImagePlanes;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/**
 * The diffusion model of pixels.
 *
 * @param keys its keys, as HOCON
 * @param start the model it starts from, if any
 */
record DdpmSystem(String keys, OtherBundle start) implements TrainableSystem {
  private static final String START = "ddpm.start";
  private static final double HALF = 0.5;
  private static final double[] MEASURED = {0.97, 0.895, 0.521, 0.1};
  private static final int MOST_MEASURED = 64;
  private static final int DRAWING_STEPS = 50;
  private static final int ROWS = 6;

  /** The system of these keys; finds the model they name. */
  static DdpmSystem of(String keys, Configuration configuration) throws IOException {
    DdpmSystem alone = TrainableSystem.checked(new DdpmSystem(keys, OtherBundle.NOTHING));
    return new DdpmSystem(keys, ddpm(START, alone.settings().start(), configuration));
  }

  /**
   * Finds the model of this kind that a key names, if it names one.
   *
   * @throws JobException if it names something else
   */
  static OtherBundle ddpm(String key, String named, Configuration configuration)
      throws IOException {
    OtherBundle bundle = OtherBundle.find(key, named, configuration);
    try {
      bundle.open().ifPresent(Ddpm::require);
    } catch (ModelException e) {
      throw new JobException(
          JobException.Kind.USER, key + " = " + named + ": " + e.getMessage(), e);
    }
    return bundle;
  }

  private DdpmSettings settings() {
    return DdpmSettings.of(TrainableSystem.parsed(keys));
  }

  @Override
  public String name() {
    return "ddpm";
  }

  @Override
  public String identity() {
    DdpmSettings settings = settings();
    return new DdpmSettings(
            settings.size(),
            settings.timesteps(),
            DdpmSettings.NONE,
            settings.care(),
            settings.course())
        + " from "
        + start.digest();
  }

  @Override
  public Sizes sizes() {
    return NetworkTraining.sizes(settings().course());
  }

  @Override
  public Learned learned() {
    return Learned.IMAGES;
  }

  @Override
  public Training open(Start given) throws IOException {
    try {
      return NetworkTraining.open(
          new DdpmTrainer(settings(), start.open(), given.scheme(), given.set(), given.device()),
          given.checkpoint());
    } catch (ModelException e) {
      throw new JobException(JobException.Kind.USER, START + ": " + e.getMessage(), e);
    }
  }

  @Override
  public List<String> columns() {
    return List.of("image", "with noise", "cleaned", "drawn");
  }

  @Override
  public List<Integer> shown(TrainingSet set, LandCoverScheme scheme) {
    return IntStream.range(0, Math.min(ROWS, set.size())).boxed().toList();
  }

  @Override
  public List<List<Picture>> sheet(
      ModelBundle bundle, LandCoverScheme scheme, TrainingSet items, Device device) {
    List<List<Picture>> rows = new ArrayList<>();
    try (Ddpm ddpm = Ddpm.load(bundle, device);
        NativeScope scope = NativeScope.inference(ddpm.manager())) {
      NDArray drawn = ddpm.draw(items.size(), DRAWING_STEPS, settings().course().seed());
      for (int i = 0; i < items.size(); i++) {
        Raster image = items.image(i);
        Ddpm.Cleaned cleaned = ddpm.cleaned(planes(image, scope), HALF);
        rows.add(
            List.of(
                Picture.of(image),
                Picture.of(raster(cleaned.noisy())),
                Picture.of(raster(cleaned.clean())),
                Picture.of(raster(drawn.get(i).expandDims(0)))));
      }
    }
    return rows;
  }

  private static NDArray planes(Raster image, NativeScope scope) {
    float[] planes = new float[image.bands() * image.width() * image.height()];
    ImagePlanes.copy(image, planes, 0);
    return scope
        .manager()
        .create(planes, new Shape(1, image.bands(), image.height(), image.width()));
  }

  /** An image (1, bands, H, W) in -1 .. 1 as 8 bits. */
  private static Raster raster(NDArray image) {
    Shape shape = image.getShape();
    byte[] samples =
        image
            .add(1)
            .mul(127.5f)
            .round()
            .clip(0, 255)
            .transpose(0, 2, 3, 1)
            .toType(DataType.UINT8, false)
            .flatten()
            .toByteArray();
    return Raster.ofBytes((int) shape.get(3), (int) shape.get(2), (int) shape.get(1), samples);
  }

  /** The error of the predicted noise at several shares of signal; a model of no use has 1. */
  @Override
  public SortedMap<String, Double> measure(
      ModelBundle bundle, LandCoverScheme scheme, Sets sets, Device device) {
    TrainingSet validation = sets.validation();
    SortedMap<String, Double> measures = new TreeMap<>();
    int count = Math.min(MOST_MEASURED, validation.size());
    if (count == 0) {
      return measures;
    }
    try (Ddpm ddpm = Ddpm.load(bundle, device)) {
      for (double signal : MEASURED) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
          try (NativeScope scope = NativeScope.inference(ddpm.manager())) {
            sum += ddpm.cleaned(planes(validation.image(i), scope), signal).error();
          }
        }
        measures.put(String.format(Locale.ROOT, "error at signal %.3f", signal), sum / count);
      }
    }
    measures.put("patches", (double) count);
    return measures;
  }
}
