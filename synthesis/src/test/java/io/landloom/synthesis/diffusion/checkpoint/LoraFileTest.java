package io.landloom.synthesis.diffusion.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.landloom.geo.source.MemoryByteSource;
import io.landloom.synthesis.TestResource;
import io.landloom.synthesis.diffusion.Fixtures;
import io.landloom.synthesis.diffusion.network.DenoisingUNet;
import io.landloom.synthesis.diffusion.network.LoraAdapters;
import io.landloom.synthesis.diffusion.network.UNetSizes;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Precision;
import io.landloom.synthesis.weights.Safetensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoraFileTest {
  private static final UNetSizes SIZES =
      new UNetSizes(
          4,
          4,
          List.of(new UNetSizes.Level(8, 2), new UNetSizes.Level(8, 2), new UNetSizes.Level(16, 0)),
          2,
          1,
          16,
          4,
          UNetSizes.Projection.CONVOLUTION);
  private static final String LAYER = "mid_block.attentions.0.transformer_blocks.0.attn2.to_out.0";

  private NDManager manager;

  @BeforeEach
  void open() {
    manager = TorchEngine.newManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private static NamedTensors published() throws IOException {
    return Safetensors.read(TestResource.open(Fixtures.class, "tiny-lora.safetensors")).tensors();
  }

  private LoraAdapters read(Map<String, HostTensor> tensors) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    Safetensors.write(file, new NamedTensors(tensors), Map.of(), Precision.F32);
    return LoraFile.read(
        new MemoryByteSource("lora", file.toByteArray()),
        LoraFile.Network.UNET,
        DenoisingUNet.layout(SIZES),
        manager);
  }

  @Test
  void aFileThatIsWrittenReadsBack() throws IOException {
    try (LoraAdapters adapters = read(published().asMap())) {
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      LoraFile.write(file, adapters, LoraFile.Network.UNET);
      Safetensors written = Safetensors.read(new MemoryByteSource("lora", file.toByteArray()));
      assertEquals(112, written.tensors().names().size());
      try (LoraAdapters again = read(written.tensors().asMap())) {
        assertEquals(adapters.toHost(), again.toHost());
      }
    }
  }

  @Test
  void flatNamesWithAnAlphaAreTheSameLayersScaled() throws IOException {
    Map<String, HostTensor> flat = new TreeMap<>();
    published()
        .asMap()
        .forEach(
            (name, tensor) -> {
              String layer = name.replace("unet.", "").replaceAll("\\.lora\\..*", "");
              String flatLayer = "lora_unet_" + layer.replace('.', '_');
              String kind = name.endsWith("down.weight") ? ".lora_down.weight" : ".lora_up.weight";
              flat.put(flatLayer + kind, tensor);
              // of rank 2: half of the product
              flat.put(flatLayer + ".alpha", new HostTensor(new long[] {}, new float[] {1}));
            });
    flat.put("lora_te_text_model_x.lora_down.weight", flat.values().iterator().next());
    try (LoraAdapters adapters = read(flat);
        LoraAdapters whole = read(published().asMap())) {
      assertEquals(whole.layers(), adapters.layers());
      float[] scaled = adapters.toHost().get(LAYER + LoraAdapters.UP).values();
      float[] plain = whole.toHost().get(LAYER + LoraAdapters.UP).values();
      for (int i = 0; i < plain.length; i++) {
        assertEquals(plain[i] / 2, scaled[i]);
      }
    }
  }

  @Test
  void everyTensorThatDoesNotFitIsListed() throws IOException {
    Map<String, HostTensor> tensors = new TreeMap<>(published().asMap());
    String name = "unet." + LAYER;
    tensors.remove(name + ".lora.up.weight");
    tensors.put("unet.nowhere.lora.up.weight", new HostTensor(new long[] {1, 1}, new float[1]));
    String other = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora.up.weight";
    tensors.put(other, new HostTensor(new long[] {8, 3}, new float[24]));
    ModelException e = assertThrows(ModelException.class, () -> read(tensors));
    assertEquals(
        "lora: 3 tensors do not fit: misshapen"
            + " down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_B.weight (8, 3)"
            + " instead of (8, 2); missing "
            + LAYER
            + ".lora_B.weight (16, 2); extra nowhere.lora_B.weight (1, 1)",
        e.getMessage());
  }

  @Test
  void aFileOfAnotherNetworkIsRefused() {
    Map<String, HostTensor> tensors = Map.of("x", new HostTensor(new long[] {1}, new float[1]));
    ModelException e = assertThrows(ModelException.class, () -> read(tensors));
    assertEquals("lora: no tensor begins with unet. or lora_unet_", e.getMessage());
  }
}
