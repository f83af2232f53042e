package io.landloom.jobs.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Test;

/** Pages against Parquet's own decompressor. */
class PageCompressorTest {
  private static final long SEED = 20261120;

  @Test
  void parquetReadsPagesOfAllSizesOneAfterTheOther() throws IOException {
    Random random = new Random(SEED);
    CodecFactory codecs = new CodecFactory(new Configuration(), 1 << 20);
    PageCompressor compressor = new PageCompressor.Zstd();
    assertEquals(CompressionCodecName.ZSTD, compressor.getCodecName());
    for (int size : new int[] {1, 300_000, 0, 17, 1_048_576, 299_999, 1_300_000, 5}) {
      byte[] first = noise(size / 3, random);
      byte[] second = new byte[size - size / 3];
      BytesInput page = BytesInput.concat(BytesInput.from(first), BytesInput.from(second));
      byte[] compressed = compressor.compress(page).toByteArray();
      byte[] read =
          codecs
              .getDecompressor(CompressionCodecName.ZSTD)
              .decompress(BytesInput.from(compressed), size)
              .toByteArray();
      assertArrayEquals(page.toByteArray(), read, "seed " + SEED + ", page of " + size);
    }
    compressor.release();
    codecs.release();
  }

  @Test
  void pagesOfPngsStayAsTheyAre() throws IOException {
    BytesInput page = BytesInput.from(new byte[] {1, 2, 3});
    PageCompressor none = new PageCompressor.None();
    assertSame(page, none.compress(page));
    assertEquals(CompressionCodecName.UNCOMPRESSED, none.getCodecName());
    none.release();
  }

  private static byte[] noise(int size, Random random) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }
}
