package io.landloom.synthesis.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.landloom.synthesis.TestResource;
import io.landloom.synthesis.diffusion.checkpoint.ModelFiles;
import io.landloom.synthesis.diffusion.checkpoint.PublishedModel;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Safetensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** What diffusion_fixtures.py saved of the published libraries' networks, samplers, tokenizer. */
public final class Fixtures {
  private final NamedTensors saved;

  private Fixtures(NamedTensors saved) {
    this.saved = saved;
  }

  public static Fixtures open() throws IOException {
    return new Fixtures(
        Safetensors.read(TestResource.open(Fixtures.class, "diffusion.safetensors")).tensors());
  }

  public static ModelFiles folder(String name) {
    return path -> TestResource.open(Fixtures.class, name + "/" + path);
  }

  public static PublishedModel model() throws IOException {
    return PublishedModel.stableDiffusion(folder("tiny-sd"));
  }

  /** The prompts whose tokens were saved, and the layouts of Stable Diffusion 1.5. */
  public static Config texts() throws IOException {
    var source = TestResource.open(Fixtures.class, "diffusion.json");
    byte[] json = new byte[(int) source.length()];
    source.read(0, json, 0, json.length);
    return ConfigFactory.parseString(new String(json, StandardCharsets.UTF_8));
  }

  public NamedTensors saved() {
    return saved;
  }

  public NDArray array(NDManager manager, String name) {
    HostTensor tensor = saved.get(name);
    return manager.create(tensor.values(), new Shape(tensor.shape()));
  }

  /** The saved ids of prompts by their numbers. */
  public List<int[]> tokens(int... prompts) {
    float[] all = saved.get("out.tokens").values();
    return Arrays.stream(prompts)
        .mapToObj(
            prompt -> {
              int[] tokens = new int[77];
              for (int i = 0; i < tokens.length; i++) {
                tokens[i] = (int) all[prompt * tokens.length + i];
              }
              return tokens;
            })
        .toList();
  }

  /** Asserts the shape and the largest difference. */
  public void assertSaved(String name, NDArray actual, double tolerance) {
    HostTensor expected = saved.get(name);
    assertEquals(new Shape(expected.shape()), actual.getShape(), name);
    float[] values = actual.toFloatArray();
    double worst = 0;
    for (int i = 0; i < values.length; i++) {
      // NaN is no maximum, but no difference of 0 either
      double difference = Math.abs((double) expected.values()[i] - values[i]);
      worst = difference <= worst ? worst : difference;
    }
    System.out.printf("%s differs by at most %.2g%n", name, worst);
    assertEquals(0, worst, tolerance, name);
  }
}
