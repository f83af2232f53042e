package io.landloom.jobs.train;

import ai.djl.Device;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.ByteSource;
import io.landloom.jobs.run.JobException;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;

/** A model that {@code train} can train; there is one implementation a value of {@code model}. */
public sealed interface TrainableSystem extends Serializable
    permits CsebganSystem,
        SegmenterSystem,
        FeaturesSystem,
        AutoencoderSystem,
        DenoiserSystem,
        AdaptersSystem,
        ControlNetSystem,
        DdpmSystem,
        HeadSystem {
  /**
   * The system of a name, with its keys.
   *
   * @param section gives the configuration below a name
   * @throws JobException if there is no such system, or its keys are not right
   */
  static TrainableSystem of(
      String model, Function<String, Config> section, Configuration configuration)
      throws IOException {
    return switch (model) {
      case "csebgan" -> CsebganSystem.of(rendered(section.apply(model)), configuration);
      case "segmenter" -> checked(new SegmenterSystem(rendered(section.apply(model))));
      case "features" -> checked(new FeaturesSystem(rendered(section.apply(model))));
      case "autoencoder" -> checked(new AutoencoderSystem(rendered(section.apply(model))));
      case "denoiser" -> DenoiserSystem.of(rendered(section.apply(model)), configuration);
      case "adapters" -> AdaptersSystem.of(rendered(section.apply(model)), configuration);
      case "controlnet" -> ControlNetSystem.of(rendered(section.apply(model)), configuration);
      case "ddpm" -> DdpmSystem.of(rendered(section.apply(model)), configuration);
      case "head" -> HeadSystem.of(rendered(section.apply(model)), configuration);
      default ->
          throw JobException.user(
              "model = "
                  + model
                  + ": train knows csebgan, segmenter, features, autoencoder, denoiser, adapters,"
                  + " controlnet, ddpm and head; give --set model=csebgan");
    };
  }

  private static String rendered(Config keys) {
    return keys.root().render(ConfigRenderOptions.concise());
  }

  /** The system, if its settings can be read. */
  static <T extends TrainableSystem> T checked(T system) {
    try {
      system.sizes();
      return system;
    } catch (IllegalArgumentException e) {
      throw new JobException(JobException.Kind.USER, system.name() + ": " + e.getMessage(), e);
    }
  }

  /** What is made of settings and bundles, if they fit each other. */
  static <T> T refused(Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw new JobException(JobException.Kind.USER, e.getMessage(), e);
    }
  }

  /** Keys as settings read them. */
  static Config parsed(String keys) {
    return ConfigFactory.parseString(keys);
  }

  /**
   * What a training needs to be told.
   *
   * @param steps training steps
   * @param patchSize pixels along an edge
   * @param bands samples a pixel; {@link #ANY_BANDS} where images are not looked at
   */
  record Sizes(int steps, int patchSize, int bands) {
    /** Images of any samples. */
    public static final int ANY_BANDS = 0;
  }

  /**
   * What a training starts from.
   *
   * @param scheme the classes
   * @param set the patches to learn from
   * @param device where it computes
   * @param checkpoint what an interrupted training left
   */
  record Start(
      LandCoverScheme scheme, TrainingSet set, Device device, Optional<ByteSource> checkpoint) {}

  /** A training that goes on step by step. */
  interface Training extends AutoCloseable {
    /** Steps taken. */
    long steps();

    /** Takes a step and gives its losses by name. */
    Map<String, Float> step();

    /** Writes a checkpoint. */
    void save(OutputStream target) throws IOException;

    /** The model as it would ship now. */
    ModelBundle bundle(TrainingTask.Card card);

    @Override
    void close();
  }

  /** The system's name, as {@code model} gives it. */
  String name();

  /** Everything of the configuration that decides the result. */
  String identity();

  /** Sizes of the training. */
  Sizes sizes();

  /** What a system learns from. */
  enum Learned {
    /** Images with their masks. */
    LABELLED_PATCHES,
    /** Images, whether there are masks or not. */
    IMAGES
  }

  /** What it learns from. */
  default Learned learned() {
    return Learned.LABELLED_PATCHES;
  }

  /** Whether it reads captions of the masks. */
  default boolean readsCaptions() {
    return false;
  }

  /** The items that a sheet shows, by their numbers. */
  default List<Integer> shown(TrainingSet set, LandCoverScheme scheme) {
    return SampleSheet.items(set, scheme);
  }

  /** Opens a training. */
  Training open(Start start) throws IOException;

  /** What the columns of a sheet show. */
  List<String> columns();

  /** The rows of a sheet, one an item of the set, each with a picture a column. */
  List<List<Picture>> sheet(
      ModelBundle bundle, LandCoverScheme scheme, TrainingSet items, Device device);

  /**
   * What a model is measured with.
   *
   * @param training what it learned from
   * @param validation what it did not; may be empty
   */
  record Sets(TrainingSet training, TrainingSet validation) {}

  /** What is measured of a model on patches it did not learn from, by name. */
  SortedMap<String, Double> measure(
      ModelBundle bundle, LandCoverScheme scheme, Sets sets, Device device);
}
