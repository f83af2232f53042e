package io.landloom.jobs.export;

import io.landloom.jobs.run.StagedFiles.BucketFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Writes tar files as WebDataset reads them: files of a sample follow each other, by one key. */
final class WebDatasetWriter implements PairWriter {
  private final BucketFiles files;
  private final ExportBucket bucket;
  private final ClassMapping mapping;
  private final Map<String, TarWriter> shards = new TreeMap<>();

  WebDatasetWriter(BucketFiles files, ExportBucket bucket, ClassMapping mapping) {
    this.files = files;
    this.bucket = bucket;
    this.mapping = mapping;
  }

  @Override
  public void write(ImageMask pair, long number) throws IOException {
    TarWriter tar = shards.get(pair.split());
    if (tar == null) {
      tar = new TarWriter(files.create(bucket.shard(pair.split(), "tar")));
      shards.put(pair.split(), tar);
    }
    String key = pair.name();
    if (pair.isPng()) {
      tar.add(key + ".image.png", pair.image());
    } else {
      tar.add(key + ".image.npy", Npy.of(pair.imageShape(), pair.image()));
    }
    tar.add(key + ".mask.png", pair.palettePng(mapping));
    tar.add(key + ".json", pair.origin().end().getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() throws IOException {
    for (TarWriter tar : shards.values()) {
      tar.close();
    }
  }
}
