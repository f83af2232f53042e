package io.landloom.synthesis.measure;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.landloom.synthesis.TestResource;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Safetensors;
import java.io.IOException;

/** Inputs and what NumPy, SciPy, scikit-learn and PyTorch say of them, saved by measures.py. */
final class Oracle {
  private final NamedTensors inputs;
  private final Config expected;

  private Oracle(NamedTensors inputs, Config expected) {
    this.inputs = inputs;
    this.expected = expected;
  }

  static Oracle open() throws IOException {
    return new Oracle(
        Safetensors.read(TestResource.open(Oracle.class, "measures.safetensors")).tensors(),
        ConfigFactory.parseResources(Oracle.class, "measures.json"));
  }

  HostTensor input(String name) {
    return inputs.get(name);
  }

  /** An input of shape (N, D) as rows. */
  float[][] rows(String name) {
    HostTensor tensor = inputs.get(name);
    int rows = (int) tensor.shape()[0];
    int width = tensor.values().length / rows;
    float[][] result = new float[rows][width];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(tensor.values(), row * width, result[row], 0, width);
    }
    return result;
  }

  /** An input of small whole numbers. */
  byte[] bytes(String name) {
    float[] values = inputs.get(name).values();
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  double number(String path) {
    return expected.getDouble(path);
  }

  double[] numbers(String path) {
    return expected.getDoubleList(path).stream().mapToDouble(Double::doubleValue).toArray();
  }
}
