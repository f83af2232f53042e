package io.landloom.synthesis.segment;

import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The networks that a plain segmenter can be. */
public enum Architecture {
  /** {@link UNet}. */
  U_NET("unet", UNet.STRIDE, 1) {
    @Override
    String onCards() {
      return Segmenter.ARCHITECTURE;
    }

    @Override
    List<TensorSpec> fittingLayout(int bands, int width, int classes) {
      return UNet.layout(bands, width, classes);
    }

    @Override
    SegmentationNet net(ParameterSet parameters) {
      return new UNet(parameters);
    }
  },

  /** {@link PyramidNet}. */
  PSPNET("pspnet", PyramidNet.STRIDE, PyramidNet.UNIT) {
    @Override
    List<TensorSpec> fittingLayout(int bands, int width, int classes) {
      return PyramidNet.layout(bands, width, classes);
    }

    @Override
    SegmentationNet net(ParameterSet parameters) {
      return new PyramidNet(parameters);
    }
  },

  /** {@link DeepLab}. */
  DEEPLAB_V3_PLUS("deeplabv3plus", DeepLab.STRIDE, DeepLab.UNIT) {
    @Override
    List<TensorSpec> fittingLayout(int bands, int width, int classes) {
      return DeepLab.layout(bands, width, classes);
    }

    @Override
    SegmentationNet net(ParameterSet parameters) {
      return new DeepLab(parameters);
    }
  },

  /** {@link SegFormer}. */
  SEGFORMER("segformer", SegFormer.STRIDE, 1) {
    @Override
    List<TensorSpec> fittingLayout(int bands, int width, int classes) {
      return SegFormer.layout(bands, width, classes);
    }

    @Override
    SegmentationNet net(ParameterSet parameters) {
      return new SegFormer(parameters);
    }
  };

  private final String value;
  private final int stride;
  private final int unit;

  Architecture(String value, int stride, int unit) {
    this.value = value;
    this.stride = stride;
    this.unit = unit;
  }

  /** The architecture of a setting's value. */
  public static Architecture of(String value) {
    return Arrays.stream(values())
        .filter(architecture -> architecture.value.equals(value))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "architecture '"
                        + value
                        + "' is none of "
                        + String.join(
                            ", ", Arrays.stream(values()).map(known -> known.value).toList())));
  }

  /** The architecture of a segmenter's card. */
  static Optional<Architecture> ofCard(ModelCard card) {
    return Arrays.stream(values())
        .filter(architecture -> architecture.onCards().equals(card.architecture()))
        .findFirst();
  }

  /** What a card calls it. */
  String onCards() {
    return Segmenter.ARCHITECTURE + "-" + value;
  }

  /** Pixels of the image for one cell of the coarsest map: sizes of images are multiples of it. */
  int stride() {
    return stride;
  }

  void requireWidth(int width) {
    if (width < 1) {
      throw new IllegalArgumentException("width " + width + " is below 1");
    }
    if (width % unit != 0) {
      throw new IllegalArgumentException("width " + width + " is not a multiple of " + unit);
    }
  }

  /**
   * The tensors.
   *
   * @param width channels of the first level
   * @param classes valid classes
   * @throws IllegalArgumentException if the network cannot be of this width
   */
  final List<TensorSpec> layout(int bands, int width, int classes) {
    requireWidth(width);
    return fittingLayout(bands, width, classes);
  }

  abstract List<TensorSpec> fittingLayout(int bands, int width, int classes);

  /** The network over its tensors. */
  abstract SegmentationNet net(ParameterSet parameters);
}
