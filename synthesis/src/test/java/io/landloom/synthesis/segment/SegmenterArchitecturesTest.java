package io.landloom.synthesis.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.LocalByteSource;
import io.landloom.synthesis.TestResource;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.training.Checkerboards;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.training.ClassWeighting;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Precision;
import io.landloom.synthesis.weights.Safetensors;
import io.landloom.synthesis.weights.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares with the PyTorch networks whose numbers segmenters_fixtures.py saved. */
class SegmenterArchitecturesTest {
  private static final int BATCH = 2;
  private static final int BANDS = 4;
  private static final int CLASSES = 3;
  private static final int HEIGHT = 96;
  private static final int WIDTH = 160;
  private static final int CELL = 8;
  private static final LandCoverScheme SCHEME = LandCoverScheme.named("gid5");

  private NamedTensors saved;
  private NDManager manager;

  @BeforeEach
  void open() throws IOException {
    saved =
        Safetensors.read(
                TestResource.open(SegmenterArchitecturesTest.class, "segmenters.safetensors"))
            .tensors();
    manager = TorchEngine.newManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private ParameterSet parameters(String name, int width) {
    List<TensorSpec> layout = Architecture.of(name).layout(BANDS, width, CLASSES);
    NamedTensors tensors = saved.withoutPrefix(name + ".");
    tensors.requireShapes("segmenters.safetensors, " + name, TensorSpec.shapes(layout));
    return ParameterSet.of(manager, layout, tensors);
  }

  private static int cell(int pixel, int planes) {
    int x = pixel % WIDTH;
    int y = pixel / WIDTH % HEIGHT;
    int plane = pixel / (WIDTH * HEIGHT) % planes;
    return (plane * (HEIGHT / CELL) + y / CELL) * (WIDTH / CELL) + x / CELL;
  }

  private NDArray image(NativeScope scope) {
    float[] coarse = saved.get("in.coarse").values();
    float[] image = new float[BATCH * BANDS * HEIGHT * WIDTH];
    for (int i = 0; i < image.length; i++) {
      float slope = -0.2f + 0.4f * (i % WIDTH) / (WIDTH - 1);
      image[i] = Math.max(-1, Math.min(1, coarse[cell(i, BATCH * BANDS)] + slope));
    }
    return scope.manager().create(image, new Shape(BATCH, BANDS, HEIGHT, WIDTH));
  }

  /** One-hot maps of the valid classes times their weights. */
  private NDArray target(NativeScope scope) {
    float[] coarse = saved.get("in.mask").values();
    float[] weights = saved.get("in.weights").values();
    int pixels = HEIGHT * WIDTH;
    float[] target = new float[BATCH * CLASSES * pixels];
    for (int i = 0; i < BATCH * pixels; i++) {
      int k = (int) coarse[cell(i, BATCH)];
      if (k < CLASSES) {
        target[(i / pixels * CLASSES + k) * pixels + i % pixels] = weights[k];
      }
    }
    return scope.manager().create(target, new Shape(BATCH, CLASSES, HEIGHT, WIDTH));
  }

  private void assertSaved(String name, NDArray actual, double tolerance) {
    HostTensor expected = saved.get(name);
    assertEquals(new Shape(expected.shape()), actual.getShape(), name);
    float[] values = actual.toFloatArray();
    double worst = 0;
    double largest = 0;
    for (int i = 0; i < values.length; i++) {
      double difference = Math.abs((double) expected.values()[i] - values[i]);
      worst = difference <= worst ? worst : difference;
      largest = Math.max(largest, Math.abs(expected.values()[i]));
    }
    System.out.printf("%s of up to %.3g differs by at most %.2g%n", name, largest, worst);
    assertEquals(0, worst, tolerance * Math.max(1e-3, largest), name);
  }

  @ParameterizedTest
  @CsvSource({"pspnet, 2", "deeplabv3plus, 4", "segformer, 3"})
  void scoresArePyTorchs(String name, int width) {
    SegmentationNet net = Architecture.of(name).net(parameters(name, width));
    NDIndex everyEighth = new NDIndex(":, :, ::8, ::8");
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray image = image(scope);
      NDArray running = net.forward(image, Statistics.RUNNING);
      assertEquals(new Shape(BATCH, CLASSES, HEIGHT, WIDTH), running.getShape());
      assertSaved("out." + name + ".running", running.get(everyEighth), 1e-5);
      NDArray ofBatch = net.forward(image, new Statistics.OfBatch(0));
      assertSaved("out." + name + ".batch", ofBatch.get(everyEighth), 1e-4);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "pspnet, 2, backbone.stem.conv.weight",
    "deeplabv3plus, 4, backbone.stem.conv.weight",
    "segformer, 3, stage_0.block_0.mixing.depthwise.weight"
  })
  void theWeightedLossAndItsGradientArePyTorchs(String name, int width, String first) {
    ParameterSet parameters = parameters(name, width);
    parameters.unfreeze();
    SegmentationNet net = Architecture.of(name).net(parameters);
    try (NativeScope scope = NativeScope.training(manager)) {
      NDArray loss =
          SegmenterTrainer.terms(net, image(scope), target(scope)).get("cross_entropy").loss();
      assertSaved("out." + name + ".loss", loss.reshape(1), 1e-5);
      Operators.backward(loss);
      assertSaved("gradient." + name, parameters.get(first).getGradient(), 1e-4);
    }
  }

  @ParameterizedTest
  @CsvSource({"unet, 2", "pspnet, 1", "deeplabv3plus, 4", "segformer, 2"})
  void aBundleSegmentsAfterReadingAsBeforeWriting(String name, int width, @TempDir Path folder)
      throws IOException {
    ModelBundle bundle = trained(name, width, "logarithm");
    bundle.write(folder);
    ModelBundle read =
        ModelBundle.read(
            LocalByteSource.open(folder.resolve(ModelBundle.CARD_FILE)),
            LocalByteSource.open(folder.resolve(ModelBundle.WEIGHTS_FILE)));
    assertEquals(
        name.equals("unet") ? "segmenter" : "segmenter-" + name, read.card().architecture());
    assertTrue(Segmenter.reads(read.card()));
    Checkerboards set = new Checkerboards(SCHEME, 2, 32);
    try (Segmenter before = Segmenter.load(bundle, SCHEME, Device.cpu());
        Segmenter after = Segmenter.load(read, SCHEME, Device.cpu())) {
      assertArrayEquals(
          before.predict(List.of(set.image(0))).get(0),
          after.predict(List.of(set.image(0))).get(0));
    }
  }

  private static ModelBundle trained(String name, int width, String weights) {
    String keys =
        String.format(
            "architecture=%s,width=%d,classWeights=%s,batch=2,patchSize=32,steps=2",
            name, width, weights);
    try (SegmenterTrainer trainer =
        new SegmenterTrainer(
            SegmenterSettings.of(ConfigFactory.parseString(keys)),
            SCHEME,
            new Checkerboards(SCHEME, 2, 32),
            Device.cpu())) {
      trainer.step();
      trainer.step();
      return trainer.bundle(name, "checkerboards", "CC0-1.0", Precision.F16);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"unet", "pspnet"})
  void classWeightsChangeWhatIsLearned(String name) {
    assertEquals(trained(name, 1, "none").digest(), trained(name, 1, "none").digest());
    assertTrue(!trained(name, 1, "none").digest().equals(trained(name, 1, "logarithm").digest()));
  }

  /** Of 12 labelled pixels class 1 has 9 and class 2 has 3: 1 / ln(1.77) and 1 / ln(1.27). */
  @Test
  void rareClassesWeighMore() {
    byte[] indices = {1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 0, 0, 0, 0};
    float[] weights =
        ClassWeighting.LOGARITHM.weights(
            new OneMask(4, indices), new ClassPositions(LandCoverScheme.named("gid5")));
    assertArrayEquals(
        new float[] {1.75139f, 4.18379f, 50.49834f, 50.49834f, 50.49834f}, weights, 1e-4f);
  }

  @Test
  void namesKeysOutOfRange() {
    assertEquals(
        "architecture 'vgg' is none of unet, pspnet, deeplabv3plus, segformer",
        refusal("architecture=vgg"));
    assertEquals("width 6 is not a multiple of 4", refusal("architecture=deeplabv3plus,width=6"));
    assertEquals("width 0 is below 1", refusal("architecture=segformer,width=0"));
    assertEquals(
        "patchSize 48 is not a multiple of 32", refusal("architecture=segformer,patchSize=48"));
    assertEquals("classWeights 'some' is neither none nor logarithm", refusal("classWeights=some"));
  }

  private static String refusal(String keys) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> SegmenterSettings.of(ConfigFactory.parseString(keys)))
        .getMessage();
  }
}
