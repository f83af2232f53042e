package io.landloom.synthesis.diffusion.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.types.Shape;
import com.typesafe.config.Config;
import io.landloom.synthesis.diffusion.Fixtures;
import io.landloom.synthesis.weights.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Names and shapes are those of the published libraries at Stable Diffusion 1.5's sizes. */
class StableDiffusionLayoutTest {
  private static void assertLayout(String network, List<TensorSpec> layout) throws Exception {
    Config published = Fixtures.texts().getConfig("layouts." + network);
    Map<String, String> shapes = new TreeMap<>();
    long elements = 0;
    for (TensorSpec spec : layout) {
      // the library that was asked leaves the root out of the text encoder's names
      shapes.put(spec.name().replace("text_model.", ""), Arrays.toString(spec.shape()));
      elements += new Shape(spec.shape()).size();
    }
    StringBuilder lines = new StringBuilder();
    shapes.forEach((name, shape) -> lines.append(name).append(' ').append(shape).append('\n'));
    byte[] digest =
        MessageDigest.getInstance("SHA-256")
            .digest(lines.toString().getBytes(StandardCharsets.UTF_8));
    assertEquals(published.getInt("tensors"), layout.size(), network);
    assertEquals(published.getLong("elements"), elements, network);
    assertEquals(published.getString("sha256"), HexFormat.of().formatHex(digest), network);
  }

  @Test
  void theUNetsTensorsArePublished() throws Exception {
    assertLayout("unet", DenoisingUNet.layout(UNetSizes.STABLE_DIFFUSION_1));
  }

  @Test
  void theAutoencodersTensorsArePublished() throws Exception {
    assertLayout("vae", Autoencoder.layout(AutoencoderSizes.STABLE_DIFFUSION_1));
  }

  @Test
  void theTextEncodersTensorsArePublished() throws Exception {
    assertLayout("text_encoder", ClipTextEncoder.layout(ClipTextEncoder.Sizes.STABLE_DIFFUSION_1));
  }

  @Test
  void theControlNetsTensorsArePublished() throws Exception {
    assertLayout(
        "controlnet",
        ControlNet.layout(
            new ControlNet.Sizes(UNetSizes.STABLE_DIFFUSION_1, 3, List.of(16, 32, 96, 256))));
  }
}
