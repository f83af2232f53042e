package io.landloom.jobs.table;

import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * Compresses the pages of a Parquet file, each at once.
 *
 * <p>Parquet's own compressors go through Hadoop's streams, which copy a page in small pieces and
 * set zstd up anew for each.
 */
abstract class PageCompressor extends CodecFactory.BytesCompressor {
  /** Pages as they are. */
  static final class None extends PageCompressor {
    @Override
    public BytesInput compress(BytesInput page) {
      return page;
    }

    @Override
    public CompressionCodecName getCodecName() {
      return CompressionCodecName.UNCOMPRESSED;
    }

    @Override
    public void release() {}
  }

  /** A frame of zstd at level 1 for each page. */
  static final class Zstd extends PageCompressor {
    private static final int LEVEL = 1;

    private final ZstdCompressCtx context = new ZstdCompressCtx().setLevel(LEVEL);
    private byte[] page = new byte[0];
    private byte[] frame = new byte[0];

    /** The frame lies in an array that the next page will overwrite, as Parquet's own do. */
    @Override
    public BytesInput compress(BytesInput bytes) throws IOException {
      int size = Math.toIntExact(bytes.size());
      if (page.length < size) {
        page = new byte[size];
        frame = new byte[Math.toIntExact(com.github.luben.zstd.Zstd.compressBound(size))];
      }
      Flat flat = new Flat(page);
      bytes.writeAllTo(flat);
      int compressed = context.compressByteArray(frame, 0, frame.length, page, 0, flat.size);
      return BytesInput.from(frame, 0, compressed);
    }

    @Override
    public CompressionCodecName getCodecName() {
      return CompressionCodecName.ZSTD;
    }

    @Override
    public void release() {
      context.close();
    }
  }

  /** What is written, one behind the other in an array. */
  private static final class Flat extends OutputStream {
    private final byte[] target;
    private int size;

    Flat(byte[] target) {
      this.target = target;
    }

    @Override
    public void write(int value) {
      target[size++] = (byte) value;
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
      System.arraycopy(bytes, offset, target, size, count);
      size += count;
    }
  }
}
