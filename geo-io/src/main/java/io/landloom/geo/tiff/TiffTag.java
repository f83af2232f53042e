package io.landloom.geo.tiff;

import java.util.HashMap;
import java.util.Map;

/** The tags the reader looks at (TIFF 6.0, its Technical Notes 2 and 3, GeoTIFF 1.1, GDAL). */
enum TiffTag {
  NEW_SUBFILE_TYPE(254, "NewSubfileType"),
  SUBFILE_TYPE(255, "SubfileType"),
  IMAGE_WIDTH(256, "ImageWidth"),
  IMAGE_LENGTH(257, "ImageLength"),
  BITS_PER_SAMPLE(258, "BitsPerSample"),
  COMPRESSION(259, "Compression"),
  PHOTOMETRIC(262, "PhotometricInterpretation"),
  FILL_ORDER(266, "FillOrder"),
  STRIP_OFFSETS(273, "StripOffsets"),
  ORIENTATION(274, "Orientation"),
  SAMPLES_PER_PIXEL(277, "SamplesPerPixel"),
  ROWS_PER_STRIP(278, "RowsPerStrip"),
  STRIP_BYTE_COUNTS(279, "StripByteCounts"),
  PLANAR_CONFIGURATION(284, "PlanarConfiguration"),
  PREDICTOR(317, "Predictor"),
  COLOR_MAP(320, "ColorMap"),
  TILE_WIDTH(322, "TileWidth"),
  TILE_LENGTH(323, "TileLength"),
  TILE_OFFSETS(324, "TileOffsets"),
  TILE_BYTE_COUNTS(325, "TileByteCounts"),
  EXTRA_SAMPLES(338, "ExtraSamples"),
  SAMPLE_FORMAT(339, "SampleFormat"),
  JPEG_TABLES(347, "JPEGTables"),
  MODEL_PIXEL_SCALE(33550, "ModelPixelScale"),
  MODEL_TIEPOINT(33922, "ModelTiepoint"),
  MODEL_TRANSFORMATION(34264, "ModelTransformation"),
  GEO_KEY_DIRECTORY(34735, "GeoKeyDirectory"),
  GDAL_NODATA(42113, "GDAL_NODATA");

  private static final Map<Integer, TiffTag> BY_CODE = new HashMap<>();

  static {
    for (TiffTag tag : values()) {
      BY_CODE.put(tag.code, tag);
    }
  }

  private final int code;
  private final String title;

  TiffTag(int code, String title) {
    this.code = code;
    this.title = title;
  }

  int code() {
    return code;
  }

  /** The tag of a code, null for one the reader does not look at. */
  static TiffTag ofCode(int code) {
    return BY_CODE.get(code);
  }

  @Override
  public String toString() {
    return title + " (" + code + ")";
  }
}
