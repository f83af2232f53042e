package io.landloom.synthesis.gan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import com.typesafe.config.ConfigFactory;
import io.landloom.synthesis.TestResource;
import io.landloom.synthesis.segment.UNet;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.tensor.TorchScriptMaps;
import io.landloom.synthesis.training.ClassMaps;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Safetensors;
import io.landloom.synthesis.weights.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Compares with the PyTorch networks of src/test/python, whose numbers fixtures.py saved: computed
 * in double precision, so that all rounding between the two is this side's.
 */
class NetworkParityTest {
  private static final GeneratorSizes SIZES = new GeneratorSizes(1, 4, 6, 8, 4, 64, 3, Set.of());
  private static final int BATCH = 2;
  private static final String FEATURES =
      "83527f68eacaf5c250158a351792edbc5d81958817ea6b34e0c6524ce5f9beff";
  private static final String TINY =
      "nf=1,ndf=2,conductor.width=1,embedding=4,mlpHidden=6,z=8,batch=2,patchSize=64,"
          + "lambda.perceptual=2,perceptual.net=features.pt,perceptual.sha256="
          + FEATURES;
  private static final CsebganSettings SETTINGS = settings("");

  /** Largest difference of a forward pass, and of losses, in parts of the largest value or of 1. */
  private static final double FORWARD = 1e-5;

  /** Largest difference of a gradient in parts of its array's largest. */
  private static final double GRADIENT = 1e-4;

  /**
   * Arrays whose gradients are all below this part of their network's largest are compared by it.
   */
  private static final double GRADIENT_FLOOR = 1e-3;

  private static CsebganSettings settings(String more) {
    return CsebganSettings.of(
        ConfigFactory.parseString(more).withFallback(ConfigFactory.parseString(TINY)));
  }

  private static TorchScriptMaps features() throws IOException {
    return TorchScriptMaps.load(
        TestResource.open(NetworkParityTest.class, "features.pt"), FEATURES, 3, Device.cpu());
  }

  private static NamedTensors saved(String resource) throws IOException {
    return Safetensors.read(TestResource.open(NetworkParityTest.class, resource)).tensors();
  }

  private static NDArray in(NDManager manager, NamedTensors saved, String name) {
    HostTensor tensor = saved.get("in." + name);
    return manager.create(tensor.values(), new Shape(tensor.shape()));
  }

  private static TrainingBatch batch(NDManager manager, NamedTensors saved) {
    HostTensor coarse = saved.get("in.mask"); // (B, S / 4, S / 4)
    int cells = (int) coarse.shape()[1];
    int size = 4 * cells;
    byte[] mask = new byte[BATCH * size * size];
    for (int i = 0; i < mask.length; i++) {
      int row = i / size / 4; // over all images
      mask[i] = (byte) coarse.values()[row * cells + i % size / 4];
    }
    return new TrainingBatch(
        in(manager, saved, "real").repeat(2, 8).repeat(3, 8),
        new ClassMaps(manager, mask, size, 4),
        new ClassNoise(
            in(manager, saved, "z"),
            in(manager, saved, "gamma"),
            in(manager, saved, "beta"),
            Map.of()));
  }

  private static NDArray everySecondPixel(NDArray x) {
    return x.get(new NDIndex(":, :, ::2, ::2"));
  }

  private static void assertForward(NamedTensors saved, String name, NDArray actual) {
    HostTensor expected = saved.get(name);
    assertEquals(new Shape(expected.shape()), actual.getShape(), name);
    assertClose(name, expected.values(), actual.toFloatArray(), FORWARD, 1);
  }

  private static void assertClose(
      String name, float[] expected, float[] actual, double tolerance, double floor) {
    assertEquals(expected.length, actual.length, name);
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      worst = Math.max(worst, Math.abs(expected[i] - actual[i]));
    }
    double scale = Math.max(floor, largest(expected));
    assertTrue(
        worst <= tolerance * scale,
        () -> String.format("%s differs by %s of %s", name, worst(expected, actual), scale));
  }

  private static double worst(float[] expected, float[] actual) {
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      worst = Math.max(worst, Math.abs(expected[i] - actual[i]));
    }
    return worst;
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static void assertGradients(NamedTensors saved, String network, ParameterSet actual) {
    NamedTensors expected = saved.withoutPrefix("gradient." + network + ".");
    double largest = 0;
    for (String name : expected.names()) {
      largest = Math.max(largest, largest(expected.get(name).values()));
    }
    for (String name : expected.names()) {
      try (NDArray gradient = actual.get(name).getGradient()) {
        assertClose(
            "gradient of " + network + "." + name,
            expected.get(name).values(),
            gradient.toFloatArray(),
            GRADIENT,
            GRADIENT_FLOOR * largest);
      }
    }
  }

  @Test
  void theShippedGeneratorDrawsWhatPyTorchDraws() throws IOException {
    NamedTensors saved = saved("parity.safetensors");
    TreeMap<String, HostTensor> plain = new TreeMap<>(saved.withoutPrefix("generator.").asMap());
    plain.keySet().removeIf(name -> name.endsWith(".left"));
    List<TensorSpec> layout = Generator.shippedLayout(SIZES);
    NamedTensors tensors = new NamedTensors(plain);
    tensors.requireShapes("parity.safetensors", TensorSpec.shapes(layout));
    try (NDManager manager = TorchEngine.newManager(Device.cpu());
        NativeScope scope = NativeScope.inference(manager)) {
      Generator generator = new Generator(SIZES, ParameterSet.of(manager, layout, tensors));
      TrainingBatch batch = batch(scope.manager(), saved);
      NDArray image = generator.forward(batch.noise(), batch.maps(), Statistics.RUNNING);
      assertForward(saved, "out.running", everySecondPixel(image));
    }
  }

  /** Networks with the saved parameters and no step taken. */
  private static TrainedNetworks networks(NamedTensors saved) {
    TrainedNetworks networks = new TrainedNetworks(SETTINGS, SIZES, Device.cpu());
    Map<String, HostTensor> tensors = new TreeMap<>(saved.asMap());
    networks
        .shapes()
        .forEach(
            (name, shape) -> {
              int size = Math.toIntExact(new Shape(shape).size());
              tensors.putIfAbsent(name, new HostTensor(shape, new float[size]));
            });
    tensors.keySet().retainAll(networks.shapes().keySet());
    NamedTensors all = new NamedTensors(tensors);
    all.requireShapes("parity.safetensors", networks.shapes());
    networks.restore(all, 0, SETTINGS.conductor());
    return networks;
  }

  @Test
  void aWholeTrainingStepIsPyTorchs() throws IOException {
    NamedTensors saved = saved("parity.safetensors");
    try (TorchScriptMaps features = features();
        TrainedNetworks networks = networks(saved);
        NativeScope scope = NativeScope.training(networks.manager())) {
      TrainingStep step = new TrainingStep(SETTINGS, SIZES, networks, Optional.of(features));
      TrainingBatch batch = batch(scope.manager(), saved);
      NDArray fake = step.draw(batch);
      assertForward(saved, "out.training", everySecondPixel(fake));

      NDArray hinge = step.discriminatorLoss(batch, fake.stopGradient());
      Operators.backward(hinge);
      ParameterSet discriminator = networks.discriminator().parameters();
      assertGradients(saved, "discriminator", discriminator);
      networks.discriminator().adam().step(4e-4);

      discriminator.freeze();
      Objective objective = step.objective(batch, fake);
      List<Float> losses = new ArrayList<>(objective.losses(1, hinge.getFloat()).byName().values());
      float[] expected = saved.get("out.losses").values();
      for (int i = 0; i < losses.size(); i++) {
        assertEquals(expected[i], losses.get(i), FORWARD * Math.max(1, expected[i]), "loss " + i);
      }
      Operators.backward(objective.total());
      assertGradients(saved, "generator", networks.generator().parameters());
      assertGradients(saved, "conductor", networks.conductor().parameters());
      networks.generator().adam().step(1e-4);
      networks.conductor().adam().step(1e-4);
      assertStepped(saved, networks);
    }
  }

  /**
   * Adam's first step is about its rate whatever the gradient, and its sign where a true gradient
   * is 0 is rounding alone: few elements may differ by two steps, buffers by rounding.
   */
  private static void assertStepped(NamedTensors saved, TrainedNetworks networks) {
    NamedTensors after = saved.withoutPrefix("after.");
    NamedTensors actual = networks.toHost();
    for (String name : after.names()) {
      float[] expected = after.get(name).values();
      float[] values = actual.get(name).values();
      if (name.endsWith(".left") || name.contains("running")) {
        assertClose(name, expected, values, FORWARD, 1);
        continue;
      }
      double rate = name.startsWith("discriminator") ? 4e-4 : 1e-4;
      int unlike = 0;
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], values[i], 2.01 * rate, name + " " + i);
        unlike += Math.abs(expected[i] - values[i]) > 0.01 * rate ? 1 : 0;
      }
      assertTrue(unlike <= 0.02 * expected.length, unlike + " of " + name);
    }
  }

  @Test
  void theDiscriminatorsScoresAndTheConductorsAreWhatPyTorchGives() throws IOException {
    NamedTensors saved = saved("parity.safetensors");
    try (TrainedNetworks networks = networks(saved);
        NativeScope scope = NativeScope.inference(networks.manager())) {
      TrainingBatch batch = batch(scope.manager(), saved);
      Discriminator discriminator =
          new Discriminator(networks.discriminator().parameters(), SETTINGS.scales());
      var judged =
          discriminator.forward(batch.image(), batch.maps().oneHot(64), discriminator.kernels());
      assertForward(saved, "out.score_0", judged.get(0).score());
      assertForward(saved, "out.score_1", judged.get(1).score());
      NDArray logits =
          new UNet(networks.conductor().parameters()).forward(batch.image(), Statistics.TRAINING);
      assertForward(saved, "out.logits", everySecondPixel(logits));
    }
  }

  @Test
  void matchingAllFeaturesIsPyTorchsToo() throws IOException {
    NamedTensors saved = saved("parity.safetensors");
    CsebganSettings all = settings("deepOnly=false");
    try (TorchScriptMaps features = features();
        TrainedNetworks networks = networks(saved);
        NativeScope scope = NativeScope.training(networks.manager())) {
      TrainingStep step = new TrainingStep(all, SIZES, networks, Optional.of(features));
      TrainingBatch batch = batch(scope.manager(), saved);
      NDArray fake = step.draw(batch);
      Operators.backward(step.discriminatorLoss(batch, fake.stopGradient()));
      networks.discriminator().adam().step(4e-4);
      StepLosses losses = step.objective(batch, fake).losses(1, 0);
      float[] expected = saved.get("out.losses").values();
      assertEquals(expected[6], losses.featureMatching(), FORWARD * Math.max(1, expected[6]));
      assertEquals(expected[7], losses.perceptual(), FORWARD);
    }
  }

  /** Noise of the pixels (B, 1, s, s), saved with at most 16 cells along an edge. */
  private static Map<Integer, NDArray> pixels(NDManager manager, NamedTensors saved) {
    Map<Integer, NDArray> pixels = new TreeMap<>();
    for (int size = 2; size <= 128; size *= 2) {
      int cell = Math.max(1, size / 16);
      pixels.put(size, in(manager, saved, "pixels_" + size).repeat(2, cell).repeat(3, cell));
    }
    return pixels;
  }

  @Test
  void aGeneratorOfAllVariantsIsPyTorchs() throws IOException {
    NamedTensors variant = saved("variant.safetensors");
    Set<GeneratorVariant> variants =
        Set.of(
            GeneratorVariant.MASK_START,
            GeneratorVariant.SIXTH_DOUBLING,
            GeneratorVariant.PER_CLASS_MLP,
            GeneratorVariant.PER_CLASS_CONVOLUTIONS,
            GeneratorVariant.PIXEL_NOISE);
    GeneratorSizes sizes = new GeneratorSizes(1, 4, 6, 8, 4, 128, 3, variants);
    List<TensorSpec> layout = Generator.trainingLayout(sizes, 1);
    NamedTensors tensors = variant.withoutPrefix("generator.");
    tensors.requireShapes("variant.safetensors", TensorSpec.shapes(layout));
    try (NDManager manager = TorchEngine.newManager(Device.cpu());
        NativeScope scope = NativeScope.training(manager)) {
      ParameterSet parameters = ParameterSet.of(manager, layout, tensors);
      parameters.unfreeze();
      TrainingBatch batch = batch(scope.manager(), variant);
      ClassNoise noise = batch.noise();
      NDArray drawn =
          new Generator(sizes, parameters)
              .forward(
                  new ClassNoise(
                      noise.z(), noise.gamma(), noise.gamma(), pixels(scope.manager(), variant)),
                  batch.maps(),
                  Statistics.TRAINING);
      assertForward(variant, "out.training", drawn.get(new NDIndex(":, :, ::4, ::4")));
      Operators.backward(drawn.mul(batch.image()).mean());
      assertGradients(variant, "generator", parameters);
    }
  }
}
