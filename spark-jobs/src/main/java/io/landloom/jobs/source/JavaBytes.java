package io.landloom.jobs.source;

import java.io.Serializable;
import java.nio.ByteBuffer;
import org.apache.spark.SparkEnv;
import scala.reflect.ClassTag$;

/**
 * Values in Java's serialization.
 *
 * <p>What a job is made over and what it returns goes through {@code spark.serializer}, and the
 * Kryo of Spark 3.5 cannot make records; what a task captures always goes through Java's.
 */
final class JavaBytes {
  private JavaBytes() {}

  /** The bytes of a value. */
  static byte[] of(Serializable value) {
    ByteBuffer buffer =
        SparkEnv.get()
            .closureSerializer()
            .newInstance()
            .serialize(value, ClassTag$.MODULE$.apply(value.getClass()));
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /** The value of bytes that {@link #of} made. */
  static <T> T value(byte[] bytes, Class<T> type) {
    return type.cast(
        SparkEnv.get()
            .closureSerializer()
            .newInstance()
            .deserialize(
                ByteBuffer.wrap(bytes),
                JavaBytes.class.getClassLoader(),
                ClassTag$.MODULE$.apply(type)));
  }
}
