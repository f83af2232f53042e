package io.landloom.synthesis.ddpm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.TestResource;
import io.landloom.synthesis.ddpm.PixelUNet.Half;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Safetensors;
import io.landloom.synthesis.weights.TensorSpec;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Compares with the PyTorch networks whose numbers ddpm_fixtures.py saved. */
class DdpmParityTest {
  private static final PixelUNetSizes SIZES =
      new PixelUNetSizes(4, 1, 8, List.of(1, 1, 2), 1, 2, 4, 4);
  private static final PixelUNetSizes CELLS =
      new PixelUNetSizes(4, 2, 8, List.of(1, 1, 2), 1, 2, 4, 4);
  private static final int CLASSES = 3;
  private static final int HEIGHT = 16;
  private static final int WIDTH = 24;
  private static final List<Integer> CHANNELS = List.of(16, 8);
  private static final List<Integer> BLOCKS = List.of(0, 3);
  private static final ResidualHead.Sizes RESIDUAL =
      new ResidualHead.Sizes(CHANNELS, 0, 8, 2, CLASSES);
  private static final PixelEnsemble.Sizes PIXELS = new PixelEnsemble.Sizes(CHANNELS, 3, CLASSES);

  private NamedTensors saved;
  private NDManager manager;

  @BeforeEach
  void open() throws IOException {
    saved = Safetensors.read(TestResource.open(DdpmParityTest.class, "ddpm.safetensors")).tensors();
    manager = TorchEngine.newManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private ParameterSet parameters(String net, List<TensorSpec> layout) {
    NamedTensors tensors = saved.withoutPrefix(net + ".");
    tensors.requireShapes("ddpm.safetensors, " + net, TensorSpec.shapes(layout));
    return ParameterSet.of(manager, layout, tensors);
  }

  private PixelUNet unet() {
    return new PixelUNet(SIZES, parameters("unet", PixelUNet.layout(SIZES)));
  }

  private NDArray input(NativeScope scope, String name) {
    HostTensor tensor = saved.get(name);
    return Operators.ownCopy(scope.manager().create(tensor.values(), new Shape(tensor.shape())));
  }

  private int[] timesteps() {
    float[] values = saved.get("in.timesteps").values();
    return new int[] {(int) values[0], (int) values[1]};
  }

  private List<NDArray> features(NativeScope scope) {
    return unet().maps(input(scope, "in.x"), timesteps(), Half.DECODER, BLOCKS);
  }

  private void assertSaved(String name, NDArray actual, double tolerance) {
    HostTensor expected = saved.get(name);
    assertEquals(new Shape(expected.shape()), actual.getShape(), name);
    assertClose(name, expected.values(), actual.toFloatArray(), tolerance);
  }

  private static void assertClose(String name, float[] expected, float[] actual, double tolerance) {
    double worst = 0;
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs((double) expected[i] - actual[i]);
      worst = difference <= worst ? worst : difference;
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    System.out.printf("%s of up to %.3g differs by at most %.2g%n", name, largest, worst);
    assertEquals(0, worst, tolerance * Math.max(1e-3, largest), name + " of up to " + largest);
  }

  @Test
  void thePredictionAndTheTappedMapsArePyTorchs() {
    PixelUNet net = unet();
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray x = input(scope, "in.x");
      assertSaved("out.noise", net.forward(x, timesteps()), 1e-5);
      List<NDArray> down = net.maps(x, timesteps(), Half.ENCODER, List.of(1, 4));
      assertSaved("out.down_1", down.get(0), 1e-5);
      assertSaved("out.down_4", down.get(1), 1e-5);
      List<NDArray> up = net.maps(x, timesteps(), Half.DECODER, BLOCKS);
      assertSaved("out.up_0", up.get(0), 1e-5);
      assertSaved("out.up_3", up.get(1), 1e-5);
    }
  }

  @Test
  void withCellsOfSeveralPixelsItIsPyTorchsAsWell() {
    PixelUNet net = new PixelUNet(CELLS, parameters("cells", PixelUNet.layout(CELLS)));
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray x = input(scope, "in.x");
      assertSaved("out.cells_noise", net.forward(x, timesteps()), 1e-5);
      NDArray up = net.maps(x, timesteps(), Half.DECODER, List.of(3)).get(0);
      assertSaved("out.cells_up_3", up, 1e-5);
      PixelUNet.MapSize size = PixelUNet.sizesOf(CELLS, Half.DECODER).get(3);
      assertEquals(
          new Shape(2, size.channels(), HEIGHT / size.stride(), WIDTH / size.stride()),
          up.getShape());
    }
  }

  @Test
  void theGradientsOfTheNoisesErrorArePyTorchs() {
    ParameterSet parameters = parameters("unet", PixelUNet.layout(SIZES));
    parameters.unfreeze();
    PixelUNet net = new PixelUNet(SIZES, parameters);
    try (NativeScope scope = NativeScope.training(manager)) {
      NDArray output = net.forward(input(scope, "in.x"), timesteps());
      NDArray loss = output.sub(input(scope, "in.target")).square().mean();
      assertSaved("out.loss", loss.reshape(1), 1e-5);
      Operators.backward(loss);
      NamedTensors gradients = saved.withoutPrefix("gradient.");
      assertEquals(5, gradients.names().size());
      for (String name : gradients.names()) {
        assertSaved("gradient." + name, parameters.get(name).getGradient(), 1e-4);
      }
    }
  }

  /** The script concatenates all maps at one size before it projects them. */
  @Test
  void projectingBeforeInterpolatingGivesTheResidualHeadOfThePaper() {
    ResidualHead head =
        new ResidualHead(RESIDUAL, parameters("residual", ResidualHead.layout(RESIDUAL)));
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray logits = head.logits(features(scope), HEIGHT, WIDTH).get(0);
      assertSaved("out.residual", logits, 1e-4);
    }
  }

  @Test
  void gradientsPassThroughTheHeadIntoTheNetworkAsInPyTorch() {
    ParameterSet backbone = parameters("unet", PixelUNet.layout(SIZES));
    ParameterSet own = parameters("residual", ResidualHead.layout(RESIDUAL));
    backbone.unfreeze();
    own.unfreeze();
    float[] classes = saved.get("in.mask").values();
    float[] target = new float[2 * CLASSES * HEIGHT * WIDTH];
    for (int i = 0; i < classes.length; i++) {
      if (classes[i] < CLASSES) {
        int image = i / (HEIGHT * WIDTH);
        target[(image * CLASSES + (int) classes[i]) * HEIGHT * WIDTH + i % (HEIGHT * WIDTH)] = 1;
      }
    }
    try (NativeScope scope = NativeScope.training(manager)) {
      List<NDArray> features =
          new PixelUNet(SIZES, backbone)
              .maps(input(scope, "in.x"), timesteps(), Half.DECODER, BLOCKS);
      NDArray logits = new ResidualHead(RESIDUAL, own).logits(features, HEIGHT, WIDTH).get(0);
      NDArray valid = scope.manager().create(target, new Shape(2, CLASSES, HEIGHT, WIDTH));
      Operators.backward(Operators.crossEntropy(logits, valid));
      NamedTensors gradients = saved.withoutPrefix("head_gradient.");
      assertEquals(4, gradients.names().size());
      for (String name : gradients.names()) {
        ParameterSet of = own.contains(name) ? own : backbone;
        assertSaved("head_gradient." + name, of.get(name).getGradient(), 2e-4);
      }
    }
  }

  /** Scores (B, K, H, W) as the script orders them: (B H W, K). */
  private static float[] byPixel(NDArray logits) {
    return logits.transpose(0, 2, 3, 1).flatten().toFloatArray();
  }

  @Test
  void theEnsembleScoresVotesAndDisagreesAsInPyTorch() {
    PixelEnsemble head =
        new PixelEnsemble(PIXELS, parameters("pixels", PixelEnsemble.layout(PIXELS)));
    float[] expected = saved.get("out.pixels").values();
    int each = expected.length / PIXELS.members();
    try (NativeScope scope = NativeScope.inference(manager)) {
      List<NDArray> logits = head.logits(features(scope), HEIGHT, WIDTH);
      for (int member = 0; member < PIXELS.members(); member++) {
        assertClose(
            "member " + member,
            Arrays.copyOfRange(expected, member * each, (member + 1) * each),
            byPixel(logits.get(member)),
            1e-4);
      }
      NDArray disagreement = Votes.disagreement(logits);
      float[] found = disagreement.flatten().toFloatArray();
      assertClose("disagreement", saved.get("out.disagreement").values(), found, 1e-4);
      byte[] positions = Votes.positions(logits);
      float[] votes = saved.get("out.votes").values();
      float[] most = saved.get("out.most_votes").values();
      for (int pixel = 0; pixel < positions.length; pixel++) {
        assertEquals(most[pixel], votes[pixel * CLASSES + positions[pixel]], "pixel " + pixel);
      }
    }
  }

  /** Pixels one by one, in training, are those of maps brought to full size. */
  @Test
  void rowsOfPixelsAreThoseOfMapsAtFullSize() {
    PixelEnsemble head =
        new PixelEnsemble(PIXELS, parameters("pixels", PixelEnsemble.layout(PIXELS)));
    float[] expected = saved.get("out.pixels_batch").values();
    int each = expected.length / PIXELS.members();
    int[] all = new int[2 * HEIGHT * WIDTH];
    Arrays.setAll(all, i -> i);
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray rows = PixelRows.of(features(scope), new PixelRows.Pixels(all, HEIGHT, WIDTH));
      assertEquals(new Shape(all.length, PIXELS.all()), rows.getShape());
      for (int member = 0; member < PIXELS.members(); member++) {
        assertClose(
            "member " + member + " in training",
            Arrays.copyOfRange(expected, member * each, (member + 1) * each),
            head.scores(member, rows, new Statistics.OfBatch(0)).toFloatArray(),
            1e-4);
      }
    }
  }

  /** Of 20 pixels the tenth with most disagreement are the two of 0.8 and 0.6. */
  @Test
  void theUncertaintyOfAnImageIsThatOfItsWorstTenth() {
    float[] disagreement = new float[20];
    disagreement[3] = 0.8f;
    disagreement[17] = 0.6f;
    disagreement[9] = 0.5f;
    assertEquals(0.7, Votes.uncertainty(disagreement), 1e-6);
    assertEquals(0.25, Votes.uncertainty(new float[] {0, 0.25f}), 1e-6);
  }

  @Test
  void twoOfThreeNetworksOutvoteASurerOne() {
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray sure = scope.manager().create(new float[] {9, 0}, new Shape(1, 2, 1, 1));
      NDArray doubtful = scope.manager().create(new float[] {0, 0.1f}, new Shape(1, 2, 1, 1));
      assertArrayEquals(new byte[] {1}, Votes.positions(List.of(sure, doubtful, doubtful)));
      assertArrayEquals(new byte[] {0}, Votes.positions(List.of(sure, doubtful)));
      assertArrayEquals(new byte[] {0}, Votes.positions(List.of(sure)));
    }
  }
}
