package io.landloom.jobs.export;

import io.landloom.jobs.export.ClassMapping.Numbering;
import io.landloom.jobs.run.StagedFiles.BucketFiles;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The formats that {@code export} writes. */
public enum ExportFormat {
  /** mmsegmentation: {@code img_dir/<split>/x.png}, {@code ann_dir/<split>/x.png}. */
  MMSEGMENTATION(Numbering.UNKNOWN255, true) {
    @Override
    PairWriter open(BucketFiles files, ExportBucket bucket, ClassMapping mapping) {
      return (pair, number) -> {
        String file = pair.split() + "/" + pair.name() + ".png";
        files.write("img_dir/" + file, pair.image());
        files.write("ann_dir/" + file, pair.palettePng(mapping));
      };
    }
  },

  /**
   * torchgeo's GID15: {@code GID/img_dir/<split>/x.tif}, {@code GID/ann_dir/<split>/x_15label.png}.
   *
   * <p>torchgeo has Pillow turn masks into gray levels, which makes colours of a palette gray: so
   * these masks have none.
   */
  TORCHGEO(Numbering.KEEP, true) {
    @Override
    PairWriter open(BucketFiles files, ExportBucket bucket, ClassMapping mapping) {
      return (pair, number) -> {
        String file = pair.split() + "/" + pair.name();
        GeoTiffs.image(files, "GID/img_dir/" + file + ".tif", pair);
        files.write("GID/ann_dir/" + file + "_15label.png", pair.grayPng(mapping));
      };
    }
  },

  /** COCO's stuff: {@code <split>/x.png}, {@code annotations/stuff_<split>.json} with RLE. */
  COCO(Numbering.UNKNOWN0, true) {
    @Override
    PairWriter open(BucketFiles files, ExportBucket bucket, ClassMapping mapping) {
      return new CocoWriter(files, bucket, mapping);
    }
  },

  /** WebDataset: {@code <split>-000000.tar} of {@code x.image.png, x.mask.png, x.json}. */
  WEBDATASET(Numbering.KEEP, false) {
    @Override
    PairWriter open(BucketFiles files, ExportBucket bucket, ClassMapping mapping) {
      return new WebDatasetWriter(files, bucket, mapping);
    }
  },

  /** Arrow IPC files, {@code <split>-000000.arrow}, with images and masks as stored. */
  ARROW(Numbering.KEEP, false) {
    @Override
    PairWriter open(BucketFiles files, ExportBucket bucket, ClassMapping mapping) {
      return new ArrowWriter(files, bucket, mapping);
    }
  },

  /** GeoTIFF: {@code images/<split>/x.tif}, {@code masks/<split>/x.tif} with a palette. */
  GEOTIFF(Numbering.KEEP, false) {
    @Override
    PairWriter open(BucketFiles files, ExportBucket bucket, ClassMapping mapping) {
      return (pair, number) -> {
        String file = pair.split() + "/" + pair.name() + ".tif";
        GeoTiffs.image(files, "images/" + file, pair);
        GeoTiffs.mask(files, "masks/" + file, pair, mapping);
      };
    }
  };

  private final Numbering numbering;
  private final boolean needsPng;

  ExportFormat(Numbering numbering, boolean needsPng) {
    this.numbering = numbering;
    this.needsPng = needsPng;
  }

  /** How classes are numbered where nothing else is asked for. */
  Numbering numbering() {
    return numbering;
  }

  /** Whether all images must have 8 bits and 1 or 3 bands. */
  public boolean needsPng() {
    return needsPng;
  }

  /** Whether the bytes of images are copied as they are stored, and not compressed anew. */
  public boolean copiesImages() {
    return this != TORCHGEO && this != GEOTIFF;
  }

  /** About how many bytes a pair takes beside its image and mask. */
  public long bytesAround() {
    // three headers of a tar, the entry of JSON, and what fills the others up to whole blocks
    return this == WEBDATASET ? 3 * 512 + 512 + 2 * 256 : 0;
  }

  /** How many files it writes of images and masks. */
  public long files(List<ExportBucket> buckets) {
    long pairs = buckets.stream().mapToLong(ExportBucket::total).sum();
    return switch (this) {
      case MMSEGMENTATION, TORCHGEO, GEOTIFF -> 2 * pairs;
      case COCO ->
          pairs
              + buckets.stream()
                  .flatMap(bucket -> bucket.rows().keySet().stream())
                  .distinct()
                  .count();
      case WEBDATASET, ARROW -> buckets.stream().mapToLong(bucket -> bucket.shards().size()).sum();
    };
  }

  /** The name in the configuration. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The names in the configuration. */
  public static String[] texts() {
    return Arrays.stream(values()).map(ExportFormat::text).toArray(String[]::new);
  }

  /** The format with a name of {@link #texts}. */
  public static ExportFormat named(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }

  /** Starts to write a bucket. */
  abstract PairWriter open(BucketFiles files, ExportBucket bucket, ClassMapping mapping);
}
