package io.landloom.synthesis.weights;

import io.landloom.geo.source.ByteSource;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * An open safetensors file whose tensors are read one at a time, so that Java's memory never holds
 * more than one; with the checks of {@link Safetensors} on opening.
 *
 * <p>Ranges are read from the source instead of mapped, so that files of HDFS are read alike.
 */
public final class SafetensorsFile {
  private final ByteSource source;
  private final long start;
  private final Map<String, SafetensorsHeader.Entry> entries = new TreeMap<>();

  private SafetensorsFile(ByteSource source, Safetensors.Opening opening) {
    this.source = source;
    this.start = opening.start();
    for (SafetensorsHeader.Entry entry : Safetensors.tiled(source, opening)) {
      entries.put(entry.name(), entry);
    }
  }

  /**
   * Reads and checks the header.
   *
   * @param source stays open, and the caller's to close
   * @throws ModelException if it is not a sound safetensors file of F32, F16, BF16 or I64 tensors
   * @throws IOException if it cannot be read
   */
  public static SafetensorsFile open(ByteSource source) throws IOException {
    return new SafetensorsFile(source, Safetensors.open(source, Sha256.digest()));
  }

  /** The file's name for messages. */
  public String name() {
    return source.name();
  }

  /** Shapes of all tensors by name. */
  public Map<String, long[]> shapes() {
    Map<String, long[]> shapes = new TreeMap<>();
    entries.forEach((name, entry) -> shapes.put(name, entry.shape()));
    return shapes;
  }

  /**
   * Reads one tensor.
   *
   * @throws ModelException if there is none of that name
   * @throws IOException if it cannot be read
   */
  public HostTensor read(String name) throws IOException {
    SafetensorsHeader.Entry entry = entries.get(name);
    if (entry == null) {
      throw new ModelException(source.name(), "no tensor '" + name + "'");
    }
    StoredType type = StoredType.of(source, entry);
    float[] values =
        Safetensors.values(source, start + entry.begin(), entry, type, (chunk, length) -> {});
    return new HostTensor(entry.shape(), values);
  }
}
