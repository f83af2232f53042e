package io.landloom.synthesis.diffusion.checkpoint;

import ai.djl.ndarray.NDManager;
import io.landloom.geo.source.ByteSource;
import io.landloom.synthesis.diffusion.network.LoraAdapters;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Precision;
import io.landloom.synthesis.weights.Safetensors;
import io.landloom.synthesis.weights.SafetensorsFile;
import io.landloom.synthesis.weights.TensorSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Files of LoRA adapters, in the three ways they are named: {@code unet.LAYER.lora_A.weight} as
 * PEFT does and as is written here, {@code unet.LAYER.lora.down.weight}, and {@code
 * lora_unet_LAYER.lora_down.weight} with underscores for dots and an {@code .alpha} beside it.
 */
public final class LoraFile {
  /** Endings of the names of A, of B, and of the number alpha. */
  private static final List<String> DOWN =
      List.of(LoraAdapters.DOWN, ".lora.down.weight", ".lora_down.weight");

  private static final List<String> UP =
      List.of(LoraAdapters.UP, ".lora.up.weight", ".lora_up.weight");
  private static final String ALPHA = ".alpha";

  private LoraFile() {}

  /** The network that adapters belong to. */
  public enum Network {
    /** The denoising U-Net. */
    UNET("unet.", "lora_unet_"),
    /** The text encoder. */
    TEXT_ENCODER("text_encoder.", "lora_te_");

    private final String prefix;
    private final String flatPrefix;

    Network(String prefix, String flatPrefix) {
      this.prefix = prefix;
      this.flatPrefix = flatPrefix;
    }
  }

  /**
   * Reads the adapters of one network; those of the other are passed over.
   *
   * @param network whose adapters to read
   * @param layout tensors of that network
   * @throws ModelException listing every tensor that is missing, belongs to no layer, or does not
   *     have its layer's shape; or if there are none for this network
   * @throws IOException if it cannot be read
   */
  public static LoraAdapters read(
      ByteSource source, Network network, List<TensorSpec> layout, NDManager manager)
      throws IOException {
    SafetensorsFile file = SafetensorsFile.open(source);
    Map<String, TensorSpec> weights = new TreeMap<>();
    Map<String, String> layerOfFlat = new HashMap<>();
    for (TensorSpec spec : layout) {
      if (spec.name().endsWith(".weight") && spec.shape().length >= 2) {
        String layer = without(spec.name(), ".weight");
        weights.put(layer, spec);
        layerOfFlat.put(layer.replace('.', '_'), layer);
      }
    }
    Found found = Found.in(file, network, layerOfFlat);
    found.requireFits(source.name(), weights);
    Map<String, Double> scales = new TreeMap<>();
    for (String layer : found.layers()) {
      double rank = found.shapes.get(layer + LoraAdapters.DOWN)[0];
      String alpha = found.alphas.get(layer);
      scales.put(layer, alpha == null ? 1 : file.read(alpha).values()[0] / rank);
    }
    List<TensorSpec> adapters = new ArrayList<>();
    found.shapes.forEach(
        (name, shape) -> adapters.add(TensorSpec.trained(name, Layers.ZERO, shape)));
    return new LoraAdapters(
        ParameterSet.streamed(manager, adapters, name -> file.read(found.stored.get(name))),
        scales);
  }

  private static String without(String name, String ending) {
    return name.substring(0, name.length() - ending.length());
  }

  /** The tensors of a file that are one network's, by the names used here. */
  private record Found(
      Map<String, long[]> shapes, Map<String, String> stored, Map<String, String> alphas) {
    static Found in(SafetensorsFile file, Network network, Map<String, String> layerOfFlat) {
      Found found = new Found(new TreeMap<>(), new HashMap<>(), new HashMap<>());
      file.shapes()
          .forEach(
              (name, shape) -> {
                if (name.startsWith(network.prefix)) {
                  found.add(name, name.substring(network.prefix.length()), shape);
                } else if (name.startsWith(network.flatPrefix)) {
                  int dot = name.indexOf('.');
                  int end = dot < 0 ? name.length() : dot;
                  String flat = name.substring(network.flatPrefix.length(), end);
                  String layer = layerOfFlat.getOrDefault(flat, flat);
                  found.add(name, layer + name.substring(end), shape);
                }
              });
      if (found.shapes.isEmpty()) {
        throw new ModelException(
            file.name(), "no tensor begins with " + network.prefix + " or " + network.flatPrefix);
      }
      return found;
    }

    private void add(String name, String inNetwork, long[] shape) {
      if (inNetwork.endsWith(ALPHA)) {
        alphas.put(without(inNetwork, ALPHA), name);
        return;
      }
      String current = inNetwork;
      for (int i = 0; i < DOWN.size(); i++) {
        if (inNetwork.endsWith(DOWN.get(i))) {
          current = without(inNetwork, DOWN.get(i)) + LoraAdapters.DOWN;
        } else if (inNetwork.endsWith(UP.get(i))) {
          current = without(inNetwork, UP.get(i)) + LoraAdapters.UP;
        }
      }
      shapes.put(current, shape);
      stored.put(current, name);
    }

    /** Layers that have an A. */
    List<String> layers() {
      return shapes.keySet().stream()
          .filter(name -> name.endsWith(LoraAdapters.DOWN))
          .map(name -> without(name, LoraAdapters.DOWN))
          .toList();
    }

    private static long rank(long[] shape, int dimension, long otherwise) {
      return shape != null && shape.length > dimension ? shape[dimension] : otherwise;
    }

    void requireFits(String source, Map<String, TensorSpec> weights) {
      Map<String, long[]> expected = new TreeMap<>();
      for (String name : shapes.keySet()) {
        boolean down = name.endsWith(LoraAdapters.DOWN);
        if (!down && !name.endsWith(LoraAdapters.UP)) {
          continue;
        }
        String layer = without(name, down ? LoraAdapters.DOWN : LoraAdapters.UP);
        TensorSpec weight = weights.get(layer);
        long[] ownDown = shapes.get(layer + LoraAdapters.DOWN);
        long[] ownUp = shapes.get(layer + LoraAdapters.UP);
        if (weight != null) {
          long rank = rank(ownDown, 0, rank(ownUp, 1, 0));
          long[] downShape = weight.shape().clone();
          downShape[0] = rank;
          long[] upShape = downShape.clone();
          Arrays.fill(upShape, 1);
          upShape[0] = weight.shape()[0];
          upShape[1] = rank;
          expected.put(layer + LoraAdapters.DOWN, downShape);
          expected.put(layer + LoraAdapters.UP, upShape);
        }
      }
      NamedTensors.requireShapes(source, shapes, expected);
    }
  }

  /**
   * Writes adapters in single precision, A and B alone; the stream stays open.
   *
   * @throws IOException if it cannot be written
   */
  public static void write(OutputStream target, LoraAdapters adapters, Network network)
      throws IOException {
    Map<String, HostTensor> tensors = new TreeMap<>();
    adapters.toHost().asMap().forEach((name, tensor) -> tensors.put(network.prefix + name, tensor));
    Safetensors.write(target, new NamedTensors(tensors), Map.of("format", "pt"), Precision.F32);
  }
}
