package io.landloom.jobs.export;

import io.landloom.geo.landcover.ClassMask;
import io.landloom.jobs.export.ClassMapping.Exported;
import io.landloom.jobs.run.JsonLine;
import io.landloom.jobs.run.StagedFiles;
import io.landloom.jobs.run.StagedFiles.BucketFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Writes COCO's format of stuff: for each class that an image shows one annotation, whose
 * segmentation is run lengths of all its pixels. Unknown pixels are in none.
 *
 * <p>A task writes its images' entries into parts, which the driver joins into one file a split
 * without reading them.
 */
final class CocoWriter implements PairWriter {
  private static final String IMAGES = "images";
  private static final String ANNOTATIONS = "annotations";
  private static final int NUMBERS_AN_IMAGE = 256;

  private final BucketFiles files;
  private final ExportBucket bucket;
  private final ClassMapping mapping;
  private final Map<String, Part> parts = new TreeMap<>();

  CocoWriter(BucketFiles files, ExportBucket bucket, ClassMapping mapping) {
    this.files = files;
    this.bucket = bucket;
    this.mapping = mapping;
  }

  @Override
  public void write(ImageMask pair, long number) throws IOException {
    String file = pair.name() + ".png";
    files.write(pair.split() + "/" + file, pair.image());
    part(pair.split(), IMAGES)
        .add(
            pair.origin()
                .number("id", number)
                .text("file_name", file)
                .number("width", pair.imageShape().width())
                .number("height", pair.imageShape().height())
                .end());
    ClassMask mask = pair.classes(mapping);
    boolean[] shown = new boolean[256];
    for (byte index : mask.indices()) {
      shown[index & 0xFF] = true;
    }
    for (Exported one : mapping.classes()) {
      if (shown[one.index()]) {
        part(pair.split(), ANNOTATIONS).add(annotation(mask, one.index(), number));
      }
    }
  }

  private static String annotation(ClassMask mask, int index, long number) {
    RunLengths runs = RunLengths.of(mask, index);
    String segmentation =
        new JsonLine()
            .numbers("size", List.of(mask.height(), mask.width()))
            .text("counts", runs.counts())
            .end();
    return new JsonLine()
        .number("id", number * NUMBERS_AN_IMAGE + index)
        .number("image_id", number)
        .number("category_id", index)
        .json("segmentation", segmentation)
        .number("area", runs.area())
        .numbers("bbox", List.of(runs.x(), runs.y(), runs.width(), runs.height()))
        .number("iscrowd", 0)
        .end();
  }

  private Part part(String split, String of) throws IOException {
    String name = bucket.part(split, of);
    Part part = parts.get(name);
    if (part == null) {
      part = new Part(files.create(name));
      parts.put(name, part);
    }
    return part;
  }

  /** Entries with commas between. */
  private static final class Part {
    private final OutputStream out;
    private String separator = "";

    Part(OutputStream out) {
      this.out = out;
    }

    void add(String entry) throws IOException {
      out.write((separator + entry).getBytes(StandardCharsets.UTF_8));
      separator = ",\n";
    }
  }

  @Override
  public void close() throws IOException {
    for (String split : bucket.rows().keySet()) {
      part(split, ANNOTATIONS); // also where no image shows a class
    }
    for (Part part : parts.values()) {
      part.out.close();
    }
  }

  /** Joins the parts of all buckets, in their order, into one file a split. */
  static void join(
      StagedFiles files, List<ExportBucket> buckets, ClassMapping mapping, Configuration hadoop)
      throws IOException {
    List<String> splits =
        buckets.stream().flatMap(bucket -> bucket.rows().keySet().stream()).distinct().toList();
    for (String split : splits) {
      List<ExportBucket> with = new ArrayList<>(buckets);
      with.removeIf(bucket -> !bucket.rows().containsKey(split));
      try (OutputStream out = files.create(ANNOTATIONS + "/stuff_" + split + ".json", hadoop)) {
        text(out, "{\"info\": {\"description\": \"Landloom\"}, \"licenses\": [],\n");
        text(out, "\"categories\": [" + categories(mapping) + "],\n\"images\": [\n");
        copy(out, files, with, split, IMAGES, hadoop);
        text(out, "],\n\"annotations\": [\n");
        copy(out, files, with, split, ANNOTATIONS, hadoop);
        text(out, "]}\n");
      }
    }
  }

  private static String categories(ClassMapping mapping) {
    return mapping.classes().stream()
        .map(
            one ->
                new JsonLine()
                    .number("id", one.index())
                    .text("name", one.name())
                    .text("supercategory", "land cover")
                    .numbers(
                        "color", List.of(one.rgb() >> 16, one.rgb() >> 8 & 0xFF, one.rgb() & 0xFF))
                    .number("isthing", 0)
                    .end())
        .collect(Collectors.joining(",\n"));
  }

  private static void copy(
      OutputStream out,
      StagedFiles files,
      List<ExportBucket> buckets,
      String split,
      String of,
      Configuration hadoop)
      throws IOException {
    boolean first = true;
    for (ExportBucket bucket : buckets) {
      Path part = files.path(bucket.part(split, of));
      if (part.getFileSystem(hadoop).getFileStatus(part).getLen() == 0) {
        continue;
      }
      text(out, first ? "" : ",\n");
      first = false;
      try (InputStream in = part.getFileSystem(hadoop).open(part)) {
        in.transferTo(out);
      }
    }
  }

  private static void text(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
