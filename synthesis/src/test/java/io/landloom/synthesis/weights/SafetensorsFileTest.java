package io.landloom.synthesis.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.geo.source.MemoryByteSource;
import io.landloom.synthesis.TestResource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SafetensorsFileTest {
  @Test
  void tensorsReadOneByOneAreThoseReadAtOnce() throws IOException {
    MemoryByteSource source =
        TestResource.open(
            SafetensorsFileTest.class, "/io/landloom/synthesis/gan/parity.safetensors");
    NamedTensors all = Safetensors.read(source).tensors();
    SafetensorsFile file = SafetensorsFile.open(source);
    assertEquals(all.names(), file.shapes().keySet().stream().toList());
    for (String name : all.names()) {
      assertEquals(all.get(name), file.read(name), name);
      assertArrayEquals(all.get(name).shape(), file.shapes().get(name), name);
    }
  }

  @Test
  void brainFloatsAndCountersAreRead() throws IOException {
    String header =
        "{\"b\":{\"dtype\":\"BF16\",\"shape\":[3],\"data_offsets\":[0,6]},"
            + "\"i\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[6,14]}}";
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 14).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    // the upper halves of 1.0f, -2.5f and 3.140625f
    bytes.putShort((short) 0x3F80).putShort((short) 0xC020).putShort((short) 0x4049).putLong(77);
    MemoryByteSource source = new MemoryByteSource("w", bytes.array());
    SafetensorsFile file = SafetensorsFile.open(source);
    assertArrayEquals(new float[] {1, -2.5f, 3.140625f}, file.read("b").values());
    assertArrayEquals(new float[] {77}, file.read("i").values());
    ModelException e = assertThrows(ModelException.class, () -> file.read("c"));
    assertEquals("w: no tensor 'c'", e.getMessage());
    e = assertThrows(ModelException.class, () -> Safetensors.read(source));
    assertEquals("w: tensor 'i' is of type I64, not F32, F16 or BF16", e.getMessage());
  }
}
