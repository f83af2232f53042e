package io.landloom.synthesis.weights;

import io.landloom.geo.source.ByteSource;
import java.nio.ByteBuffer;

/** How a safetensors file stores a number; all are read as single precision. */
enum StoredType {
  F32(4) {
    @Override
    float next(ByteBuffer buffer) {
      return buffer.getFloat();
    }
  },
  F16(2) {
    @Override
    float next(ByteBuffer buffer) {
      return HalfFloat.toFloat(buffer.getShort());
    }
  },
  BF16(2) {
    @Override
    float next(ByteBuffer buffer) {
      return Float.intBitsToFloat(buffer.getShort() << 16);
    }
  },
  /** Counters that some files hold beside the weights. */
  I64(8) {
    @Override
    float next(ByteBuffer buffer) {
      return buffer.getLong();
    }
  };

  private final int bytes;

  StoredType(int bytes) {
    this.bytes = bytes;
  }

  int bytes() {
    return bytes;
  }

  /** The next number of a little-endian buffer. */
  abstract float next(ByteBuffer buffer);

  /** The type of an entry, if it is one of weights. */
  static StoredType of(ByteSource source, SafetensorsHeader.Entry entry) {
    return switch (entry.type()) {
      case "F32" -> F32;
      case "F16" -> F16;
      case "BF16" -> BF16;
      case "I64" -> I64;
      default ->
          throw new ModelException(
              source.name(),
              "tensor '"
                  + entry.name()
                  + "' is of type "
                  + entry.type()
                  + ", not F32, F16, BF16 or I64");
    };
  }
}
