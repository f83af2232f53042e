package io.landloom.synthesis.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.training.Checkerboards;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.Precision;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TrainedNetsTest {
  private static final LandCoverScheme SCHEME = LandCoverScheme.named("gid5");
  private static final Checkerboards SET = new Checkerboards(SCHEME, 5, 32);

  private static ModelBundle segmenter;
  private static ModelBundle features;

  @BeforeAll
  static void train() {
    String keys = "width=8,batch=4,patchSize=32,steps=120,decayFrom=0.5,learningRate=0.01";
    try (SegmenterTrainer trainer =
        new SegmenterTrainer(
            SegmenterSettings.of(ConfigFactory.parseString(keys)), SCHEME, SET, Device.cpu())) {
      while (trainer.steps() < 120) {
        trainer.step();
      }
      segmenter = trainer.bundle("seg", "checkerboards", "CC0-1.0", Precision.F16);
    }
    try (FeatureNetTrainer trainer =
        new FeatureNetTrainer(
            FeatureNetSettings.of(ConfigFactory.parseString(keys + ",blocks=1")),
            SCHEME,
            SET,
            Device.cpu())) {
      trainer.step();
      features = trainer.bundle("feat", "checkerboards", "CC0-1.0", Precision.F32);
    }
  }

  @Test
  void aTrainedSegmenterFindsTheClasses() {
    ClassPositions positions = new ClassPositions(SCHEME);
    try (Segmenter net = Segmenter.load(segmenter, SCHEME, Device.cpu())) {
      assertEquals(5, net.classes());
      assertEquals("seg", net.name());
      assertEquals(segmenter.digest(), net.digest());
      List<byte[]> predicted = net.predict(List.of(SET.image(0), SET.image(1), SET.image(2)));
      int right = 0;
      int valid = 0;
      for (int i = 0; i < 3; i++) {
        byte[] truth = positions.of(SET.mask(i), 32, "mask");
        for (int pixel = 0; pixel < truth.length; pixel++) {
          valid += truth[pixel] < 5 ? 1 : 0;
          right += truth[pixel] == predicted.get(i)[pixel] ? 1 : 0;
          assertTrue(predicted.get(i)[pixel] < 5, "never unknown");
        }
      }
      assertTrue(right > 0.8 * valid, right + " of " + valid);
      assertArrayEquals(predicted.get(1), net.predict(List.of(SET.image(1))).get(0));
    }
  }

  @Test
  void namesImagesThatDoNotFit() {
    try (Segmenter net = Segmenter.load(segmenter, SCHEME, Device.cpu())) {
      Raster gray = Raster.ofBytes(32, 32, 1, new byte[32 * 32]);
      assertEquals(
          "image 1: Raster 32 x 32 x 1 UINT8, but the first is Raster 32 x 32 x 3 UINT8, and"
              + " model 'seg' reads 3 bands of UINT8",
          assertThrows(
                  IllegalArgumentException.class, () -> net.predict(List.of(SET.image(0), gray)))
              .getMessage());
      Raster odd = Raster.ofBytes(40, 32, 3, new byte[40 * 32 * 3]);
      assertEquals(
          "images (1, 3, 32, 40), but model 'seg' reads (B, 3, H, W) with H and W multiples of 16",
          assertThrows(IllegalArgumentException.class, () -> net.predict(List.of(odd)))
              .getMessage());
    }
  }

  @Test
  void aFeatureNetGivesFiveMapsAndGradientsOfTheImageAlone() {
    try (FeatureNet net = FeatureNet.load(features, Device.cpu());
        NDManager manager = TorchEngine.newManager(Device.cpu());
        NativeScope scope = NativeScope.training(manager)) {
      assertEquals(List.of(4, 8, 16, 32, 64), net.channels());
      assertEquals("feat", net.name());
      assertEquals(features.digest(), net.digest());
      assertEquals(3, net.bands());
      NDArray image = scope.manager().ones(new Shape(2, 3, 32, 48)).mul(0.5f);
      image.setRequiresGradient(true);
      List<NDArray> maps = net.maps(image);
      for (int level = 0; level < 5; level++) {
        assertEquals(
            new Shape(2, net.channels().get(level), 32 >> level, 48 >> level),
            maps.get(level).getShape());
      }
      NDArray vector = net.vector(image);
      assertEquals(new Shape(2, 64), vector.getShape());
      assertEquals(
          maps.get(4).get(1).get(7).mean().getFloat(), vector.getFloat(1, 7), 1e-5f, "a mean");
      assertEquals(new Shape(2, 5, 32, 48), net.logits(image).getShape());
      Operators.backward(maps.get(4).square().sum());
      assertTrue(image.getGradient().abs().sum().getFloat() > 0);
    }
  }

  @Test
  void aFeatureNetSeesEachImageAlone() {
    try (FeatureNet net = FeatureNet.load(features, Device.cpu());
        NDManager manager = TorchEngine.newManager(Device.cpu());
        NativeScope scope = NativeScope.inference(manager)) {
      NDArray one = scope.manager().zeros(new Shape(1, 3, 32, 32));
      NDArray other = scope.manager().ones(new Shape(1, 3, 32, 32));
      float[] alone = net.vector(one).toFloatArray();
      float[] together = net.vector(one.concat(other)).get("0:1").toFloatArray();
      assertArrayEquals(alone, together, 1e-5f);
    }
  }

  @Test
  void aBundleOfTheOtherKindIsRefusedByName() {
    assertEquals(
        "model 'feat': is features (group norm, float32 NCHW), not segmenter (batch norm with"
            + " running statistics, float32 NCHW)",
        assertThrows(
                ModelException.class, () -> Segmenter.load(features, SCHEME, Device.cpu()).close())
            .getMessage());
    assertTrue(
        assertThrows(ModelException.class, () -> FeatureNet.load(segmenter, Device.cpu()).close())
            .getMessage()
            .startsWith("model 'seg': is segmenter ("));
    LandCoverScheme mbrsc = LandCoverScheme.named("mbrsc");
    assertTrue(
        assertThrows(
                ModelException.class, () -> Segmenter.load(segmenter, mbrsc, Device.cpu()).close())
            .getMessage()
            .startsWith("model 'seg': draws scheme gid5 v1"));
  }
}
