package io.landloom.benchmarks;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.image.Raster;
import io.landloom.geo.source.LocalByteSource;
import io.landloom.synthesis.NoiseKey;
import io.landloom.synthesis.diffusion.Denoiser;
import io.landloom.synthesis.diffusion.Denoising;
import io.landloom.synthesis.diffusion.DpmSolverSampler;
import io.landloom.synthesis.diffusion.Guidance;
import io.landloom.synthesis.diffusion.KeyedNoise;
import io.landloom.synthesis.diffusion.checkpoint.PublishedModel;
import io.landloom.synthesis.diffusion.checkpoint.SchedulerSettings;
import io.landloom.synthesis.diffusion.text.ClipTokenizer;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Draws one image with a published Stable Diffusion 1.x folder, and says after each part how long
 * it took and how much memory the process has held at most.
 *
 * <p>Arguments: the folder, pixels along an edge, sampling steps, the PNG to write.
 */
public final class PublishedImage {
  private static final int WORDS = 77;
  private static final double GUIDANCE = 7.5;

  private static long last = System.nanoTime();

  private PublishedImage() {}

  /** Draws the image. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    int size = Integer.parseInt(args[1]);
    int steps = Integer.parseInt(args[2]);
    PublishedModel model =
        PublishedModel.stableDiffusion(path -> LocalByteSource.open(folder.resolve(path)));
    try (NDManager manager = TorchEngine.newManager(Device.cpu())) {
      say("engine");
      NDArray texts = texts(model, manager, "a satellite image of land");
      say("text encoder, loaded, used and closed");
      NDArray latent = latent(model, manager, texts, size / 8, steps);
      Files.write(Path.of(args[3]), new PngEncoder().encode(decoded(model, manager, latent)));
      say("autoencoder, loaded and decoded");
    }
  }

  /** Nothing, and the prompt: (2, 77, 768). */
  private static NDArray texts(PublishedModel model, NDManager manager, String prompt)
      throws IOException {
    ClipTokenizer tokenizer = model.tokenizer();
    try (var encoder = model.textEncoder(manager);
        NativeScope scope = NativeScope.inference(manager)) {
      List<int[]> tokens = List.of(tokenizer.padded("", WORDS), tokenizer.padded(prompt, WORDS));
      return NativeScope.keep(encoder.network().forward(scope.manager(), tokens), manager);
    }
  }

  private static NDArray latent(
      PublishedModel model, NDManager manager, NDArray texts, int cells, int steps)
      throws IOException {
    SchedulerSettings scheduler = model.scheduler();
    try (var unet = model.unet(manager)) {
      say("U-Net, loaded");
      KeyedNoise noise = new KeyedNoise(List.of(new NoiseKey(1, "published", "image", 0, 0)));
      NDArray start = noise.start(manager, new Shape(4, cells, cells));
      NDArray[] text = {texts.get("0:1"), texts.get("1:2")};
      Denoiser[] denoisers = new Denoiser[2];
      for (int i = 0; i < 2; i++) {
        NDArray own = text[i];
        denoisers[i] =
            (x, timestep) -> unet.network().forward(x, new int[] {timestep}, own, Optional.empty());
      }
      NDArray latent =
          new Denoising(scheduler.trajectory(steps), scheduler.prediction(), new DpmSolverSampler())
              .run(start, new Guidance(GUIDANCE, 0).guided(denoisers[0], denoisers[1]), noise);
      say(steps + " guided steps");
      return latent;
    }
  }

  private static Raster decoded(PublishedModel model, NDManager manager, NDArray latent)
      throws IOException {
    try (var autoencoder = model.autoencoder(manager);
        NativeScope scope = NativeScope.inference(manager)) {
      NDArray image = autoencoder.network().decode(latent.div(autoencoder.sizes().latentScale()));
      Shape shape = image.getShape(); // (1, 3, S, S)
      float[] planes = image.toFloatArray();
      int pixels = (int) (shape.get(2) * shape.get(3));
      byte[] samples = new byte[3 * pixels];
      for (int i = 0; i < samples.length; i++) {
        float value = planes[i % 3 * pixels + i / 3];
        if (!Float.isFinite(value)) {
          throw new IllegalStateException("pixel " + i / 3 + " is " + value);
        }
        samples[i] = (byte) Math.round(Math.min(1, Math.max(0, (value + 1) / 2)) * 255);
      }
      return Raster.ofBytes((int) shape.get(3), (int) shape.get(2), 3, samples);
    }
  }

  private static void say(String done) throws IOException {
    long most =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmHWM:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow();
    long now = System.nanoTime();
    System.out.printf("%-40s %7.1f s, most memory %5d MB%n", done, (now - last) / 1e9, most / 1024);
    last = now;
  }
}
