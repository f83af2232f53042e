package io.landloom.synthesis.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.geo.source.MemoryByteSource;
import io.landloom.synthesis.TestResource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  private static final NamedTensors TENSORS =
      new NamedTensors(
          Map.of(
              "b.weight", new HostTensor(new long[] {2, 3}, new float[] {1, -2, 3.5f, 0, 1e-8f, 6}),
              "a", new HostTensor(new long[] {}, new float[] {0.1f}),
              "empty", new HostTensor(new long[] {0, 4}, new float[] {})));

  private static byte[] written(Precision precision) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Safetensors.write(bytes, TENSORS, Map.of("step", "7 \"x\"\n"), precision);
    return bytes.toByteArray();
  }

  /** A file with this header and this many bytes of values. */
  private static MemoryByteSource file(String header, int values) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return headed(json.length, json, values);
  }

  private static MemoryByteSource headed(long length, byte[] json, int values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + values).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length).put(json);
    return new MemoryByteSource("w", bytes.array());
  }

  @Test
  void singlePrecisionComesBackExactly() throws IOException {
    Safetensors read = Safetensors.read(new MemoryByteSource("w", written(Precision.F32)));
    assertEquals(TENSORS, read.tensors());
    assertEquals(Map.of("step", "7 \"x\"\n"), read.metadata());
    assertEquals(Precision.F32, read.precision());
  }

  @Test
  void halfPrecisionComesBackRounded() throws IOException {
    Safetensors read = Safetensors.read(new MemoryByteSource("w", written(Precision.F16)));
    assertArrayEquals(new float[] {1, -2, 3.5f, 0, 0, 6}, read.tensors().get("b.weight").values());
    assertEquals(0x1.998p-4f, read.tensors().get("a").values()[0]);
    assertEquals(Precision.F16, read.precision());
  }

  @Test
  void theLayoutIsTheFormats() throws IOException {
    byte[] bytes = written(Precision.F32);
    int header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
    assertEquals(0, header % 8);
    assertEquals(
        "{\"__metadata__\":{\"step\":\"7 \\\"x\\\"\\u000a\"},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
            + "\"b.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[4,28]},"
            + "\"empty\":{\"dtype\":\"F32\",\"shape\":[0,4],\"data_offsets\":[28,28]}}",
        new String(bytes, 8, header, StandardCharsets.UTF_8).strip());
    assertEquals(8 + header + 28, bytes.length);
    assertArrayEquals(bytes, written(Precision.F32));
  }

  @Test
  void theDigestIsTheFiles() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    String written = Safetensors.write(bytes, TENSORS, Map.of(), Precision.F32);
    MemoryByteSource source = new MemoryByteSource("w", bytes.toByteArray());
    assertEquals(written, Safetensors.read(source).sha256());
    byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray());
    assertEquals(written, HexFormat.of().formatHex(sha256));
  }

  @Test
  void readsWhatThePythonLibraryWrites() throws IOException {
    MemoryByteSource source =
        TestResource.open(SafetensorsTest.class, "/io/landloom/synthesis/gan/parity.safetensors");
    NamedTensors tensors = Safetensors.read(source).tensors();
    assertEquals(8, tensors.get("out.losses").values().length);
    assertEquals(
        List.of("beta", "gamma", "mask", "real", "z"), tensors.withoutPrefix("in.").names());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}|12"
            + "|w: tensors of 8 bytes, but 12 bytes follow the header",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}|4"
            + "|w: tensor 'a' (2) of F32 needs 8 bytes, its range 0..4 has 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}|6"
            + "|w: tensor 'b' begins at byte 2, but the one before it ends at 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}|8"
            + "|w: tensor 'a' begins at byte 4, but the one before it ends at 0",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}}|8"
            + "|w: tensor 'a' (4294967296, 4294967296) has more than 2147483647 elements",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3000000000],\"data_offsets\":[0,12000000000]}}|8"
            + "|w: tensor 'a' (3000000000) has more than 2147483647 elements",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[500000000],\"data_offsets\":[0,2000000000]}}|8"
            + "|w: tensors of 2000000000 bytes, but 8 bytes follow the header",
        "{\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}|8"
            + "|w: tensor 'a' is of type I64, not F32, F16 or BF16",
        "{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}|8"
            + "|w: tensor 'a' is of type F64, not F32, F16, BF16 or I64",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}|4"
            + "|w: header, character 32: tensor 'a' needs dtype, shape and two data_offsets",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}|4"
            + "|w: header, character 29: not a whole number from 0 to 2^63 - 1",
        "[[[[|0|w: header, character 0: '[' where '{' belongs",
        "{\"a\"|0|w: header, character 4: it ends too early",
        "{} x|0|w: header, character 3: text after the end"
      })
  void refusesUnsoundHeaders(String header, int values, String message) {
    ModelException e =
        assertThrows(ModelException.class, () -> Safetensors.read(file(header, values)));
    assertEquals(message, e.getMessage());
  }

  @Test
  void refusesATensorThatAppearsTwice() {
    String entry = "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
    ModelException e =
        assertThrows(
            ModelException.class, () -> Safetensors.read(file("{" + entry + "," + entry + "}", 4)));
    assertEquals("w: header, character 106: tensor 'a' appears twice", e.getMessage());
  }

  @Test
  void refusesHeaderLengthsTheFileDoesNotHave() {
    assertHeaderLength(1_000, "w: header of 1000 bytes in a file of 10 bytes");
    assertHeaderLength(100_000_001, "w: header of 100000001 bytes is outside 2..100000000");
    assertHeaderLength(-1, "w: header of 18446744073709551615 bytes is outside 2..100000000");
    ModelException e =
        assertThrows(
            ModelException.class, () -> Safetensors.read(new MemoryByteSource("w", new byte[3])));
    assertEquals("w: 3 bytes are too few for a safetensors file", e.getMessage());
  }

  private static void assertHeaderLength(long length, String message) {
    MemoryByteSource source = headed(length, "{}".getBytes(StandardCharsets.UTF_8), 0);
    ModelException e = assertThrows(ModelException.class, () -> Safetensors.read(source));
    assertEquals(message, e.getMessage());
  }

  /** Expected bits from numpy.float16. */
  @ParameterizedTest
  @CsvSource({
    "0.1, 0x2e66",
    "-0.333333343, 0xb555",
    "65504, 0x7bff",
    "65519.996, 0x7bff",
    "65520, 0x7c00",
    "6.1035156e-05, 0x0400",
    "6.0975552e-05, 0x03ff",
    "5.9604645e-08, 0x0001",
    "2.9802322e-08, 0x0000",
    "-1e-30, 0x8000",
    "2049, 0x6800",
    "2051, 0x6802",
    "NaN, 0x7e00"
  })
  void halvesAreRoundedToNearestEven(float value, String bits) {
    short half = HalfFloat.of(value);
    assertEquals(Integer.decode(bits), half & 0xFFFF);
    if (!Float.isNaN(value)) {
      assertEquals(half, HalfFloat.of(HalfFloat.toFloat(half)));
    }
  }
}
