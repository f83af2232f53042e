package io.landloom.synthesis.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.TestResource;
import io.landloom.synthesis.tensor.Adam;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.training.ClassMaps;
import io.landloom.synthesis.training.NetworkTrainer;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Safetensors;
import io.landloom.synthesis.weights.TensorSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Compares with the PyTorch networks of src/test/python, whose numbers segment_fixtures.py saved.
 */
class SegmentParityTest {
  private static final int BATCH = 2;
  private static final int BANDS = 4;
  private static final int SIZE = 32;
  private static final ResidualNet.Sizes SIZES = new ResidualNet.Sizes(BANDS, 8, 2, 3);
  // of the largest value: rounding between vector units
  private static final float TOLERANCE = 4e-5f;

  private NamedTensors saved;
  private NDManager manager;

  @BeforeEach
  void open() throws IOException {
    saved =
        Safetensors.read(TestResource.open(SegmentParityTest.class, "segment.safetensors"))
            .tensors();
    manager = TorchEngine.newManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private ParameterSet network(String name, List<TensorSpec> layout) {
    NamedTensors tensors = saved.withoutPrefix(name + ".");
    tensors.requireShapes("segment.safetensors, " + name, TensorSpec.shapes(layout));
    return ParameterSet.of(manager, layout, tensors);
  }

  /** Both views (4, 4, 32, 32) as the script makes them of the saved coarse ones. */
  private float[] views() {
    float[] coarse = saved.get("in.coarse").values();
    float[] views = new float[2 * BATCH * BANDS * SIZE * SIZE];
    for (int i = 0; i < views.length; i++) {
      int x = i % SIZE;
      int cell = i / (SIZE * SIZE) * 64 + i / SIZE % SIZE / 4 * 8 + x / 4;
      float slope = -0.2f + 0.4f * x / (SIZE - 1);
      views[i] = Math.max(-1, Math.min(1, coarse[cell] + slope));
    }
    return views;
  }

  private NDArray both(NativeScope scope) {
    return scope.manager().create(views(), new Shape(2 * BATCH, BANDS, SIZE, SIZE));
  }

  private NDArray plain(NativeScope scope) {
    return both(scope).get(new NDIndex("0:" + BATCH));
  }

  private NDArray valid(NativeScope scope) {
    float[] coarse = saved.get("in.mask").values();
    byte[] mask = new byte[BATCH * SIZE * SIZE];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = (byte) coarse[i / (SIZE * SIZE) * 64 + i / SIZE % SIZE / 4 * 8 + i % SIZE / 4];
    }
    return new ClassMaps(scope.manager(), mask, SIZE, SIZES.classes() + 1).valid();
  }

  private void assertSaved(String name, NDArray actual) {
    HostTensor expected = saved.get(name);
    assertEquals(new Shape(expected.shape()), actual.getShape(), name);
    assertClose(name, expected.values(), actual.toFloatArray());
  }

  private static void assertClose(String name, float[] expected, float[] actual) {
    float worst = 0;
    float largest = 0;
    for (int i = 0; i < expected.length; i++) {
      worst = Math.max(worst, Math.abs(expected[i] - actual[i]));
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    assertEquals(0, worst, TOLERANCE * largest, name + " of up to " + largest);
  }

  private static NDArray everyFourthPixel(NDArray x) {
    return x.get(new NDIndex(":, :, ::4, ::4"));
  }

  @Test
  void mapsAndClassScoresArePyTorchs() {
    ResidualNet net =
        new ResidualNet(SIZES, network("features", ResidualNet.trainingLayout(SIZES)));
    try (NativeScope scope = NativeScope.inference(manager)) {
      List<NDArray> maps = net.maps(plain(scope));
      assertEquals(5, maps.size());
      for (int level = 0; level < 5; level++) {
        int stride = 1 << level;
        int step = Math.max(1, 4 / stride);
        NDArray map = maps.get(level);
        assertEquals(SIZE / stride, map.getShape().get(2), "level " + level);
        assertSaved("out.map_" + stride, map.get(new NDIndex(":, :, ::" + step + ", ::" + step)));
      }
      assertSaved("out.logits", everyFourthPixel(net.logits(maps)));
    }
  }

  @Test
  void theThreeLossesAndTheirGradientsArePyTorchs() {
    ParameterSet set = network("features", ResidualNet.trainingLayout(SIZES));
    set.unfreeze();
    FeatureNetTrainer.Losses losses =
        new FeatureNetTrainer.Losses(
            new ResidualNet(SIZES, set), new FeatureNetSettings.Lambdas(0.3, 0.7));
    try (NativeScope scope = NativeScope.training(manager)) {
      NDArray image = both(scope);
      image.setRequiresGradient(true);
      NDArray turns =
          scope.manager().create(new float[] {0, 0, 0, 1, 0, 0, 0, 0}, new Shape(BATCH, 4));
      Map<String, NetworkTrainer.Term> terms = losses.of(image, valid(scope), turns);
      assertEquals(
          List.of("cross_entropy", "rotation", "consistency"), List.copyOf(terms.keySet()));
      float[] values = new float[3];
      int i = 0;
      for (NetworkTrainer.Term term : terms.values()) {
        values[i++] = term.loss().getFloat();
      }
      assertClose("losses", saved.get("out.losses").values(), values);
      Operators.backward(NetworkTrainer.sum(terms));
      NamedTensors gradients = saved.withoutPrefix("gradient.");
      for (String name : gradients.names()) {
        if (name.equals("image")) {
          assertSaved("gradient.image", everyFourthPixel(image.getGradient()));
        } else {
          assertSaved("gradient." + name, set.get(name).getGradient());
        }
      }
    }
  }

  @Test
  void aSegmenterWithRunningStatisticsScoresLikePyTorchs() {
    UNet net = new UNet(network("segmenter", UNet.layout(BANDS, 1, SIZES.classes())));
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray logits = net.forward(plain(scope), Statistics.RUNNING);
      assertSaved("out.segmenter", everyFourthPixel(logits));
    }
  }

  @Test
  void twoStepsOfAdamHavePyTorchsLosses() {
    ParameterSet set = network("segmenter", UNet.layout(BANDS, 1, SIZES.classes()));
    set.unfreeze();
    Adam adam = new Adam(set, NetworkTrainer.BETA_1, NetworkTrainer.BETA_2);
    float[] losses = new float[2];
    for (int step = 0; step < 2; step++) {
      try (NativeScope scope = NativeScope.training(manager)) {
        Map<String, NetworkTrainer.Term> terms =
            SegmenterTrainer.terms(new UNet(set), plain(scope), valid(scope));
        losses[step] = terms.get("cross_entropy").loss().getFloat();
        Operators.backward(NetworkTrainer.sum(terms));
        adam.step(0.01);
      }
    }
    float[] expected = saved.get("out.segmenter_losses").values();
    assertEquals(expected[0], losses[0], 4e-5f);
    // Adam's first step has the size of its rate however small, and uncertain, a gradient is
    assertEquals(expected[1], losses[1], 1e-3f);
  }
}
