package io.landloom.synthesis.diffusion.mask;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Says by rules what a mask shows, where no model is there to say it: {@code mostly pond, one area
 * of river in the west, many areas of road}.
 *
 * <p>The largest class leads. Of up to four others with a hundredth of the valid pixels each,
 * largest first, it tells how many regions there are and in which ninth of the mask their centre
 * is; of many regions not the ninth.
 *
 * @param names of the valid classes, in the scheme's order
 */
public record MaskCaption(List<String> names) {
  private static final int MOST_OTHERS = 4;
  private static final double LEAST_SHARE = 0.01;
  private static final int LEAST_AREA = 4;
  private static final int FEW = 3;
  private static final int SEVERAL = 9;
  private static final List<String> ROWS = List.of("north", "", "south");
  private static final List<String> COLUMNS = List.of("west", "", "east");

  /** Copies the names. */
  public MaskCaption {
    names = List.copyOf(names);
  }

  /**
   * The caption of a mask.
   *
   * @param positions class positions, row by row; those that have no name are unknown
   * @param width pixels a row
   */
  public String of(byte[] positions, int width) {
    int[] pixels = new int[names.size()];
    int valid = 0;
    for (byte position : positions) {
      if (position >= 0 && position < pixels.length) {
        pixels[position]++;
        valid++;
      }
    }
    if (valid == 0) {
      return "nothing known";
    }
    double all = valid;
    List<Integer> order =
        IntStream.range(0, pixels.length)
            .boxed()
            .sorted(Comparator.comparingInt(k -> -pixels[k]))
            .toList();
    int largest = order.get(0);
    List<String> parts = new ArrayList<>();
    parts.add(
        (2 * pixels[largest] >= valid ? "mostly " : "mixed, most of it ") + names.get(largest));
    List<Regions.Region> regions = Regions.of(positions, width);
    order.stream()
        .skip(1)
        .filter(k -> pixels[k] / all >= LEAST_SHARE)
        .limit(MOST_OTHERS)
        .forEach(k -> parts.add(areas(k, regions, width, positions.length / width)));
    return String.join(", ", parts);
  }

  private String areas(int position, List<Regions.Region> regions, int width, int height) {
    int count = 0;
    long pixels = 0;
    double rows = 0;
    double columns = 0;
    for (Regions.Region region : regions) {
      if (region.position() == position) {
        count += region.area() >= LEAST_AREA ? 1 : 0;
        pixels += region.area();
        for (int pixel : region.pixels()) {
          int row = pixel / width;
          int column = pixel % width;
          rows += row / (double) height;
          columns += column / (double) width;
        }
      }
    }
    String name = " of " + names.get(position);
    if (count > SEVERAL) {
      return "many areas" + name;
    }
    String many = count <= 1 ? "one area" : count <= FEW ? "a few areas" : "several areas";
    return many + name + place(rows / pixels, columns / pixels);
  }

  private static String place(double row, double column) {
    String place = (third(ROWS, row) + " " + third(COLUMNS, column)).strip();
    return " in the " + (place.isEmpty() ? "middle" : place);
  }

  private static String third(List<String> words, double place) {
    return words.get((int) Math.min(2, 3 * place));
  }
}
