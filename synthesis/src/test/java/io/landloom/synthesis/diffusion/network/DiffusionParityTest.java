package io.landloom.synthesis.diffusion.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import io.landloom.synthesis.TestResource;
import io.landloom.synthesis.diffusion.DdimSampler;
import io.landloom.synthesis.diffusion.DdpmSampler;
import io.landloom.synthesis.diffusion.Denoiser;
import io.landloom.synthesis.diffusion.Denoising;
import io.landloom.synthesis.diffusion.DpmSolverSampler;
import io.landloom.synthesis.diffusion.Fixtures;
import io.landloom.synthesis.diffusion.Guidance;
import io.landloom.synthesis.diffusion.NoiseLevel;
import io.landloom.synthesis.diffusion.NoiseSchedule;
import io.landloom.synthesis.diffusion.Prediction;
import io.landloom.synthesis.diffusion.Sampler;
import io.landloom.synthesis.diffusion.StepNoise;
import io.landloom.synthesis.diffusion.Trajectory;
import io.landloom.synthesis.diffusion.Trajectory.Spacing;
import io.landloom.synthesis.diffusion.checkpoint.LoraFile;
import io.landloom.synthesis.diffusion.checkpoint.PublishedModel;
import io.landloom.synthesis.diffusion.checkpoint.PublishedModel.Loaded;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.weights.NamedTensors;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Loads folders that the published libraries wrote, and compares with what their networks and
 * schedulers gave in double precision, saved by diffusion_fixtures.py.
 */
class DiffusionParityTest {
  private static final double FORWARD = 1e-4;
  private static final double SAMPLED = 1e-3;
  private static final int[] TIMESTEPS = {10, 500};
  private static final int STEPS = 10;

  private Fixtures fixtures;
  private PublishedModel model;
  private NDManager manager;

  @BeforeEach
  void open() throws IOException {
    fixtures = Fixtures.open();
    model = Fixtures.model();
    manager = TorchEngine.newManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray array(NativeScope scope, String name) {
    return fixtures.array(scope.manager(), name);
  }

  /** The encoded prompts 1 and 3. */
  private NDArray context(NativeScope scope) {
    return array(scope, "out.text").get(new NDIndex("1:3"));
  }

  private NDArray empty(NativeScope scope) {
    return array(scope, "out.text").get(new NDIndex("0:1")).repeat(0, 2);
  }

  @Test
  void theTextEncoderIsTransformers() throws IOException {
    try (var text = model.textEncoder(manager);
        NativeScope scope = NativeScope.inference(manager)) {
      NDArray states = text.network().forward(scope.manager(), fixtures.tokens(0, 1, 3));
      fixtures.assertSaved("out.text", states, FORWARD);
    }
  }

  @Test
  void theAutoencoderIsDiffusers() throws IOException {
    try (var vae = model.autoencoder(manager);
        NativeScope scope = NativeScope.inference(manager)) {
      Autoencoder.Posterior posterior = vae.network().encode(array(scope, "in.image"));
      fixtures.assertSaved("out.mean", posterior.mean(), FORWARD);
      fixtures.assertSaved("out.log_variance", posterior.logVariance(), FORWARD);
      fixtures.assertSaved("out.image", vae.network().decode(array(scope, "out.mean")), FORWARD);
      assertEquals(0.18215, vae.sizes().latentScale());
    }
  }

  @Test
  void theUNetIsDiffusersWithAndWithoutAControlNet() throws IOException {
    PublishedModel folder = PublishedModel.controlNet(Fixtures.folder("tiny-controlnet"));
    try (var unet = model.unet(manager);
        var control = folder.controlNet(manager);
        NativeScope scope = NativeScope.inference(manager)) {
      NDArray x = array(scope, "in.x");
      NDArray text = context(scope);
      fixtures.assertSaved(
          "out.noise", unet.network().forward(x, TIMESTEPS, text, Optional.empty()), FORWARD);
      ControlNet.Signals signals =
          control.network().forward(x, TIMESTEPS, text, array(scope, "in.hint"), 0.8);
      for (int i = 0; i < signals.skips().size(); i++) {
        fixtures.assertSaved("out.control_" + i, signals.skips().get(i), FORWARD);
      }
      fixtures.assertSaved("out.control_mid", signals.middle(), FORWARD);
      NDArray controlled = unet.network().forward(x, TIMESTEPS, text, Optional.of(signals));
      fixtures.assertSaved("out.controlled", controlled, FORWARD);
    }
  }

  @Test
  void gradientsAreDiffusers() throws IOException {
    try (var unet = model.unet(manager)) {
      unet.parameters().unfreeze();
      try (NativeScope scope = NativeScope.training(manager)) {
        NDArray x = array(scope, "in.x");
        NDArray noise = unet.network().forward(x, TIMESTEPS, context(scope), Optional.empty());
        Operators.backward(noise.mul(x).mean());
        for (String name : fixtures.saved().withoutPrefix("gradient.").names()) {
          NDArray gradient = unet.parameters().get(name).getGradient();
          fixtures.assertSaved("gradient." + name, gradient, 1e-6);
        }
      }
    }
  }

  private static NoiseSchedule stableDiffusion() {
    return NoiseSchedule.scaledLinear(0.00085, 0.012, 1000);
  }

  private void assertSampled(
      String name,
      Trajectory trajectory,
      Prediction prediction,
      Sampler sampler,
      StepNoise noise,
      Optional<Guidance> guidance)
      throws IOException {
    try (var unet = model.unet(manager);
        NativeScope scope = NativeScope.inference(manager)) {
      NDArray text = context(scope);
      NDArray none = empty(scope);
      Denoiser conditional =
          (x, t) -> unet.network().forward(x, new int[] {t, t}, text, Optional.empty());
      Denoiser unconditional =
          (x, t) -> unet.network().forward(x, new int[] {t, t}, none, Optional.empty());
      Denoiser denoiser =
          guidance.map(both -> both.guided(unconditional, conditional)).orElse(conditional);
      NDArray start = array(scope, "in.x");
      NDArray end = new Denoising(trajectory, prediction, sampler).run(start, denoiser, noise);
      fixtures.assertSaved(name, end, SAMPLED);
    }
  }

  @Test
  void tenStepsOfDdimAreDiffusers() throws IOException {
    Trajectory trajectory = model.scheduler().trajectory(STEPS);
    assertEquals(List.of(901, 801, 701, 601, 501, 401, 301, 201, 101, 1), trajectory.timesteps());
    Sampler ddim = new DdimSampler(0);
    assertSampled(
        "out.ddim", trajectory, Prediction.NOISE, ddim, StepNoise.none(), Optional.empty());
    assertSampled(
        "out.ddim_guided",
        trajectory,
        Prediction.NOISE,
        ddim,
        StepNoise.none(),
        Optional.of(new Guidance(5, 0.7)));
  }

  @Test
  void tenStepsOfDpmSolverAreDiffusers() throws IOException {
    NoiseSchedule schedule = stableDiffusion();
    assertSampled(
        "out.dpm",
        Trajectory.of(schedule, Spacing.SOLVER_LEADING, STEPS, 1, NoiseLevel.CLEAN),
        Prediction.NOISE,
        new DpmSolverSampler(),
        StepNoise.none(),
        Optional.empty());
    assertSampled(
        "out.dpm_linspace",
        Trajectory.of(schedule, Spacing.SOLVER_LINSPACE, STEPS, 0, NoiseLevel.CLEAN),
        Prediction.NOISE,
        new DpmSolverSampler(),
        StepNoise.none(),
        Optional.empty());
  }

  @Test
  void velocityFromNoSignalAtAllIsDiffusers() throws IOException {
    NoiseSchedule schedule = stableDiffusion().withZeroTerminalSignal();
    assertSampled(
        "out.velocity",
        Trajectory.of(schedule, Spacing.TRAILING, STEPS, 0, NoiseLevel.CLEAN),
        Prediction.VELOCITY,
        new DdimSampler(0),
        StepNoise.none(),
        Optional.empty());
  }

  @Test
  void drawnStepsAreDiffusersWithTheSameNoise() throws IOException {
    NDArray noises = fixtures.array(manager, "in.noises");
    StepNoise noise = (step, like) -> noises.get(new NDIndex("" + step));
    Trajectory trajectory =
        Trajectory.of(stableDiffusion(), Spacing.LEADING, 4, 1, NoiseLevel.CLEAN);
    for (Sampler sampler : List.of(new DdpmSampler(), new DdimSampler(1))) {
      assertSampled("out.ddpm", trajectory, Prediction.NOISE, sampler, noise, Optional.empty());
    }
  }

  private LoraAdapters adapters() throws IOException {
    return LoraFile.read(
        TestResource.open(Fixtures.class, "tiny-lora.safetensors"),
        LoraFile.Network.UNET,
        DenoisingUNet.layout(model.unet(manager).sizes()),
        manager);
  }

  private NDArray withAdapters(
      Loaded<DenoisingUNet, UNetSizes> unet, Optional<LoraAdapters> adapters, NativeScope scope) {
    return new DenoisingUNet(unet.sizes(), unet.parameters(), adapters)
        .forward(array(scope, "in.x"), TIMESTEPS, context(scope), Optional.empty());
  }

  @Test
  void adaptersBesideTheNetworkAndMergedIntoItAreTheProduct() throws IOException {
    try (var unet = model.unet(manager);
        LoraAdapters adapters = adapters();
        NativeScope scope = NativeScope.inference(manager)) {
      NDArray beside = withAdapters(unet, Optional.of(adapters), scope);
      fixtures.assertSaved("out.lora", beside, FORWARD);
      try (LoraAdapters.Merged merged = adapters.mergeInto(unet.parameters())) {
        fixtures.assertSaved("out.lora", withAdapters(unet, Optional.empty(), scope), FORWARD);
      }
    }
  }

  @Test
  void mergingAndUnmergingLeavesEveryBit() throws IOException {
    try (var unet = model.unet(manager);
        LoraAdapters adapters = adapters()) {
      NamedTensors before = unet.parameters().toHost();
      for (int i = 0; i < 3; i++) {
        try (LoraAdapters.Merged merged = adapters.mergeInto(unet.parameters())) {
          assertNotEquals(before, unet.parameters().toHost());
        }
        assertEquals(before, unet.parameters().toHost());
      }
    }
  }

  @Test
  void onlyAdaptersCollectGradientsAndTheNetworkStartsUnchanged() throws IOException {
    try (var unet = model.unet(manager);
        LoraAdapters adapters =
            LoraAdapters.initialized(manager, DenoisingUNet.layout(unet.sizes()), 4, 8, 17)) {
      // seven transformers of two attentions with four matrices each
      assertEquals(56, adapters.layers().size());
      ParameterSet trained = adapters.parameters();
      trained.unfreeze();
      try (NativeScope scope = NativeScope.training(manager)) {
        NDArray noise = withAdapters(unet, Optional.of(adapters), scope);
        fixtures.assertSaved("out.noise", noise, FORWARD);
        Operators.backward(noise.square().mean());
        for (String layer : adapters.layers()) {
          NDArray up = trained.get(layer + LoraAdapters.UP).getGradient();
          assertNotEquals(0, up.abs().sum().getFloat(), layer);
          // behind B of zeros nothing reaches A
          NDArray down = trained.get(layer + LoraAdapters.DOWN).getGradient();
          assertEquals(0, down.abs().sum().getFloat(), layer);
        }
        assertArrayEquals(
            new boolean[] {false, true},
            new boolean[] {
              unet.parameters().get("conv_in.weight").hasGradient(),
              trained.get(adapters.layers().get(0) + LoraAdapters.UP).hasGradient()
            });
      }
    }
  }
}
