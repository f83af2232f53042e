package io.landloom.synthesis.weights;

import io.landloom.geo.source.ByteSource;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The safetensors format: 8 bytes of header length (little endian), a JSON header, the values.
 *
 * <p>The reader allocates nothing that the file's own length does not vouch for: the header is at
 * most {@value #MAX_HEADER} bytes, each tensor's shape times its type fills its range, and the
 * ranges tile the rest of the file without gaps or overlaps. The writer gives the same bytes for
 * the same tensors.
 */
public final class Safetensors {
  /** Longest header, in bytes. */
  public static final int MAX_HEADER = 100_000_000;

  private static final int LENGTH_BYTES = 8;
  private static final int CHUNK = 1 << 20;

  private final NamedTensors tensors;
  private final Map<String, String> metadata;
  private final Precision precision;
  private final String sha256;

  private Safetensors(
      NamedTensors tensors, Map<String, String> metadata, Precision precision, String sha256) {
    this.tensors = tensors;
    this.metadata = metadata;
    this.precision = precision;
    this.sha256 = sha256;
  }

  /**
   * Reads a whole file of F32, F16 or BF16 tensors.
   *
   * @throws ModelException if it is not a sound safetensors file
   * @throws IOException if it cannot be read
   */
  public static Safetensors read(ByteSource source) throws IOException {
    MessageDigest digest = Sha256.digest();
    Opening opening = open(source, digest);
    List<SafetensorsHeader.Entry> entries = tiled(source, opening);
    Map<String, HostTensor> tensors = new TreeMap<>();
    Precision precision = Precision.F16;
    for (SafetensorsHeader.Entry entry : entries) {
      StoredType stored = StoredType.of(source, entry);
      if (stored == StoredType.I64) {
        throw new ModelException(
            source.name(), "tensor '" + entry.name() + "' is of type I64, not F32, F16 or BF16");
      }
      precision = stored == StoredType.F16 ? precision : Precision.F32;
      float[] values =
          values(
              source,
              opening.start() + entry.begin(),
              entry,
              stored,
              (chunk, length) -> digest.update(chunk, 0, length));
      tensors.put(entry.name(), new HostTensor(entry.shape(), values));
    }
    return new Safetensors(
        new NamedTensors(tensors), opening.header().metadata(), precision, Sha256.hex(digest));
  }

  /** The header and the place where the values begin. */
  record Opening(SafetensorsHeader header, long start) {}

  static Opening open(ByteSource source, MessageDigest digest) throws IOException {
    if (source.length() < LENGTH_BYTES) {
      throw new ModelException(
          source.name(), source.length() + " bytes are too few for a safetensors file");
    }
    byte[] lengthBytes = new byte[LENGTH_BYTES];
    source.read(0, lengthBytes, 0, LENGTH_BYTES);
    long length = ByteBuffer.wrap(lengthBytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > MAX_HEADER) {
      throw new ModelException(
          source.name(),
          "header of " + Long.toUnsignedString(length) + " bytes is outside 2.." + MAX_HEADER);
    }
    if (length > source.length() - LENGTH_BYTES) {
      throw new ModelException(
          source.name(),
          "header of " + length + " bytes in a file of " + source.length() + " bytes");
    }
    byte[] json = new byte[(int) length];
    source.read(LENGTH_BYTES, json, 0, json.length);
    digest.update(lengthBytes);
    digest.update(json);
    String text = new String(json, StandardCharsets.UTF_8);
    return new Opening(SafetensorsHeader.parse(source.name(), text), LENGTH_BYTES + length);
  }

  static List<SafetensorsHeader.Entry> tiled(ByteSource source, Opening opening) {
    List<SafetensorsHeader.Entry> entries = new ArrayList<>(opening.header().entries().values());
    entries.sort(
        Comparator.comparingLong(SafetensorsHeader.Entry::begin)
            .thenComparingLong(SafetensorsHeader.Entry::end));
    long filled = 0;
    for (SafetensorsHeader.Entry entry : entries) {
      if (entry.begin() != filled) {
        throw new ModelException(
            source.name(),
            String.format(
                "tensor '%s' begins at byte %d, but the one before it ends at %d",
                entry.name(), entry.begin(), filled));
      }
      requireRange(source, entry);
      filled = entry.end();
    }
    long available = source.length() - opening.start();
    if (filled != available) {
      throw new ModelException(
          source.name(),
          "tensors of " + filled + " bytes, but " + available + " bytes follow the header");
    }
    return entries;
  }

  private static void requireRange(ByteSource source, SafetensorsHeader.Entry entry) {
    long bytes;
    try {
      long elements = HostTensor.elements(entry.shape());
      bytes = Math.multiplyExact(elements, StoredType.of(source, entry).bytes());
      Math.toIntExact(elements);
    } catch (ArithmeticException e) {
      throw new ModelException(
          source.name(),
          String.format(
              "tensor '%s' %s has more than %d elements",
              entry.name(), HostTensor.describe(entry.shape()), Integer.MAX_VALUE));
    }
    if (entry.end() - entry.begin() != bytes) {
      throw new ModelException(
          source.name(),
          String.format(
              "tensor '%s' %s of %s needs %d bytes, its range %d..%d has %d",
              entry.name(),
              HostTensor.describe(entry.shape()),
              entry.type(),
              bytes,
              entry.begin(),
              entry.end(),
              entry.end() - entry.begin()));
    }
  }

  /** Sees the bytes that are read. */
  interface Passed {
    void bytes(byte[] chunk, int length);
  }

  static float[] values(
      ByteSource source,
      long position,
      SafetensorsHeader.Entry entry,
      StoredType type,
      Passed passed)
      throws IOException {
    float[] values = new float[(int) HostTensor.elements(entry.shape())];
    byte[] chunk = new byte[(int) Math.min(CHUNK, entry.end() - entry.begin())];
    ByteBuffer buffer = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values.length; ) {
      int count = Math.min(values.length - i, chunk.length / type.bytes());
      int length = count * type.bytes();
      source.read(position + (long) i * type.bytes(), chunk, 0, length);
      passed.bytes(chunk, length);
      buffer.clear();
      for (int end = i + count; i < end; i++) {
        values[i] = type.next(buffer);
      }
    }
    return values;
  }

  /**
   * Writes tensors in the order of their names; the stream stays open.
   *
   * @return SHA-256 of the bytes written, in hexadecimal
   */
  public static String write(
      OutputStream target, NamedTensors tensors, Map<String, String> metadata, Precision precision)
      throws IOException {
    MessageDigest digest = Sha256.digest();
    byte[] header = headerBytes(tensors, metadata, precision);
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(header.length);
    flush(buffer, target, digest);
    target.write(header);
    digest.update(header);
    for (HostTensor tensor : tensors.asMap().values()) {
      for (float value : tensor.values()) {
        if (buffer.remaining() < precision.bytes()) {
          flush(buffer, target, digest);
        }
        if (precision == Precision.F32) {
          buffer.putFloat(value);
        } else {
          buffer.putShort(HalfFloat.of(value));
        }
      }
    }
    flush(buffer, target, digest);
    target.flush();
    return Sha256.hex(digest);
  }

  private static void flush(ByteBuffer buffer, OutputStream target, MessageDigest digest)
      throws IOException {
    target.write(buffer.array(), 0, buffer.position());
    digest.update(buffer.array(), 0, buffer.position());
    buffer.clear();
  }

  private static byte[] headerBytes(
      NamedTensors tensors, Map<String, String> metadata, Precision precision) {
    StringBuilder json = new StringBuilder("{");
    if (!metadata.isEmpty()) {
      List<String> texts = new ArrayList<>();
      new TreeMap<>(metadata).forEach((key, text) -> texts.add(quote(key) + ":" + quote(text)));
      json.append("\"__metadata__\":{").append(String.join(",", texts)).append("},");
    }
    long begin = 0;
    for (Map.Entry<String, HostTensor> tensor : tensors.asMap().entrySet()) {
      long end = begin + (long) tensor.getValue().values().length * precision.bytes();
      String shape = HostTensor.describe(tensor.getValue().shape()).replace(" ", "");
      json.append(quote(tensor.getKey()))
          .append(":{\"dtype\":\"")
          .append(precision)
          .append("\",\"shape\":[")
          .append(shape, 1, shape.length() - 1)
          .append("],\"data_offsets\":[")
          .append(begin)
          .append(',')
          .append(end)
          .append("]},");
      begin = end;
    }
    if (json.charAt(json.length() - 1) == ',') {
      json.setLength(json.length() - 1);
    }
    json.append('}');
    byte[] utf8 = json.toString().getBytes(StandardCharsets.UTF_8);
    // values begin at a multiple of eight bytes, as readers that map the file expect
    String padding = " ".repeat((LENGTH_BYTES - utf8.length % LENGTH_BYTES) % LENGTH_BYTES);
    return json.append(padding).toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  /** The tensors. */
  public NamedTensors tensors() {
    return tensors;
  }

  /** The texts stored beside the tensors. */
  public Map<String, String> metadata() {
    return Map.copyOf(metadata);
  }

  /** The widest precision of the tensors. */
  public Precision precision() {
    return precision;
  }

  /** SHA-256 of the file, in hexadecimal. */
  public String sha256() {
    return sha256;
  }
}
