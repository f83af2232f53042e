package io.landloom.benchmarks;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.sun.management.OperatingSystemMXBean;
import io.landloom.geo.source.LocalByteSource;
import io.landloom.synthesis.NoiseKey;
import io.landloom.synthesis.diffusion.DdimSampler;
import io.landloom.synthesis.diffusion.Denoiser;
import io.landloom.synthesis.diffusion.Denoising;
import io.landloom.synthesis.diffusion.Guidance;
import io.landloom.synthesis.diffusion.KeyedNoise;
import io.landloom.synthesis.diffusion.checkpoint.PublishedModel;
import io.landloom.synthesis.diffusion.checkpoint.SchedulerSettings;
import io.landloom.synthesis.diffusion.network.Autoencoder;
import io.landloom.synthesis.diffusion.network.AutoencoderSizes;
import io.landloom.synthesis.diffusion.network.ClipTextEncoder;
import io.landloom.synthesis.diffusion.network.ControlNet;
import io.landloom.synthesis.diffusion.network.DenoisingUNet;
import io.landloom.synthesis.diffusion.network.UNetSizes;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.TorchEngine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/**
 * CPU seconds of images drawn as {@code benchmarks/diffusion/draw.py} draws them, from the same
 * folders; started by {@code benchmarks/diffusion/compare}.
 *
 * <p>Arguments: the folder, images a batch, pixels along an edge, DDIM steps, batches to warm up
 * with, batches to measure.
 */
public final class DiffusionDrawing {
  private static final int WORDS = 77;
  private static final int VOCABULARY = 516;
  private static final int CONDITION = 7;
  private static final double GUIDANCE = 5;

  private final int batch;
  private final int pixels;
  private final Denoising denoising;
  private final PublishedModel.Loaded<ClipTextEncoder, ClipTextEncoder.Sizes> encoder;
  private final PublishedModel.Loaded<DenoisingUNet, UNetSizes> unet;
  private final PublishedModel.Loaded<Autoencoder, AutoencoderSizes> autoencoder;
  private final PublishedModel.Loaded<ControlNet, ControlNet.Sizes> control;
  private final Random random = new Random(1);
  private int drawn;

  private DiffusionDrawing(Path folder, int batch, int pixels, int steps, NDManager manager)
      throws IOException {
    PublishedModel model =
        PublishedModel.stableDiffusion(
            path -> LocalByteSource.open(folder.resolve("model").resolve(path)));
    this.batch = batch;
    this.pixels = pixels;
    SchedulerSettings scheduler = model.scheduler();
    this.denoising =
        new Denoising(scheduler.trajectory(steps), scheduler.prediction(), new DdimSampler(0));
    this.encoder = model.textEncoder(manager);
    this.unet = model.unet(manager);
    this.autoencoder = model.autoencoder(manager);
    this.control =
        PublishedModel.controlNet(
                path -> LocalByteSource.open(folder.resolve("control").resolve(path)))
            .controlNet(manager);
  }

  /** Prints the seconds of an image. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    int batch = Integer.parseInt(args[1]);
    int rounds = Integer.parseInt(args[5]);
    try (NDManager manager = TorchEngine.newManager(Device.cpu())) {
      DiffusionDrawing drawing =
          new DiffusionDrawing(
              folder, batch, Integer.parseInt(args[2]), Integer.parseInt(args[3]), manager);
      drawing.draw(Integer.parseInt(args[4]), manager);
      double cpu = cpu();
      drawing.draw(rounds, manager);
      System.out.printf(
          Locale.ROOT,
          "java %s %.4f CPU s an image, libtorch %s%n",
          folder.getFileName(),
          (cpu() - cpu) / rounds / batch,
          TorchEngine.SUPPORTED_VERSION);
    }
  }

  private static double cpu() {
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return process.getProcessCpuTime() / 1e9;
  }

  private void draw(int rounds, NDManager manager) {
    for (int i = 0; i < rounds; i++) {
      float[] values = images(manager);
      if (!Float.isFinite(values[0])) {
        throw new IllegalStateException("the first sample is " + values[0]);
      }
    }
  }

  private float[] images(NDManager manager) {
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray words = encoder.network().forward(scope.manager(), texts());
      NDArray hint = scope.manager().create(hint(), new Shape(batch, CONDITION, pixels, pixels));
      NDArray twice = NDArrays.concat(new NDList(hint, hint), 0);
      Denoiser guided =
          new Guidance(GUIDANCE, 0).guided((x, timestep) -> predict(x, timestep, words, twice));
      List<NoiseKey> keys = new ArrayList<>();
      for (int i = 0; i < batch; i++) {
        keys.add(new NoiseKey(1, "published", "image " + drawn++, 0, 0));
      }
      KeyedNoise noise = new KeyedNoise(keys);
      int cells = pixels / control.sizes().stride();
      NDArray start = noise.start(scope.manager(), new Shape(4, cells, cells));
      NDArray latents = denoising.run(start, guided, noise);
      return autoencoder
          .network()
          .decode(latents.div(autoencoder.sizes().latentScale()))
          .toFloatArray();
    }
  }

  private NDArray predict(NDArray x, int timestep, NDArray text, NDArray hint) {
    int[] timesteps = new int[2 * batch];
    Arrays.fill(timesteps, timestep);
    ControlNet.Signals signals = control.network().forward(x, timesteps, text, hint, 1);
    return unet.network().forward(x, timesteps, text, Optional.of(signals));
  }

  private List<int[]> texts() {
    List<int[]> texts = new ArrayList<>();
    for (int i = 0; i < 2 * batch; i++) {
      texts.add(random.ints(WORDS, 0, VOCABULARY - 2).toArray());
    }
    return texts;
  }

  private float[] hint() {
    float[] hint = new float[batch * CONDITION * pixels * pixels];
    for (int i = 0; i < hint.length; i++) {
      hint[i] = random.nextFloat();
    }
    return hint;
  }
}
