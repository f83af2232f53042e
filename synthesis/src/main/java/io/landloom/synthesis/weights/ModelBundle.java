package io.landloom.synthesis.weights;

import io.landloom.geo.source.ByteSource;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model: its card and its tensors, as they are after storing.
 *
 * <p>On disk a bundle is a directory of {@value #CARD_FILE} and {@value #WEIGHTS_FILE}; any reader
 * of safetensors opens the latter.
 */
public final class ModelBundle {
  /** Name of the card's file. */
  public static final String CARD_FILE = "card.json";

  /** Name of the weights' file. */
  public static final String WEIGHTS_FILE = "weights.safetensors";

  private static final int MAX_CARD = 1 << 20;

  private final ModelCard card;
  private final NamedTensors tensors;
  private final Precision precision;
  private final String weightsSha256;

  private ModelBundle(
      ModelCard card, NamedTensors tensors, Precision precision, String weightsSha256) {
    this.card = card;
    this.tensors = tensors;
    this.precision = precision;
    this.weightsSha256 = weightsSha256;
  }

  /** A bundle of these tensors, rounded to the precision they will be stored in. */
  public static ModelBundle of(ModelCard card, NamedTensors tensors, Precision precision) {
    NamedTensors stored = rounded(tensors, precision);
    try {
      String sha256 =
          Safetensors.write(OutputStream.nullOutputStream(), stored, Map.of(), precision);
      return new ModelBundle(card, stored, precision, sha256);
    } catch (IOException e) {
      throw new IllegalStateException("the null stream never fails", e);
    }
  }

  private static NamedTensors rounded(NamedTensors tensors, Precision precision) {
    if (precision == Precision.F32) {
      return tensors;
    }
    Map<String, HostTensor> rounded = new TreeMap<>();
    tensors
        .asMap()
        .forEach(
            (name, tensor) -> {
              float[] values = tensor.values().clone();
              for (int i = 0; i < values.length; i++) {
                values[i] = precision.round(values[i]);
              }
              rounded.put(name, new HostTensor(tensor.shape(), values));
            });
    return new NamedTensors(rounded);
  }

  /**
   * Reads a bundle's two files.
   *
   * @throws ModelException if either is unsound or the weights are not the card's
   * @throws IOException if either cannot be read
   */
  public static ModelBundle read(ByteSource card, ByteSource weights) throws IOException {
    if (card.length() > MAX_CARD) {
      throw new ModelException(
          card.name(), "a card of " + card.length() + " bytes is over " + MAX_CARD);
    }
    byte[] json = new byte[(int) card.length()];
    card.read(0, json, 0, json.length);
    ModelCard.Parsed parsed =
        ModelCard.parse(card.name(), new String(json, StandardCharsets.UTF_8));
    Safetensors safetensors = Safetensors.read(weights);
    if (!safetensors.sha256().equals(parsed.weightsSha256())) {
      throw new ModelException(
          weights.name(),
          "SHA-256 is " + safetensors.sha256() + ", its card says " + parsed.weightsSha256());
    }
    return new ModelBundle(
        parsed.card(), safetensors.tensors(), safetensors.precision(), safetensors.sha256());
  }

  /** Writes both files into a directory, which is made where it is missing. */
  public void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    try (OutputStream cardStream = Files.newOutputStream(directory.resolve(CARD_FILE));
        OutputStream weightsStream =
            new BufferedOutputStream(Files.newOutputStream(directory.resolve(WEIGHTS_FILE)))) {
      write(cardStream, weightsStream);
    }
  }

  /** Writes both files; the streams stay open. */
  public void write(OutputStream cardStream, OutputStream weightsStream) throws IOException {
    Safetensors.write(weightsStream, tensors, Map.of(), precision);
    cardStream.write(card.render(weightsSha256, precision).getBytes(StandardCharsets.UTF_8));
    cardStream.flush();
  }

  /** The same model, whose card says what was measured of it. */
  public ModelBundle withMetrics(Map<String, Double> metrics) {
    return new ModelBundle(card.withMetrics(metrics), tensors, precision, weightsSha256);
  }

  /** What the model is. */
  public ModelCard card() {
    return card;
  }

  /** The tensors as stored. */
  public NamedTensors tensors() {
    return tensors;
  }

  /** How the weights file stores a number. */
  public Precision precision() {
    return precision;
  }

  /**
   * SHA-256 of everything that decides what the model draws: weights, structure and inference form;
   * not its name or where it comes from.
   */
  public String digest() {
    return Sha256.hex(
        String.join(
            "\n",
            weightsSha256,
            card.architecture(),
            card.scheme().toString(),
            card.patchSize() + " x " + card.bands(),
            card.sizes().toString(),
            card.inference()));
  }

  @Override
  public String toString() {
    return "model '" + card.name() + "' (" + card.architecture() + ", " + tensors + ")";
  }
}
