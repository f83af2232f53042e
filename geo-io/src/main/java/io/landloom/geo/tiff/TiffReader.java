package io.landloom.geo.tiff;

import io.landloom.geo.image.Raster;
import io.landloom.geo.image.Validity;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.ByteSource;
import io.landloom.geo.source.SceneFormatException;
import java.io.IOException;
import java.util.Optional;

/**
 * Reads the rows of a TIFF or BigTIFF, block by block, within {@link TiffLimits}.
 *
 * <p>Strips or tiles; bands interleaved or in planes of their own; 1 to 16 bands of integers of 8,
 * 16 and 32 bits or floats of 32 and 64; one band of 1, 2 or 4 bits, given as 8; gray, RGB, palette
 * and CMYK images with any extra samples, all as stored and without colour conversion, but for
 * YCbCr of JPEG, which becomes RGB; no compression, LZW, Deflate, PackBits, JPEG, Zstd or LZMA,
 * with predictors 1 to 3. The image is the first IFD that is neither an overview nor a mask. What
 * else the tags ask for is refused by name when the file is opened, and so is a file whose blocks
 * do not lie inside it or could not hold the pixels they should. What only a block itself tells is
 * refused when the block is read: kinds of JPEG, windows of Zstd, dictionaries of LZMA, old-style
 * LZW. A block that decodes to fewer bytes than it should is an error, never zeros. So are more
 * rows in one request than {@link TiffLimits#requestBytes}.
 *
 * <p>A block with offset 0 and no bytes is sparse: its samples have the nodata value, 0 without
 * one, and its pixels hold no data in {@link #validity}.
 *
 * <p>The georeference is known where the file gives an affine transform and an EPSG code in metres
 * or degrees; a user-defined CRS counts as none.
 *
 * <p>Not safe for several threads.
 */
public final class TiffReader implements SceneReader {
  private final ByteSource source;
  private final SceneHeader header;
  private final BlockImage image;
  private final BlockImage mask;

  private TiffReader(ByteSource source, TiffLimits limits) throws IOException {
    this.source = source;
    IfdChain chain = IfdChain.parse(source, limits);
    Ifd ifd = chain.image();
    TiffLayout layout = TiffLayout.of(ifd, limits, source.length());
    Double nodata = Nodata.of(ifd);
    byte[] sparseSample = Nodata.sample(nodata, layout.type);
    this.image = new BlockImage(source, limits, layout, chain.order(), sparseSample);
    this.mask = mask(chain, ifd, limits);
    GeoKeys.Placement place = GeoKeys.placement(ifd);
    this.header =
        new SceneHeader(
            "TIFF",
            layout.width,
            layout.height,
            layout.bands,
            layout.type,
            layout.palette(),
            place.georeference(),
            new SceneHeader.Storage(
                layout.compression.name(),
                layout.description(),
                nodata,
                mask != null,
                place.words(),
                place.crs()));
  }

  private BlockImage mask(IfdChain chain, Ifd ifd, TiffLimits limits) throws IOException {
    Ifd masking = chain.maskOf(ifd);
    if (masking == null) {
      return null;
    }
    TiffLayout layout = TiffLayout.of(masking, limits, source.length());
    if (layout.width != image.layout.width || layout.height != image.layout.height) {
      throw masking.refusal(
          String.format(
              "mask of %d x %d pixels for an image of %d x %d",
              layout.width, layout.height, image.layout.width, image.layout.height));
    }
    if (layout.photometric == Photometric.WHITE_IS_ZERO || layout.type.bytes() > 1) {
      throw masking.refusal(
          String.format(
              "mask of %s, %d bits of %s: not supported",
              layout.photometric, layout.bits, layout.type.dtype()));
    }
    return new BlockImage(source, limits, layout, chain.order(), new byte[1]);
  }

  /**
   * Opens a TIFF and reads its directories; the source is the reader's to close, also when this
   * fails.
   *
   * @throws SceneFormatException if the file is damaged, over the limits or not supported; the
   *     message names file, IFD and tag or block
   * @throws IOException if it cannot be read
   */
  public static TiffReader open(ByteSource source, TiffLimits limits) throws IOException {
    try {
      return new TiffReader(source, limits);
    } catch (IOException | RuntimeException e) {
      try {
        source.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  @Override
  public SceneHeader header() {
    return header;
  }

  @Override
  public int blockRows() {
    return image.layout.compression == Compression.NONE ? 1 : image.layout.blockHeight;
  }

  @Override
  public Raster rows(int y, int count) throws IOException {
    return image.rows(y, count);
  }

  @Override
  public Optional<Validity> validity(int y, Raster rows) throws IOException {
    DataPixels pixels = new DataPixels(rows);
    pixels.clearNodata(header.storage().nodata());
    pixels.clearSparse(image.layout, y);
    if (mask != null) {
      pixels.clearMasked(mask.rows(y, rows.height()));
    }
    return pixels.validity();
  }

  @Override
  public boolean complete() {
    return header.storage().nodata() == null
        && mask == null
        && !image.layout.sparse()
        && !header.type().floating();
  }

  @Override
  public void close() throws IOException {
    image.close();
    if (mask != null) {
      mask.close();
    }
    source.close();
  }
}
