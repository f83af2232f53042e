package io.landloom.synthesis.diffusion.checkpoint;

import ai.djl.ndarray.NDManager;
import io.landloom.geo.source.ByteSource;
import io.landloom.synthesis.diffusion.network.Autoencoder;
import io.landloom.synthesis.diffusion.network.AutoencoderSizes;
import io.landloom.synthesis.diffusion.network.ClipTextEncoder;
import io.landloom.synthesis.diffusion.network.ControlNet;
import io.landloom.synthesis.diffusion.network.DenoisingUNet;
import io.landloom.synthesis.diffusion.network.UNetSizes;
import io.landloom.synthesis.diffusion.text.ClipTokenizer;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.SafetensorsFile;
import io.landloom.synthesis.weights.TensorSpec;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model's folder in the diffusers format: of Stable Diffusion 1.x with its parts in folders of
 * their own, or of a ControlNet alone.
 *
 * <p>Every part is loaded by the names of its tensors, one tensor at a time; a missing, extra or
 * misshapen one is an error that lists them all. Older names of the same tensors are known.
 */
public final class PublishedModel {
  private static final String PIPELINE = "StableDiffusionPipeline";
  private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";
  private static final String POSITION_IDS = "text_model.embeddings.position_ids";
  private static final Map<String, String> OLD_ATTENTION =
      Map.of(
          ".query.", ".to_q.",
          ".key.", ".to_k.",
          ".value.", ".to_v.",
          ".proj_attn.", ".to_out.0.");

  private final ModelFiles files;

  private PublishedModel(ModelFiles files) {
    this.files = files;
  }

  /**
   * A folder of Stable Diffusion.
   *
   * @throws ModelException if its {@code model_index.json} names another pipeline
   * @throws IOException if that cannot be read
   */
  public static PublishedModel stableDiffusion(ModelFiles files) throws IOException {
    JsonFile index = JsonFile.read(files, "model_index.json");
    String pipeline = index.text("_class_name", "");
    if (!pipeline.equals(PIPELINE)) {
      throw new ModelException(
          index.name(), "_class_name is '" + pipeline + "', only " + PIPELINE + " is implemented");
    }
    return new PublishedModel(files);
  }

  /** A folder of a ControlNet. */
  public static PublishedModel controlNet(ModelFiles files) {
    return new PublishedModel(files);
  }

  /**
   * A network and its arrays, which it needs as long as it is used.
   *
   * @param <N> the network
   * @param <S> its sizes
   */
  public record Loaded<N, S>(N network, S sizes, ParameterSet parameters) implements AutoCloseable {
    @Override
    public void close() {
      parameters.close();
    }
  }

  /** The U-Net of {@code unet/}. */
  public Loaded<DenoisingUNet, UNetSizes> unet(NDManager manager) throws IOException {
    UNetSizes sizes = Configurations.unet(JsonFile.read(files, "unet/config.json"));
    ParameterSet parameters = load(manager, "unet/" + WEIGHTS, DenoisingUNet.layout(sizes));
    return new Loaded<>(new DenoisingUNet(sizes, parameters), sizes, parameters);
  }

  /** The autoencoder of {@code vae/}. */
  public Loaded<Autoencoder, AutoencoderSizes> autoencoder(NDManager manager) throws IOException {
    AutoencoderSizes sizes = Configurations.autoencoder(JsonFile.read(files, "vae/config.json"));
    ParameterSet parameters = load(manager, "vae/" + WEIGHTS, Autoencoder.layout(sizes));
    return new Loaded<>(new Autoencoder(sizes, parameters), sizes, parameters);
  }

  /** The text encoder of {@code text_encoder/}. */
  public Loaded<ClipTextEncoder, ClipTextEncoder.Sizes> textEncoder(NDManager manager)
      throws IOException {
    ClipTextEncoder.Sizes sizes =
        Configurations.textEncoder(JsonFile.read(files, "text_encoder/config.json"));
    ParameterSet parameters =
        load(manager, "text_encoder/model.safetensors", ClipTextEncoder.layout(sizes));
    return new Loaded<>(new ClipTextEncoder(sizes, parameters), sizes, parameters);
  }

  /** The ControlNet of this folder. */
  public Loaded<ControlNet, ControlNet.Sizes> controlNet(NDManager manager) throws IOException {
    ControlNet.Sizes sizes = Configurations.controlNet(JsonFile.read(files, "config.json"));
    ParameterSet parameters = load(manager, WEIGHTS, ControlNet.layout(sizes));
    return new Loaded<>(new ControlNet(sizes, parameters), sizes, parameters);
  }

  /** The tokenizer of {@code tokenizer/}. */
  public ClipTokenizer tokenizer() throws IOException {
    Map<String, Integer> vocabulary = JsonFile.read(files, "tokenizer/vocab.json").integers();
    List<String> merges = JsonFile.text(files, "tokenizer/merges.txt").lines().toList();
    return new ClipTokenizer("tokenizer", vocabulary, merges);
  }

  /** The scheduler of {@code scheduler/}. */
  public SchedulerSettings scheduler() throws IOException {
    return Configurations.scheduler(JsonFile.read(files, "scheduler/scheduler_config.json"));
  }

  private ParameterSet load(NDManager manager, String path, List<TensorSpec> layout)
      throws IOException {
    try (ByteSource source = files.open(path)) {
      SafetensorsFile file = SafetensorsFile.open(source);
      Map<String, String> stored = new HashMap<>();
      Map<String, long[]> shapes = new TreeMap<>();
      file.shapes()
          .forEach(
              (name, shape) -> {
                String current = currentName(path, name);
                if (!current.equals(POSITION_IDS)) { // 0, 1, 2, ..: no weights
                  stored.put(current, name);
                  shapes.put(current, shape);
                }
              });
      NamedTensors.requireShapes(path, shapes, TensorSpec.shapes(layout));
      return ParameterSet.streamed(manager, layout, name -> file.read(stored.get(name)));
    }
  }

  /** The name that this tensor has in Stable Diffusion's folders of today. */
  private static String currentName(String path, String name) {
    if (path.startsWith("text_encoder/")) {
      return name.startsWith("text_model.") ? name : "text_model." + name;
    }
    if (path.startsWith("vae/") && name.contains(".attentions.")) {
      for (Map.Entry<String, String> old : OLD_ATTENTION.entrySet()) {
        if (name.contains(old.getKey())) {
          return name.replace(old.getKey(), old.getValue());
        }
      }
    }
    return name;
  }
}
