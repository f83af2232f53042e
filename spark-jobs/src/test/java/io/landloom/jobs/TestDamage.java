package io.landloom.jobs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/** Published files that are not as they were written. */
final class TestDamage {
  private TestDamage() {}

  /** Changes one bit amid the pixels of the images in each file of patches; gives the files. */
  static List<Path> flipBitOfImages(Path dataset) throws IOException {
    List<Path> parts;
    try (Stream<Path> files = Files.walk(dataset)) {
      parts =
          files.filter(file -> file.toString().matches(".*/patches/[^.][^/]*")).sorted().toList();
    }
    if (parts.isEmpty()) {
      throw new AssertionError("no patches below " + dataset);
    }
    for (Path part : parts) {
      ColumnChunkMetaData images = imageBytes(part);
      byte[] bytes = Files.readAllBytes(part);
      bytes[(int) (images.getStartingPos() + images.getTotalSize() / 2)] ^= 1;
      Files.write(part, bytes);
    }
    return parts;
  }

  private static ColumnChunkMetaData imageBytes(Path part) throws IOException {
    HadoopInputFile file =
        HadoopInputFile.fromPath(new org.apache.hadoop.fs.Path(part.toUri()), new Configuration());
    try (ParquetFileReader reader = ParquetFileReader.open(file)) {
      return reader.getRowGroups().get(0).getColumns().stream()
          .filter(column -> column.getPath().toDotString().equals("image.bytes"))
          .findFirst()
          .orElseThrow();
    }
  }
}
