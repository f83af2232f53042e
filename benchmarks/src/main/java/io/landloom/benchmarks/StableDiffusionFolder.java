package io.landloom.benchmarks;

import io.landloom.synthesis.diffusion.network.Autoencoder;
import io.landloom.synthesis.diffusion.network.AutoencoderSizes;
import io.landloom.synthesis.diffusion.network.ClipTextEncoder;
import io.landloom.synthesis.diffusion.network.DenoisingUNet;
import io.landloom.synthesis.diffusion.network.UNetSizes;
import io.landloom.synthesis.weights.TensorSpec;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Writes a folder as Stable Diffusion 1.5 is published in: its files, names and shapes, in half
 * precision, with random weights (2.1 GB). What it draws is noise; loading and memory are real.
 *
 * <p>Argument: the folder.
 */
public final class StableDiffusionFolder {
  private static final short ONE = 0x3C00;
  private static final int HALF_BIAS = 15;
  private static final int VOCABULARY = 49408;

  private static final String INDEX =
      """
      {"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DConditionModel"],
       "vae": ["diffusers", "AutoencoderKL"], "text_encoder": ["transformers", "CLIPTextModel"],
       "tokenizer": ["transformers", "CLIPTokenizer"],
       "scheduler": ["diffusers", "DPMSolverMultistepScheduler"]}
      """;
  private static final String SCHEDULER =
      """
      {"_class_name": "DPMSolverMultistepScheduler", "beta_start": 0.00085, "beta_end": 0.012,
       "beta_schedule": "scaled_linear", "num_train_timesteps": 1000, "steps_offset": 1}
      """;
  private static final String UNET =
      """
      {"_class_name": "UNet2DConditionModel", "in_channels": 4, "out_channels": 4,
       "block_out_channels": [320, 640, 1280, 1280], "layers_per_block": 2,
       "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D",
                            "CrossAttnDownBlock2D", "DownBlock2D"],
       "attention_head_dim": 8, "cross_attention_dim": 768, "norm_num_groups": 32}
      """;
  private static final String VAE =
      """
      {"_class_name": "AutoencoderKL", "in_channels": 3, "out_channels": 3, "latent_channels": 4,
       "block_out_channels": [128, 256, 512, 512], "layers_per_block": 2,
       "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D",
                            "DownEncoderBlock2D"],
       "norm_num_groups": 32, "scaling_factor": 0.18215}
      """;
  private static final String TEXT =
      """
      {"vocab_size": 49408, "max_position_embeddings": 77, "hidden_size": 768,
       "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12,
       "hidden_act": "quick_gelu"}
      """;

  private StableDiffusionFolder() {}

  /** Writes the folder. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    text(folder, "model_index.json", INDEX);
    text(folder, "scheduler/scheduler_config.json", SCHEDULER);
    text(folder, "unet/config.json", UNET);
    text(folder, "vae/config.json", VAE);
    text(folder, "text_encoder/config.json", TEXT);
    text(folder, "tokenizer/vocab.json", vocabulary());
    text(folder, "tokenizer/merges.txt", "#version: 0.2\nl a\nla n\nlan d</w>\n");
    weights(
        folder,
        "unet/diffusion_pytorch_model.safetensors",
        DenoisingUNet.layout(UNetSizes.STABLE_DIFFUSION_1));
    weights(
        folder,
        "vae/diffusion_pytorch_model.safetensors",
        Autoencoder.layout(AutoencoderSizes.STABLE_DIFFUSION_1));
    weights(
        folder,
        "text_encoder/model.safetensors",
        ClipTextEncoder.layout(ClipTextEncoder.Sizes.STABLE_DIFFUSION_1));
  }

  private static void text(Path folder, String path, String text) throws IOException {
    Files.createDirectories(folder.resolve(path).getParent());
    Files.writeString(folder.resolve(path), text);
  }

  /** The bytes' letters, a few pieces, and names without a meaning up to the published number. */
  private static String vocabulary() {
    List<String> tokens = new ArrayList<>();
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b > ' ' && b <= '~') || (b >= 0xA1 && b != 0xAD);
      String letter = String.valueOf((char) (printable ? b : next++));
      tokens.add(letter);
      tokens.add(letter + "</w>");
    }
    tokens.addAll(List.of("la", "lan", "land</w>"));
    while (tokens.size() < VOCABULARY - 2) {
      tokens.add("unused " + tokens.size());
    }
    tokens.addAll(List.of("<|startoftext|>", "<|endoftext|>"));
    StringBuilder json = new StringBuilder("{");
    for (int i = 0; i < tokens.size(); i++) {
      String token = tokens.get(i).replace("\\", "\\\\").replace("\"", "\\\"");
      json.append(i == 0 ? "" : ", ").append('"').append(token).append("\": ").append(i);
    }
    return json.append("}").toString();
  }

  /** A file of safetensors: the header's length, the header, the tensors one after the other. */
  private static void weights(Path folder, String path, List<TensorSpec> layout)
      throws IOException {
    StringBuilder header = new StringBuilder("{");
    long offset = 0;
    for (TensorSpec spec : layout) {
      long end = offset + 2 * numbers(spec);
      String shape =
          Arrays.stream(spec.shape()).mapToObj(Long::toString).collect(Collectors.joining(", "));
      header.append(
          String.format(
              "%s\"%s\": {\"dtype\": \"F16\", \"shape\": [%s], \"data_offsets\": [%d, %d]}",
              offset == 0 ? "" : ", ", spec.name(), shape, offset, end));
      offset = end;
    }
    byte[] json = header.append("}").toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length);
    SplittableRandom random = new SplittableRandom(1);
    try (OutputStream file =
        new BufferedOutputStream(Files.newOutputStream(folder.resolve(path)), 1 << 20)) {
      file.write(length.array());
      file.write(json);
      for (TensorSpec spec : layout) {
        write(file, spec, random);
      }
    }
    System.out.printf("%s: %d tensors, %.0f MB%n", path, layout.size(), offset / 1e6);
  }

  private static long numbers(TensorSpec spec) {
    return Arrays.stream(spec.shape()).reduce(1, Math::multiplyExact);
  }

  /** Scales of 1, biases of 0, and otherwise random signs and fractions at a layer's magnitude. */
  private static void write(OutputStream file, TensorSpec spec, SplittableRandom random)
      throws IOException {
    ByteBuffer row = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    int exponent = exponent(spec);
    long left = numbers(spec);
    while (left > 0) {
      row.clear();
      for (; left > 0 && row.hasRemaining(); left--) {
        row.putShort(spec.shape().length == 1 ? constant(spec) : random(exponent, random));
      }
      file.write(row.array(), 0, row.position());
    }
  }

  private static short constant(TensorSpec spec) {
    return spec.name().endsWith("weight") ? ONE : 0;
  }

  private static short random(int exponent, SplittableRandom random) {
    int bits = random.nextInt();
    return (short) ((bits & 0x8000) | (exponent << 10) | (bits & 0x3FF));
  }

  /** That of about one over the root of a layer's inputs, as a half has it. */
  private static int exponent(TensorSpec spec) {
    double inputs = numbers(spec) / (double) spec.shape()[0];
    return HALF_BIAS - 1 - (int) Math.round(Math.log(inputs) / Math.log(4));
  }
}
