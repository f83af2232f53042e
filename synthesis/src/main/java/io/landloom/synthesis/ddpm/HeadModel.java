package io.landloom.synthesis.ddpm;

import ai.djl.ndarray.NDArray;
import io.landloom.synthesis.diffusion.NoiseSchedule;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A head with the network it stands on: what it is made of, in training and on cards.
 *
 * @param backbone sizes of the network below
 * @param timesteps of its noise schedule
 * @param choice which of its maps are features
 * @param colours whether the head sees {@link Colours} as well
 * @param form which network the head is
 * @param network its sizes
 * @param classes valid classes
 */
record HeadModel(
    PixelUNetSizes backbone,
    int timesteps,
    FeatureChoice choice,
    boolean colours,
    HeadSettings.Form form,
    HeadSettings.Network network,
    int classes) {
  /** Beginning of the names of the network's tensors. */
  static final String BACKBONE = "backbone.";

  /** Beginning of the names of the head's own tensors. */
  static final String HEAD = "head.";

  /** The form of the shipped weights. */
  static final String INFERENCE = "on features of noisy images, float32 NCHW";

  private static final double MILLION = 1e6;
  private static final String MAP = "map_";
  private static final String SIGNAL = "signal_";
  private static final String COLOURS = "colours";

  /** The head that settings describe, on a model. */
  static HeadModel of(HeadSettings settings, ModelCard below, int classes) {
    PixelUNetSizes sizes = PixelUNetSizes.of(below);
    if (below.bands() != settings.course().bands()) {
      throw new ModelException(
          "model '" + below.name() + "'",
          "reads " + below.bands() + " bands, but bands = " + settings.course().bands());
    }
    settings.course().requireMultipleOf(sizes.stride());
    HeadSettings.Features features = settings.features();
    return new HeadModel(
        sizes,
        below.size(Ddpm.TIMESTEPS),
        FeatureChoice.of(sizes, features.half(), features.blocks(), features.signals()),
        features.colours(),
        settings.form(),
        settings.network(),
        classes);
  }

  NoiseSchedule schedule() {
    return DdpmSettings.schedule(timesteps);
  }

  /**
   * The tensors of both.
   *
   * @param role of those of the network below that the features depend on; others never change
   */
  List<TensorSpec> layout(TensorSpec.Role role) {
    List<TensorSpec> layout = new ArrayList<>();
    Predicate<String> behind = PixelUNet.behind(backbone, choice.half(), choice.blocks());
    for (TensorSpec spec : PixelUNet.layout(backbone)) {
      TensorSpec.Role own = behind.test(spec.name()) ? role : TensorSpec.Role.BUFFER;
      layout.add(new TensorSpec(BACKBONE + spec.name(), spec.shape(), spec.start(), own));
    }
    List<TensorSpec> own =
        switch (form) {
          case RESIDUAL -> ResidualHead.layout(residualSizes());
          case PIXELS -> PixelEnsemble.layout(ensembleSizes());
        };
    for (TensorSpec spec : own) {
      layout.add(new TensorSpec(HEAD + spec.name(), spec.shape(), spec.start(), spec.role()));
    }
    return layout;
  }

  private ResidualHead.Sizes residualSizes() {
    return new ResidualHead.Sizes(
        choice.channels(backbone), ownChannels(), network.width(), network.blocks(), classes);
  }

  private PixelEnsemble.Sizes ensembleSizes() {
    List<Integer> channels = new ArrayList<>(choice.channels(backbone));
    if (colours) {
      channels.add(ownChannels());
    }
    return new PixelEnsemble.Sizes(channels, network.members(), classes);
  }

  private int ownChannels() {
    return colours ? Colours.channels(backbone.bands()) : 0;
  }

  /**
   * What the head reads of images.
   *
   * @param maps their features
   * @param image (B, bands, H, W) in -1 .. 1
   */
  List<NDArray> seen(List<NDArray> maps, NDArray image) {
    if (!colours) {
      return maps;
    }
    List<NDArray> seen = new ArrayList<>(maps);
    seen.add(Colours.of(image));
    return seen;
  }

  /** The features over the tensors of both. */
  NoisyFeatures features(ParameterSet parameters) {
    return new NoisyFeatures(
        new PixelUNet(backbone, parameters.within(BACKBONE)), schedule(), choice);
  }

  /** The head over the tensors of both. */
  HeadNet net(ParameterSet parameters) {
    return switch (form) {
      case RESIDUAL -> new ResidualHead(residualSizes(), parameters.within(HEAD));
      case PIXELS -> new PixelEnsemble(ensembleSizes(), parameters.within(HEAD));
    };
  }

  /** As a card keeps it. */
  SortedMap<String, Integer> onCard() {
    SortedMap<String, Integer> sizes = new TreeMap<>(backbone.onCard());
    sizes.put(Ddpm.TIMESTEPS, timesteps);
    sizes.put("half", choice.half().ordinal());
    sizes.put("maps", choice.blocks().size());
    for (int i = 0; i < choice.blocks().size(); i++) {
      sizes.put(MAP + i, choice.blocks().get(i));
    }
    sizes.put("signals", choice.signals().size());
    for (int i = 0; i < choice.signals().size(); i++) {
      sizes.put(SIGNAL + i, (int) Math.round(choice.signals().get(i) * MILLION));
    }
    if (colours) {
      sizes.put(COLOURS, 1);
    }
    switch (form) {
      case RESIDUAL -> {
        sizes.put("width", network.width());
        sizes.put("layers", network.blocks());
      }
      case PIXELS -> sizes.put("members", network.members());
    }
    return sizes;
  }

  /**
   * The head of a card.
   *
   * @throws ModelException if it is of another model, or something is missing
   */
  static HeadModel of(ModelCard card) {
    String source = "model '" + card.name() + "'";
    HeadSettings.Form form = form(card);
    List<Integer> blocks = new ArrayList<>();
    for (int i = 0; i < card.size("maps"); i++) {
      blocks.add(number(card, MAP + i));
    }
    List<Double> signals = new ArrayList<>();
    for (int i = 0; i < card.size("signals"); i++) {
      signals.add(card.size(SIGNAL + i) / MILLION);
    }
    try {
      PixelUNetSizes sizes = PixelUNetSizes.of(card);
      PixelUNet.Half half = PixelUNet.Half.values()[number(card, "half") == 0 ? 0 : 1];
      return new HeadModel(
          sizes,
          card.size(Ddpm.TIMESTEPS),
          FeatureChoice.of(sizes, half, blocks, signals),
          card.sizes().containsKey(COLOURS),
          form,
          switch (form) {
            case RESIDUAL ->
                new HeadSettings.Network(card.size("width"), card.size("layers"), 1, 2);
            case PIXELS -> new HeadSettings.Network(1, 1, card.size("members"), 2);
          },
          card.scheme().classes().size() - 1);
    } catch (IllegalArgumentException e) {
      throw new ModelException(source, e.getMessage());
    }
  }

  private static HeadSettings.Form form(ModelCard card) {
    for (HeadSettings.Form form : HeadSettings.Form.values()) {
      if (form.onCards().equals(card.architecture()) && card.inference().equals(INFERENCE)) {
        return form;
      }
    }
    throw new ModelException(
        "model '" + card.name() + "'",
        String.format(
            "is %s (%s), not head-residual or head-pixels (%s)",
            card.architecture(), card.inference(), INFERENCE));
  }

  /** A number that may be 0. */
  private static int number(ModelCard card, String key) {
    Integer number = card.sizes().get(key);
    if (number == null || number < 0) {
      throw new ModelException("model '" + card.name() + "'", "sizes." + key + " is " + number);
    }
    return number;
  }
}
