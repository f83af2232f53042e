package io.landloom.synthesis.diffusion.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.TestResource;
import io.landloom.synthesis.diffusion.Fixtures;
import io.landloom.synthesis.diffusion.NoiseSchedule;
import io.landloom.synthesis.diffusion.Prediction;
import io.landloom.synthesis.diffusion.checkpoint.LoraFile;
import io.landloom.synthesis.diffusion.checkpoint.PublishedModel;
import io.landloom.synthesis.diffusion.mask.ClassCodes;
import io.landloom.synthesis.diffusion.mask.ProportionLoss;
import io.landloom.synthesis.diffusion.mask.ProportionLoss.Distance;
import io.landloom.synthesis.diffusion.mask.TargetShares;
import io.landloom.synthesis.diffusion.model.CodeSpace;
import io.landloom.synthesis.diffusion.model.Conditioner;
import io.landloom.synthesis.diffusion.model.DenoiserSizes;
import io.landloom.synthesis.diffusion.model.DenoiserSizes.Content;
import io.landloom.synthesis.diffusion.model.DenoiserSizes.Space;
import io.landloom.synthesis.diffusion.model.ShippedAutoencoder;
import io.landloom.synthesis.diffusion.network.Autoencoder;
import io.landloom.synthesis.diffusion.network.DenoisingUNet;
import io.landloom.synthesis.diffusion.network.LoraAdapters;
import io.landloom.synthesis.diffusion.network.UNetCondition;
import io.landloom.synthesis.diffusion.network.UNetSizes;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.training.NetworkTrainer;
import io.landloom.synthesis.training.NetworkTrainer.Term;
import io.landloom.synthesis.training.PatchSampler;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Safetensors;
import io.landloom.synthesis.weights.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One step of each training, against the PyTorch of src/test/python/diffusion_training.py. */
class TrainingParityTest {
  private static final double LOSS = 1e-5; // of the loss
  private static final double GRADIENT = 1e-4; // of the largest number of the tensor
  private static final NoiseSchedule SCHEDULE = NoiseSchedule.scaledLinear(0.00085, 0.012, 1000);

  private NDManager manager;
  private NamedTensors saved;
  private Fixtures published;
  private PublishedModel model;

  @BeforeEach
  void open() throws IOException {
    manager = TorchEngine.newManager(Device.cpu());
    saved = Safetensors.read(TestResource.open(Fixtures.class, "training.safetensors")).tensors();
    published = Fixtures.open();
    model = Fixtures.model();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray array(NativeScope scope, String name) {
    var tensor = saved.get(name);
    return Operators.ownCopy(scope.manager().create(tensor.values(), new Shape(tensor.shape())));
  }

  private int[] integers(String name) {
    float[] values = saved.get(name).values();
    int[] integers = new int[values.length];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = (int) values[i];
    }
    return integers;
  }

  private void assertLoss(String name, int place, NDArray loss) {
    double expected = saved.get(name).values()[place];
    System.out.printf("%s[%d] %.7g, here %.7g%n", name, place, expected, loss.getFloat());
    assertEquals(expected, loss.getFloat(), LOSS * Math.max(1, Math.abs(expected)), name);
  }

  private void assertGradients(String network, ParameterSet set) {
    NamedTensors gradients = saved.withoutPrefix("gradient." + network + ".");
    for (String name : gradients.names()) {
      float[] expected = gradients.get(name).values();
      float[] actual = set.get(name).getGradient().toFloatArray();
      double worst = 0;
      double largest = 0;
      for (int i = 0; i < expected.length; i++) {
        worst = Math.max(worst, Math.abs((double) expected[i] - actual[i]));
        largest = Math.max(largest, Math.abs(expected[i]));
      }
      System.out.printf("%s %s: %.2g of up to %.2g%n", network, name, worst, largest);
      assertEquals(0, worst, GRADIENT * largest, network + " " + name + " of up to " + largest);
    }
  }

  @Test
  void anAutoencodersLossesAndGradientsArePyTorchs() throws IOException {
    try (var vae = model.autoencoder(manager)) {
      vae.parameters().unfreeze();
      try (NativeScope scope = NativeScope.training(manager)) {
        NDArray image = published.array(scope.manager(), "in.image");
        AutoencoderTrainer.Losses losses =
            AutoencoderTrainer.Losses.of(vae.network(), image, array(scope, "in.vae.noise"));
        Autoencoder fixed = new Autoencoder(vae.sizes(), vae.parameters().detached());
        NDArray feature = AutoencoderTrainer.feature(fixed, image, losses.decoded());
        assertLoss("out.vae.losses", 0, losses.reconstruction());
        assertLoss("out.vae.losses", 1, losses.divergence());
        assertLoss("out.vae.losses", 2, feature);
        Map<String, Term> terms = new LinkedHashMap<>();
        terms.put("reconstruction", new Term(losses.reconstruction(), 1));
        terms.put("divergence", new Term(losses.divergence(), 0.01));
        terms.put("feature", new Term(feature, 0.5));
        Operators.backward(NetworkTrainer.sum(terms));
        assertGradients("vae", vae.parameters());
      }
    }
  }

  /** The published U-Net's sizes with an embedding of the shares of some classes. */
  private UNetSizes withShares(UNetSizes of, int classes) {
    return new UNetSizes(
        of.inChannels(),
        of.outChannels(),
        of.levels(),
        of.middleHeads(),
        of.blocks(),
        of.textWidth(),
        of.groups(),
        of.projection(),
        2 * classes);
  }

  private ParameterSet unet(UNetSizes sizes, String network) throws IOException {
    try (var plain = model.unet(manager)) {
      NamedTensors all =
          plain.parameters().toHost().and(saved.withoutPrefix("in." + network + "."));
      List<TensorSpec> layout = DenoisingUNet.layout(sizes);
      return ParameterSet.of(manager, layout, all);
    }
  }

  private static List<String> names(int classes) {
    return Collections.nCopies(classes, "class");
  }

  private static DenoiserSettings.Proportion rule(Distance distance, int last, boolean smooth) {
    return new DenoiserSettings.Proportion(
        0.5, distance, false, last, smooth, DenoiserSettings.Decode.PIXEL, 8, 0);
  }

  @Test
  void aDenoiserOfCodesLearnsAsInPyTorch() throws IOException {
    UNetSizes sizes;
    try (var plain = model.unet(manager)) {
      sizes = withShares(plain.sizes(), 10);
    }
    DenoiserSizes denoiser =
        new DenoiserSizes(Content.MASKS, Space.CODES, 1, 10, sizes, Optional.empty(), false, 0);
    ParameterSet set = unet(sizes, "unet");
    set.unfreeze();
    try (NativeScope scope = NativeScope.training(manager)) {
      DenoisingLosses.Network network =
          new DenoisingLosses.Network(
              new DenoisingUNet(sizes, set), new Conditioner(denoiser, names(10), set), set);
      DenoisingLosses.Batch batch = codes(scope);
      NoiseLoss noise = new NoiseLoss(SCHEDULE, Prediction.NOISE, 5);
      Map<String, Term> terms =
          losses(denoiser, rule(Distance.L1, 100, false), noise, 8, Optional.empty())
              .terms(network, batch, 0, scope.manager());
      assertLoss("out.unet.noise", 0, terms.get("noise").loss());
      assertLoss("out.unet.proportions", 0, terms.get("proportion").loss());
      Operators.backward(NetworkTrainer.sum(terms));
      assertGradients("unet", set);
      for (Distance distance : List.of(Distance.L2, Distance.KL)) {
        Map<String, Term> others =
            losses(denoiser, rule(distance, 100, true), noise, 8, Optional.empty())
                .terms(network, batch, 0, scope.manager());
        assertLoss("out.unet.proportions", distance.ordinal(), others.get("proportion").loss());
      }
      DenoisingLosses rare =
          new DenoisingLosses(
              denoiser,
              new DenoiserSettings.Shown(0, 0),
              rule(Distance.L1, 100, true),
              noise,
              new PatchSampler.Sizes(2, 8, 3),
              ProportionLoss.rareClasses(meanShares()),
              Optional.empty());
      Map<String, Term> ofRare = rare.terms(network, batch, 0, scope.manager());
      assertLoss("out.unet.proportions", 3, ofRare.get("proportion").loss());
    }
  }

  private double[] meanShares() {
    double[] mean = new double[10];
    float[] shares = saved.get("in.unet.shares").values();
    for (int i = 0; i < shares.length; i++) {
      mean[i % 10] += shares[i] / 2.0;
    }
    return mean;
  }

  private static DenoisingLosses losses(
      DenoiserSizes sizes,
      DenoiserSettings.Proportion rule,
      NoiseLoss noise,
      int patchSize,
      Optional<ShippedAutoencoder> autoencoder) {
    return new DenoisingLosses(
        sizes,
        new DenoiserSettings.Shown(0, 0),
        rule,
        noise,
        new PatchSampler.Sizes(2, patchSize, 3),
        Collections.nCopies(sizes.classes(), 1.0),
        autoencoder);
  }

  /** All shares are asked of the first mask, two of the second. */
  private DenoisingLosses.Batch codes(NativeScope scope) {
    int[] masks = integers("in.unet.positions");
    byte[] positions = new byte[masks.length];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = (byte) masks[i];
    }
    List<TargetShares> asked = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      double[] shares = new double[10];
      for (int k = 0; k < 10; k++) {
        boolean known = i == 0 || k == 3 || k == 7;
        shares[k] = known ? saved.get("in.unet.shares").values()[i * 10 + k] : Double.NaN;
      }
      asked.add(TargetShares.of(shares));
    }
    CodeSpace.Coded coded =
        new CodeSpace(new ClassCodes(10), 1).encode(scope.manager(), positions, 8);
    return new DenoisingLosses.Batch(
        coded.codes(),
        array(scope, "in.unet.noise"),
        integers("in.unet.timesteps"),
        asked,
        coded,
        positions,
        Collections.nCopies(asked.size(), ""),
        false);
  }

  @Test
  void adaptersLearnThroughTheDecoderAsInPyTorch() throws IOException {
    try (var vae = model.autoencoder(manager);
        var plain = model.unet(manager)) {
      UNetSizes sizes = withShares(plain.sizes(), 6);
      DenoiserSizes denoiser =
          new DenoiserSizes(Content.MASKS, Space.LATENTS, 4, 6, sizes, Optional.empty(), false, 0);
      ParameterSet base = unet(sizes, "lora");
      LoraAdapters adapters =
          LoraFile.read(
              TestResource.open(Fixtures.class, "tiny-lora.safetensors"),
              LoraFile.Network.UNET,
              DenoisingUNet.layout(plain.sizes()),
              manager);
      adapters.parameters().unfreeze();
      ShippedAutoencoder autoencoder =
          new ShippedAutoencoder(vae.sizes(), vae.network(), vae.parameters());
      DenoisingLosses losses =
          losses(
              denoiser,
              rule(Distance.L1, 200, false),
              new NoiseLoss(SCHEDULE, Prediction.VELOCITY, 5),
              32,
              Optional.of(autoencoder));
      try (NativeScope scope = NativeScope.training(manager)) {
        DenoisingLosses.Network network =
            new DenoisingLosses.Network(
                new DenoisingUNet(sizes, base, Optional.of(adapters)),
                new Conditioner(denoiser, names(6), base),
                base);
        Map<String, Term> terms = losses.terms(network, latents(scope), 0, scope.manager());
        assertLoss("out.lora.losses", 0, terms.get("noise").loss());
        assertLoss("out.lora.losses", 1, terms.get("proportion").loss());
        Operators.backward(NetworkTrainer.sum(terms));
        assertGradients("lora", adapters.parameters());
      }
    }
  }

  private DenoisingLosses.Batch latents(NativeScope scope) {
    int[] coarse = integers("in.lora.positions");
    byte[] positions = new byte[2 * 32 * 32];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = (byte) coarse[i / 1024 * 64 + i / 32 % 32 / 4 * 8 + i % 32 / 4];
    }
    List<TargetShares> asked = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      byte[] mask = Arrays.copyOfRange(positions, i * 1024, (i + 1) * 1024);
      asked.add(TargetShares.of(mask, 6));
    }
    return new DenoisingLosses.Batch(
        array(scope, "in.lora.z"),
        array(scope, "in.lora.noise"),
        integers("in.lora.timesteps"),
        asked,
        new CodeSpace(new ClassCodes(6), 1).encode(scope.manager(), positions, 32),
        positions,
        Collections.nCopies(asked.size(), ""),
        false);
  }

  @Test
  void aControlNetLearnsAsInPyTorch() throws IOException {
    PublishedModel folder = PublishedModel.controlNet(Fixtures.folder("tiny-controlnet"));
    try (var unet = model.unet(manager);
        var control = folder.controlNet(manager)) {
      control.parameters().unfreeze();
      try (NativeScope scope = NativeScope.training(manager)) {
        NDArray text = published.array(scope.manager(), "out.text").get(new NDIndex("1:3"));
        ControlTrainer.Networks networks =
            new ControlTrainer.Networks(unet.network(), null, control.network());
        NoiseLoss.Guess guess =
            new NoiseLoss(SCHEDULE, Prediction.NOISE)
                .of(
                    networks::predict,
                    array(scope, "in.control.z"),
                    array(scope, "in.control.noise"),
                    integers("in.control.timesteps"),
                    new ControlTrainer.Asked(
                        UNetCondition.ofText(text), published.array(scope.manager(), "in.hint")));
        assertLoss("out.control.loss", 0, guess.loss());
        Operators.backward(guess.loss());
        assertGradients("control", control.parameters());
      }
    }
  }
}
