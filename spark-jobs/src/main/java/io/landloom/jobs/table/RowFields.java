package io.landloom.jobs.table;

import java.util.List;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/** Writes the fields of one row by name; a null value leaves an optional field out. */
public final class RowFields {
  private final RecordConsumer consumer;
  private final MessageType schema;

  RowFields(RecordConsumer consumer, MessageType schema) {
    this.consumer = consumer;
    this.schema = schema;
  }

  /** A text. */
  public RowFields text(String name, String value) {
    return field(name, value, () -> consumer.addBinary(Binary.fromString(value)));
  }

  /** A 32-bit whole number. */
  public RowFields integer(String name, Integer value) {
    return field(name, value, () -> consumer.addInteger(value));
  }

  /** A 64-bit whole number. */
  public RowFields bigint(String name, Long value) {
    return field(name, value, () -> consumer.addLong(value));
  }

  /** A double. */
  public RowFields real(String name, Double value) {
    return field(name, value, () -> consumer.addDouble(value));
  }

  /** A boolean. */
  public RowFields truth(String name, Boolean value) {
    return field(name, value, () -> consumer.addBoolean(value));
  }

  /** Bytes. */
  public RowFields bytes(String name, byte[] value) {
    return field(name, value, () -> consumer.addBinary(Binary.fromConstantByteArray(value)));
  }

  /** An encoded image: {@code struct<bytes, path>}. */
  public RowFields image(String name, EncodedImage value) {
    return field(
        name,
        value,
        () -> {
          consumer.startGroup();
          nested("bytes", 0, () -> consumer.addBinary(Binary.fromConstantByteArray(value.bytes())));
          nested("path", 1, () -> consumer.addBinary(Binary.fromString(value.path())));
          consumer.endGroup();
        });
  }

  /** A list of 64-bit whole numbers. */
  public RowFields bigints(String name, long[] values) {
    return field(
        name,
        values,
        () -> {
          consumer.startGroup();
          if (values.length > 0) {
            consumer.startField("list", 0);
            for (long value : values) {
              consumer.startGroup();
              nested("element", 0, () -> consumer.addLong(value));
              consumer.endGroup();
            }
            consumer.endField("list", 0);
          }
          consumer.endGroup();
        });
  }

  /** A list of doubles. */
  public RowFields reals(String name, double[] values) {
    return field(
        name,
        values,
        () -> {
          consumer.startGroup();
          consumer.startField("list", 0);
          for (double value : values) {
            consumer.startGroup();
            nested("element", 0, () -> consumer.addDouble(value));
            consumer.endGroup();
          }
          consumer.endField("list", 0);
          consumer.endGroup();
        });
  }

  /** A group of texts, in the order of the schema. */
  public RowFields texts(String name, String... values) {
    List<Type> texts = schema.getType(name).asGroupType().getFields();
    return field(
        name,
        values,
        () -> {
          consumer.startGroup();
          for (int i = 0; i < values.length; i++) {
            Binary text = Binary.fromString(values[i]);
            nested(texts.get(i).getName(), i, () -> consumer.addBinary(text));
          }
          consumer.endGroup();
        });
  }

  /** A box: {@code struct<xmin, ymin, xmax, ymax>}. */
  public RowFields box(String name, double[] box) {
    return field(
        name,
        box,
        () -> {
          consumer.startGroup();
          String[] sides = {"xmin", "ymin", "xmax", "ymax"};
          for (int i = 0; i < sides.length; i++) {
            double side = box[i];
            nested(sides[i], i, () -> consumer.addDouble(side));
          }
          consumer.endGroup();
        });
  }

  private RowFields field(String name, Object value, Runnable write) {
    if (value != null) {
      nested(name, schema.getFieldIndex(name), write);
    }
    return this;
  }

  private void nested(String name, int index, Runnable write) {
    consumer.startField(name, index);
    write.run();
    consumer.endField(name, index);
  }
}
