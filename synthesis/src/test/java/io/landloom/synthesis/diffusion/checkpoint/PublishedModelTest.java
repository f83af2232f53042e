package io.landloom.synthesis.diffusion.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.landloom.geo.source.ByteSource;
import io.landloom.geo.source.MemoryByteSource;
import io.landloom.synthesis.diffusion.Fixtures;
import io.landloom.synthesis.diffusion.NoiseLevel;
import io.landloom.synthesis.diffusion.Prediction;
import io.landloom.synthesis.diffusion.Trajectory.Spacing;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Precision;
import io.landloom.synthesis.weights.Safetensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishedModelTest {
  private static final ModelFiles FILES = Fixtures.folder("tiny-sd");
  private static final String VAE = "vae/diffusion_pytorch_model.safetensors";
  private static final String TEXT = "text_encoder/model.safetensors";

  private NDManager manager;

  @BeforeEach
  void open() {
    manager = TorchEngine.newManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
  }

  /** The folder with one file changed. */
  private static PublishedModel with(String path, byte[] bytes) throws IOException {
    return PublishedModel.stableDiffusion(
        asked -> asked.equals(path) ? new MemoryByteSource(path, bytes) : FILES.open(asked));
  }

  private static byte[] bytes(String path) throws IOException {
    try (ByteSource source = FILES.open(path)) {
      byte[] bytes = new byte[(int) source.length()];
      source.read(0, bytes, 0, bytes.length);
      return bytes;
    }
  }

  /** A text file with a part replaced. */
  private static byte[] edited(String path, String part, String by) throws IOException {
    String text = new String(bytes(path), StandardCharsets.UTF_8);
    assertEquals(true, text.contains(part), path + " has " + part);
    return text.replace(part, by).getBytes(StandardCharsets.UTF_8);
  }

  /** A weights file with its tensors changed. */
  private static byte[] changed(String path, Consumer<Map<String, HostTensor>> change)
      throws IOException {
    Map<String, HostTensor> tensors =
        new TreeMap<>(Safetensors.read(FILES.open(path)).tensors().asMap());
    change.accept(tensors);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    Safetensors.write(file, new NamedTensors(tensors), Map.of(), Precision.F32);
    return file.toByteArray();
  }

  private static HostTensor zeros(long... shape) {
    int count = 1;
    for (long size : shape) {
      count *= (int) size;
    }
    return new HostTensor(shape, new float[count]);
  }

  @Test
  void everyTensorThatDoesNotFitIsListed() throws IOException {
    byte[] file =
        changed(
            VAE,
            tensors -> {
              tensors.remove("decoder.conv_in.bias");
              tensors.put("ema.decay", zeros(1));
              tensors.put("quant_conv.weight", zeros(8, 8, 3, 3));
            });
    PublishedModel model = with(VAE, file);
    ModelException e = assertThrows(ModelException.class, () -> model.autoencoder(manager));
    assertEquals(
        VAE
            + ": 3 tensors do not fit: missing decoder.conv_in.bias (8); extra ema.decay (1);"
            + " misshapen quant_conv.weight (8, 8, 3, 3) instead of (8, 8, 1, 1)",
        e.getMessage());
  }

  private static void rename(Map<String, HostTensor> tensors, String part, String by) {
    for (String name : Map.copyOf(tensors).keySet()) {
      if (name.contains(part)) {
        tensors.put(name.replace(part, by), tensors.remove(name));
      }
    }
  }

  @Test
  void theAutoencodersOldNamesOfAttentionAreKnown() throws IOException {
    byte[] file =
        changed(
            VAE,
            tensors -> {
              rename(tensors, ".to_q.", ".query.");
              rename(tensors, ".to_k.", ".key.");
              rename(tensors, ".to_v.", ".value.");
              rename(tensors, ".to_out.0.", ".proj_attn.");
            });
    try (var old = with(VAE, file).autoencoder(manager);
        var current = Fixtures.model().autoencoder(manager)) {
      assertEquals(current.parameters().toHost(), old.parameters().toHost());
    }
  }

  @Test
  void theTextEncodersNamesWithTheirRootAreKnownAndPositionsPassedOver() throws IOException {
    byte[] file =
        changed(
            TEXT,
            tensors -> {
              for (String name : Map.copyOf(tensors).keySet()) {
                tensors.put("text_model." + name, tensors.remove(name));
              }
              tensors.put("text_model.embeddings.position_ids", zeros(1, 77));
            });
    try (var rooted = with(TEXT, file).textEncoder(manager);
        var plain = Fixtures.model().textEncoder(manager)) {
      assertEquals(plain.parameters().toHost(), rooted.parameters().toHost());
    }
  }

  @Test
  void anotherPipelineIsRefused() throws IOException {
    byte[] index = edited("model_index.json", "\"StableDiffusionPipeline\"", "\"OtherPipeline\"");
    ModelException e = assertThrows(ModelException.class, () -> with("model_index.json", index));
    assertEquals(
        "model_index.json: _class_name is 'OtherPipeline', only StableDiffusionPipeline is"
            + " implemented",
        e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"act_fn\": \"silu\"|\"act_fn\": \"relu\"|act_fn is relu, only silu is implemented",
        "\"norm_eps\": 1e-05|\"norm_eps\": 1e-06|norm_eps is 1.0E-6, only 1.0E-5 is implemented",
        "\"addition_embed_type\": null|\"addition_embed_type\": \"text\"|addition_embed_type is"
            + " text, only its absence is implemented",
        "\"CrossAttnUpBlock2D\"|\"UpBlock2D\"|up_block_types is [UpBlock2D, UpBlock2D, UpBlock2D],"
            + " only [UpBlock2D, CrossAttnUpBlock2D, CrossAttnUpBlock2D] is implemented",
        "\"layers_per_block\": 1|\"layers_per_block\": \"x\"|layers_per_block is no number: x",
        "\"in_channels\": 4,||in_channels is missing"
      })
  void whatIsNotImplementedIsRefused(String part, String by, String message) throws IOException {
    String path = "unet/config.json";
    PublishedModel model = with(path, edited(path, part, by == null ? "" : by));
    ModelException e = assertThrows(ModelException.class, () -> model.unet(manager));
    assertEquals(path + ": " + message, e.getMessage());
  }

  @Test
  void aNestedConfigurationIsRefused() throws IOException {
    byte[] deep = ("{\"a\":" + "[".repeat(1000)).getBytes(StandardCharsets.UTF_8);
    ModelException e = assertThrows(ModelException.class, () -> with("model_index.json", deep));
    assertEquals("model_index.json: nested deeper than 16", e.getMessage());
  }

  @Test
  void theSchedulerSaysHowToSample() throws IOException {
    SchedulerSettings ddim = Fixtures.model().scheduler();
    assertEquals(Prediction.NOISE, ddim.prediction());
    assertEquals(Spacing.LEADING, ddim.spacing());
    assertEquals(1, ddim.offset());
    assertEquals(ddim.schedule().level(0), ddim.end());
    String path = "scheduler/scheduler_config.json";
    byte[] edited = edited(path, "\"DDIMScheduler\"", "\"DPMSolverMultistepScheduler\"");
    SchedulerSettings solver = with(path, edited).scheduler();
    assertEquals(Spacing.SOLVER_LEADING, solver.spacing());
    assertEquals(NoiseLevel.CLEAN, solver.end());
  }
}
