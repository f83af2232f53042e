package io.landloom.benchmarks;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Kinds of damage to a TIFF, each drawn from a random generator. */
enum Mutation {
  /** Some bytes are others, half the time near the file's start or end. */
  BYTES {
    @Override
    byte[] apply(byte[] file, byte[] other, Random random) {
      byte[] mutant = file.clone();
      int near = random.nextBoolean() ? file.length : Math.min(file.length, 400);
      boolean tail = random.nextBoolean();
      for (int change = random.nextInt(8); change >= 0; change--) {
        int at = random.nextInt(near);
        int place = tail ? file.length - 1 - at : at;
        mutant[place] =
            switch (random.nextInt(4)) {
              case 0 -> (byte) random.nextInt();
              case 1 -> (byte) (mutant[place] ^ 1 << random.nextInt(8));
              case 2 -> (byte) 0xFF;
              default -> 0;
            };
      }
      return mutant;
    }
  },
  /** A range is replaced with a range of this or another file, of the same or another length. */
  SPLICE {
    @Override
    byte[] apply(byte[] file, byte[] other, Random random) {
      byte[] from = random.nextBoolean() ? file : other;
      int length = random.nextInt(Math.min(from.length, 4096)) + 1;
      int source = random.nextInt(from.length - length + 1);
      int at = random.nextInt(file.length);
      int removed =
          random.nextBoolean()
              ? Math.min(length, file.length - at)
              : random.nextInt(Math.min(4096, file.length - at) + 1);
      byte[] mutant = new byte[file.length - removed + length];
      System.arraycopy(file, 0, mutant, 0, at);
      System.arraycopy(from, source, mutant, at, length);
      System.arraycopy(file, at + removed, mutant, at + length, file.length - at - removed);
      return mutant;
    }
  },
  /** The file ends early. */
  TRUNCATION {
    @Override
    byte[] apply(byte[] file, byte[] other, Random random) {
      int kept =
          random.nextBoolean()
              ? random.nextInt(file.length)
              : file.length - 1 - random.nextInt(Math.min(file.length, 64));
      return Arrays.copyOf(file, kept);
    }
  },
  /** A field of an IFD entry is another: code, type, count or value. */
  TAG {
    @Override
    byte[] apply(byte[] file, byte[] other, Random random) {
      byte[] mutant = file.clone();
      for (int change = random.nextInt(3); change >= 0; change--) {
        List<Entry> entries = Entry.of(mutant);
        if (entries.isEmpty()) {
          break;
        }
        Entry entry = entries.get(random.nextInt(entries.size()));
        switch (random.nextInt(6)) {
          case 0 -> entry.buffer().putShort(entry.place(), (short) random.nextInt(400));
          case 1 -> entry.buffer().putShort(entry.place() + 2, (short) random.nextInt(20));
          case 2 -> entry.count(odd(random, entry.count()));
          default -> entry.change(random, odd(random, entry.value(0)));
        }
      }
      return mutant;
    }
  },
  /** One block of the image claims fewer bytes than it has. */
  SHORT_BLOCK {
    @Override
    byte[] apply(byte[] file, byte[] other, Random random) {
      byte[] mutant = file.clone();
      for (Entry entry : Entry.of(mutant)) {
        if ((entry.code() == 279 || entry.code() == 325) && entry.readable()) {
          int block = random.nextInt((int) entry.count());
          long stored = entry.value(block);
          if (stored > 1) {
            long cut = random.nextInt(random.nextBoolean() ? 16 : 1 << 20);
            entry.value(block, Math.max(1, stored - 1 - cut % stored));
          }
        }
      }
      return mutant;
    }
  };

  private static final long[] ODD = {
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    15,
    16,
    17,
    32,
    64,
    127,
    128,
    255,
    256,
    257,
    32767,
    32768,
    65535,
    65536,
    1 << 20,
    0x7FFFFFFFL,
    0x80000000L,
    0xFFFFFFFFL,
    Long.MAX_VALUE,
    -1
  };

  /** The damaged file; the file given stays as it is. */
  abstract byte[] apply(byte[] file, byte[] other, Random random);

  private static long odd(Random random, long now) {
    return switch (random.nextInt(4)) {
      case 0 -> now + random.nextInt(9) - 4;
      case 1 -> now ^ 1L << random.nextInt(32);
      default -> ODD[random.nextInt(ODD.length)];
    };
  }

  /** An entry of the first IFD, at a place of its file; parsed without Landloom's reader. */
  private record Entry(ByteBuffer buffer, int place, boolean big) {
    private static final int[] BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

    static List<Entry> of(byte[] file) {
      List<Entry> entries = new ArrayList<>();
      if (file.length < 16) {
        return entries;
      }
      ByteBuffer buffer =
          ByteBuffer.wrap(file)
              .order(file[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
      boolean big = buffer.getShort(2) == 43;
      long start = big ? buffer.getLong(8) : buffer.getInt(4) & 0xFFFFFFFFL;
      if (start < 0 || start > file.length - 8) {
        return entries;
      }
      long count = big ? buffer.getLong((int) start) : buffer.getShort((int) start) & 0xFFFF;
      long first = start + (big ? 8 : 2);
      for (int i = 0; i < count && first + (i + 1L) * (big ? 20 : 12) <= file.length; i++) {
        entries.add(new Entry(buffer, (int) first + i * (big ? 20 : 12), big));
      }
      return entries;
    }

    int code() {
      return buffer.getShort(place) & 0xFFFF;
    }

    private int type() {
      return buffer.getShort(place + 2) & 0xFFFF;
    }

    private int size() {
      return type() < BYTES.length ? BYTES[type()] : 0;
    }

    long count() {
      return big ? buffer.getLong(place + 4) : buffer.getInt(place + 4) & 0xFFFFFFFFL;
    }

    void count(long count) {
      if (big) {
        buffer.putLong(place + 4, count);
      } else {
        buffer.putInt(place + 4, (int) count);
      }
    }

    boolean readable() {
      return size() > 1 && count() > 0 && count() < buffer.limit() && at(count() - 1) >= 0;
    }

    private int at(long index) {
      int inline = place + (big ? 12 : 8);
      boolean within = count() <= (big ? 8 : 4) / Math.max(1, size());
      long start = within ? inline : big ? buffer.getLong(inline) : buffer.getInt(inline);
      long at = start + index * size();
      return start < 0 || at < 0 || at > buffer.limit() - 8 ? -1 : (int) at;
    }

    long value(long index) {
      int at = at(index);
      return at < 0
          ? 0
          : switch (size()) {
            case 2 -> buffer.getShort(at) & 0xFFFF;
            case 4 -> buffer.getInt(at) & 0xFFFFFFFFL;
            case 8 -> buffer.getLong(at);
            default -> buffer.get(at) & 0xFF;
          };
    }

    void value(long index, long value) {
      int at = at(index);
      if (at >= 0) {
        switch (size()) {
          case 2 -> buffer.putShort(at, (short) value);
          case 4 -> buffer.putInt(at, (int) value);
          case 8 -> buffer.putLong(at, value);
          default -> buffer.put(at, (byte) value);
        }
      }
    }

    void change(Random random, long value) {
      long values = Math.max(1, Math.min(count(), 1 << 20));
      value(random.nextBoolean() ? 0 : random.nextInt((int) values), value);
    }
  }
}
