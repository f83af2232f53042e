package io.landloom.synthesis.gan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.TestResource;
import io.landloom.synthesis.gan.Discriminator.Judgement;
import io.landloom.synthesis.segment.UNet;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.training.ClassMaps;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Safetensors;
import io.landloom.synthesis.weights.TensorSpec;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Compares with the PyTorch networks of src/test/python, whose numbers fixtures.py saved. */
class NetworkParityTest {
  private static final GeneratorSizes SIZES = new GeneratorSizes(1, 4, 6, 8, 4, 64, 3, Set.of());
  private static final int BATCH = 2;
  // rounding between SSE4.1, AVX2 and AVX-512 kernels alone reaches 1.2e-5 of the largest value
  private static final float TOLERANCE = 4e-5f;

  private NamedTensors saved;
  private NDManager manager;

  @BeforeEach
  void open() throws IOException {
    saved =
        Safetensors.read(TestResource.open(NetworkParityTest.class, "parity.safetensors"))
            .tensors();
    manager = TorchEngine.newManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray in(NativeScope scope, String name) {
    HostTensor tensor = saved.get(name);
    return scope.manager().create(tensor.values(), new Shape(tensor.shape()));
  }

  private ClassNoise noise(NativeScope scope) {
    return new ClassNoise(in(scope, "in.z"), in(scope, "in.gamma"), in(scope, "in.beta"));
  }

  private ClassMaps maps(NativeScope scope) {
    float[] coarse = saved.get("in.mask").values(); // (B, 16, 16)
    byte[] mask = new byte[BATCH * 64 * 64];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = (byte) coarse[i / 4096 * 256 + i / 64 % 64 / 4 * 16 + i % 64 / 4];
    }
    return new ClassMaps(scope.manager(), mask, 64, 4);
  }

  private static NDArray everySecondPixel(NDArray x) {
    return x.get(new NDIndex(":, :, ::2, ::2"));
  }

  private void assertSaved(String name, NDArray actual, float tolerance) {
    HostTensor expected = saved.get(name);
    assertEquals(new Shape(expected.shape()), actual.getShape(), name);
    assertClose(name, expected.values(), actual.toFloatArray(), tolerance);
  }

  private static void assertClose(String name, float[] expected, float[] actual, float tolerance) {
    float worst = 0;
    float largest = 0;
    for (int i = 0; i < expected.length; i++) {
      worst = Math.max(worst, Math.abs(expected[i] - actual[i]));
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    assertEquals(0, worst, tolerance * Math.max(1, largest), name + " of up to " + largest);
  }

  private ParameterSet network(String name, List<TensorSpec> layout) {
    NamedTensors tensors = saved.withoutPrefix(name + ".");
    tensors.requireShapes("parity.safetensors, " + name, TensorSpec.shapes(layout));
    return ParameterSet.of(manager, layout, tensors);
  }

  @Test
  void theShippedGeneratorDrawsWhatPyTorchDraws() {
    TreeMap<String, HostTensor> plain = new TreeMap<>(saved.withoutPrefix("generator.").asMap());
    plain.keySet().removeIf(name -> name.endsWith(Layers.LEFT_SUFFIX));
    List<TensorSpec> layout = Generator.shippedLayout(SIZES);
    NamedTensors tensors = new NamedTensors(plain);
    tensors.requireShapes("parity.safetensors", TensorSpec.shapes(layout));
    Generator generator = new Generator(SIZES, ParameterSet.of(manager, layout, tensors));
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray image = generator.forward(noise(scope), maps(scope), Statistics.RUNNING);
      assertSaved("out.running", everySecondPixel(image), TOLERANCE);
    }
  }

  @Test
  void aTrainingStepHasPyTorchsLossesAndGradients() {
    ParameterSet generatorSet = network("generator", Generator.trainingLayout(SIZES, 1));
    ParameterSet discriminatorSet = network("discriminator", Discriminator.layout(7, 2, 2, 1));
    ParameterSet conductorSet = network("conductor", UNet.layout(3, 1, 3));
    generatorSet.unfreeze();
    conductorSet.unfreeze();
    Discriminator discriminator = new Discriminator(discriminatorSet, 2);
    UNet conductor = new UNet(conductorSet);
    try (NativeScope scope = NativeScope.training(manager)) {
      ClassMaps maps = maps(scope);
      NDArray real = in(scope, "in.real").repeat(2, 8).repeat(3, 8);
      NDArray fake =
          new Generator(SIZES, generatorSet).forward(noise(scope), maps, Statistics.TRAINING);
      assertSaved("out.training", everySecondPixel(fake), TOLERANCE);
      for (String statistic : List.of("up_3.norm_0.running_mean", "up_3.norm_0.running_var")) {
        assertSaved("out." + statistic, generatorSet.get(statistic), TOLERANCE);
      }

      var kernels = discriminator.kernels();
      List<Judgement> onReal = discriminator.forward(real, maps.oneHot(64), kernels);
      List<Judgement> onFake = discriminator.forward(fake, maps.oneHot(64), kernels);
      assertSaved("out.score_0", onReal.get(0).score(), TOLERANCE);
      assertSaved("out.score_1", onReal.get(1).score(), TOLERANCE);
      NDArray logits = conductor.forward(real, Statistics.TRAINING);
      assertSaved("out.logits", everySecondPixel(logits), TOLERANCE);

      NDArray adversarial = Losses.adversarial(onFake);
      NDArray deep = Losses.featureMatching(onReal, onFake, 3);
      NDArray conductorReal = Operators.crossEntropy(logits, maps.valid());
      NDArray conductorFake =
          Operators.crossEntropy(conductor.forward(fake, Statistics.TRAINING), maps.valid());
      float[] losses = {
        Losses.discriminator(onReal, onFake).getFloat(),
        adversarial.getFloat(),
        deep.getFloat(),
        Losses.featureMatching(onReal, onFake, 0).getFloat(),
        conductorReal.getFloat(),
        conductorFake.getFloat()
      };
      assertClose("losses", saved.get("out.losses").values(), losses, TOLERANCE);

      Operators.backward(adversarial.add(deep.mul(10)).add(conductorFake).add(conductorReal));
      for (String name : saved.withoutPrefix("gradient.generator.").names()) {
        NDArray gradient = generatorSet.get(name).getGradient();
        assertSaved("gradient.generator." + name, gradient, TOLERANCE);
      }
      NDArray gradient = conductorSet.get("down_4.conv_0.weight").getGradient();
      assertSaved("gradient.conductor.down_4.conv_0.weight", gradient, TOLERANCE);
    }
  }
}
