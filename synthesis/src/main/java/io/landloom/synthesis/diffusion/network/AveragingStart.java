package io.landloom.synthesis.diffusion.network;

import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.NamedTensors;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Weights with which an autoencoder, before it has learnt anything, shrinks images to the means of
 * its cells and enlarges them linearly, colours included; only the outermost pixels are darker,
 * where convolutions see zeros.
 *
 * <p>Aerial images are nearly grey: the differences between their bands vary some hundred times
 * less than their brightness, so that a network that starts at random learns them last, if it has
 * the time at all. Here they have latents of their own from the start. What a cell's mean does not
 * say is left to be learnt, in every channel.
 *
 * <p>How: a few <em>signals</em> travel through the network beside its random channels, the first
 * the bands' mean, the others {@value #GAIN} times a band's difference from it. Each is carried by
 * two channels of opposite sign, because {@code silu(x) - silu(-x) = x}, next to two constant ones
 * in the same group of the normalisation, so large that they alone make up its deviation, which is
 * known then; the random channels do not see them. The branches of residual blocks and of attention
 * start at zero.
 */
public final class AveragingStart {
  private static final float GAIN = 4;
  private static final float CONSTANT = 10;
  private static final float LOG_VARIANCE = -6;

  private final AutoencoderSizes sizes;
  private final Map<String, HostTensor> tensors;
  private final int group; // channels of the narrowest group

  private AveragingStart(AutoencoderSizes sizes, NamedTensors random) {
    this.sizes = sizes;
    this.tensors = new TreeMap<>(random.asMap());
    this.group = sizes.widths().get(0) / sizes.groups();
  }

  /**
   * The weights.
   *
   * @param random weights of the same sizes, which the others keep
   * @throws IllegalArgumentException if the sizes have no room for it
   */
  public static NamedTensors of(AutoencoderSizes sizes, NamedTensors random) {
    require(sizes);
    AveragingStart start = new AveragingStart(sizes, random);
    start.silenceBranches();
    start.setEncoder();
    start.setDecoder();
    return new NamedTensors(start.tensors);
  }

  /**
   * Checks that there is room.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static void require(AutoencoderSizes sizes) {
    int first = sizes.widths().get(0);
    int signals = Math.max(0, (first / sizes.groups() - 2) / 2) * sizes.groups();
    boolean multiples = sizes.widths().stream().allMatch(width -> width % first == 0);
    if (sizes.latentChannels() < sizes.bands() || signals < sizes.bands() || !multiples) {
      throw new IllegalArgumentException(
          String.format(
              "start = averages needs room for %d channels of what is encoded: latentChannels is %d,"
                  + " widths %s (each a multiple of the first), and %d groups carry %d; choose"
                  + " others, or start = random",
              sizes.bands(), sizes.latentChannels(), sizes.widths(), sizes.groups(), signals));
    }
  }

  private void silenceBranches() {
    for (String name : tensors.keySet()) {
      if (name.contains(".conv2.") || name.contains(".to_out.0.")) {
        HostTensor old = tensors.get(name);
        tensors.put(name, new HostTensor(old.shape(), new float[old.values().length]));
      }
    }
  }

  private void setEncoder() {
    Layer first = new Layer("encoder.conv_in");
    first.silence(carried());
    for (int signal = 0; signal < sizes.bands(); signal++) {
      for (int band = 0; band < sizes.bands(); band++) {
        float share = ofBand(signal, band);
        first.weight(channel(signal), band, Kernel.CENTRE, share);
        first.weight(channel(signal) + 1, band, Kernel.CENTRE, -share);
      }
    }
    first.addConstants();
    for (int level = 0; level < sizes.widths().size(); level++) {
      carry("encoder.down_blocks." + level + ".resnets.0.conv_shortcut", Kernel.CENTRE);
      carry("encoder.down_blocks." + level + ".downsamplers.0.conv", Kernel.MEAN);
    }
    Layer head = new Layer("encoder.conv_out");
    head.silence(sizes.bands());
    for (int signal = 0; signal < sizes.bands(); signal++) {
      float deviation = deviation(signal, sizes.deepest());
      head.weight(signal, channel(signal), Kernel.CENTRE, deviation);
      head.weight(signal, channel(signal) + 1, Kernel.CENTRE, -deviation);
    }
    Layer moments = new Layer("quant_conv");
    moments.silence(sizes.bands());
    for (int signal = 0; signal < sizes.bands(); signal++) {
      moments.weight(signal, signal, Kernel.CENTRE, 1);
    }
    for (int channel = 0; channel < sizes.latentChannels(); channel++) {
      moments.constant(sizes.latentChannels() + channel, LOG_VARIANCE);
    }
  }

  private void setDecoder() {
    Layer latents = new Layer("post_quant_conv");
    latents.silence(sizes.bands());
    Layer first = new Layer("decoder.conv_in");
    first.silence(carried());
    for (int signal = 0; signal < sizes.bands(); signal++) {
      latents.weight(signal, signal, Kernel.CENTRE, 1);
      first.weight(channel(signal), signal, Kernel.CENTRE, 1);
      first.weight(channel(signal) + 1, signal, Kernel.CENTRE, -1);
    }
    first.addConstants();
    for (int block = 0; block < sizes.widths().size(); block++) {
      carry("decoder.up_blocks." + block + ".resnets.0.conv_shortcut", Kernel.CENTRE);
      carry("decoder.up_blocks." + block + ".upsamplers.0.conv", Kernel.LINEAR);
    }
    Layer head = new Layer("decoder.conv_out");
    head.silence(sizes.bands());
    for (int signal = 0; signal < sizes.bands(); signal++) {
      float deviation = deviation(signal, sizes.widths().get(0));
      for (int band = 0; band < sizes.bands(); band++) {
        float share = toBand(signal, band) * deviation;
        head.weight(band, channel(signal), Kernel.CENTRE, share);
        head.weight(band, channel(signal) + 1, Kernel.CENTRE, -share);
      }
    }
  }

  /** What a band gives to a signal. */
  private float ofBand(int signal, int band) {
    float mean = 1f / sizes.bands();
    if (signal == 0) {
      return mean;
    }
    return GAIN * ((band == signal - 1 ? 1 : 0) - mean);
  }

  /** What a signal gives to a band: of the last one, whose difference has none, minus all. */
  private float toBand(int signal, int band) {
    if (signal == 0) {
      return 1;
    }
    boolean last = band == sizes.bands() - 1;
    return (last ? -1 : band == signal - 1 ? 1 : 0) / GAIN;
  }

  private int signalsOfGroup() {
    return (group - 2) / 2;
  }

  private int groupsWithSignals() {
    return (sizes.bands() + signalsOfGroup() - 1) / signalsOfGroup();
  }

  /** Channels that are set, from the first on. */
  private int carried() {
    return groupsWithSignals() * group;
  }

  /** The first of a signal's two channels, of which the second has the opposite sign. */
  private int channel(int signal) {
    return signal / signalsOfGroup() * group + 2 * (signal % signalsOfGroup());
  }

  /** Deviation of the normalised group that holds a signal, by its constants. */
  private float deviation(int signal, int width) {
    int wide = width / sizes.groups();
    int from = channel(signal) / wide * wide;
    int pairs = Math.min(carried(), from + wide) / group - from / group;
    return (float) (CONSTANT * Math.sqrt(2.0 * pairs / wide));
  }

  /** A layer that hands the signals and constants on, where the network has it. */
  private void carry(String name, Kernel kernel) {
    if (!tensors.containsKey(name + ".weight")) {
      return;
    }
    Layer layer = new Layer(name);
    layer.silence(carried());
    for (int channel = 0; channel < carried(); channel++) {
      layer.weight(channel, channel, kernel, 1);
    }
    for (int i = 1; i <= groupsWithSignals(); i++) {
      layer.ignore(i * group - 2);
      layer.ignore(i * group - 1);
    }
  }

  /** Where in its window a kernel of 3 x 3, or of 1 x 1, looks. */
  private enum Kernel {
    CENTRE(0, 0, 0, 0, 1, 0, 0, 0, 0),
    // of a stride of 2 whose window begins at the cell
    MEAN(0.25f, 0.25f, 0, 0.25f, 0.25f, 0, 0, 0, 0),
    // after each cell was repeated
    LINEAR(1 / 16f, 1 / 8f, 1 / 16f, 1 / 8f, 1 / 4f, 1 / 8f, 1 / 16f, 1 / 8f, 1 / 16f);

    private final float[] of3x3;

    Kernel(float... of3x3) {
      this.of3x3 = of3x3;
    }
  }

  /** A convolution of which rows are set. */
  private final class Layer {
    private final int in;
    private final int window;
    private final float[] weights;
    private final float[] biases;

    Layer(String name) {
      HostTensor weight = tensors.get(name + ".weight");
      HostTensor bias = tensors.get(name + ".bias");
      this.in = Math.toIntExact(weight.shape()[1]);
      this.window = Math.toIntExact(weight.shape()[2] * weight.shape()[3]);
      this.weights = weight.values().clone();
      this.biases = bias.values().clone();
      tensors.put(name + ".weight", new HostTensor(weight.shape(), weights));
      tensors.put(name + ".bias", new HostTensor(bias.shape(), biases));
    }

    /** The first outputs are zero. */
    void silence(int outputs) {
      for (int output = 0; output < outputs; output++) {
        constant(output, 0);
      }
    }

    /** No random output sees an input. */
    void ignore(int input) {
      for (int output = carried(); output < biases.length; output++) {
        int at = (output * in + input) * window;
        Arrays.fill(weights, at, at + window, 0);
      }
    }

    void constant(int output, float value) {
      Arrays.fill(weights, output * in * window, (output + 1) * in * window, 0);
      biases[output] = value;
    }

    void weight(int output, int input, Kernel kernel, float factor) {
      int at = (output * in + input) * window;
      if (window == 1) {
        weights[at] = factor;
        return;
      }
      for (int i = 0; i < window; i++) {
        weights[at + i] = kernel.of3x3[i] * factor;
      }
    }

    /** The last two channels of every group with signals. */
    void addConstants() {
      for (int i = 1; i <= groupsWithSignals(); i++) {
        constant(i * group - 2, CONSTANT);
        constant(i * group - 1, -CONSTANT);
      }
    }
  }
}
