package io.landloom.synthesis.training;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.SeededStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Labelled patches of which only a scribble a class is left: a line of a few pixels, as one who
 * labels by hand would draw it; all other pixels are unknown.
 *
 * @param all the set
 * @param scheme its scheme
 * @param pixels most labelled pixels of a class in a patch
 * @param draw number of the draw, so that several can be compared
 */
public record SparseLabels(TrainingSet all, LandCoverScheme scheme, int pixels, long draw)
    implements TrainingSet {
  private static final int TURNS = 8;

  /** Checks the range. */
  public SparseLabels {
    if (pixels < 1) {
      throw new IllegalArgumentException(pixels + " labelled pixels of a class are below 1");
    }
  }

  @Override
  public int size() {
    return all.size();
  }

  @Override
  public Raster image(int i) {
    return all.image(i);
  }

  @Override
  public ClassMask mask(int i) {
    ClassMask whole = all.mask(i);
    byte[] indices = whole.indices();
    byte[] left = new byte[indices.length];
    Arrays.fill(left, (byte) scheme.unknownIndex());
    for (LandCoverClass labelled : scheme.validClasses()) {
      byte index = (byte) labelled.index();
      SeededStream stream = SeededStream.of(List.of("scribbles"), draw, i, labelled.index());
      new Scribble(indices, left, whole.width(), index).draw(pixels, stream);
    }
    return new ClassMask(whole.width(), whole.height(), left);
  }

  /**
   * A line through the pixels of one class.
   *
   * @param indices class indices of the patch
   * @param left where the line is drawn
   * @param width pixels a row
   * @param index the class
   */
  private record Scribble(byte[] indices, byte[] left, int width, byte index) {
    void draw(int pixels, SeededStream stream) {
      List<Integer> own = new ArrayList<>();
      for (int pixel = 0; pixel < indices.length; pixel++) {
        if (indices[pixel] == index) {
          own.add(pixel);
        }
      }
      if (own.isEmpty()) {
        return;
      }
      int pixel = own.get(stream.nextInt(own.size()));
      int direction = stream.nextInt(TURNS);
      left[pixel] = index;
      int drawn = 1;
      // where the line cannot go on it ends: a small region has few pixels
      for (int stuck = 0; drawn < pixels && stuck < TURNS; ) {
        int next = neighbour(pixel, direction);
        if (next < 0 || indices[next] != index || left[next] == index) {
          direction = (direction + 1) % TURNS;
          stuck++;
          continue;
        }
        pixel = next;
        left[pixel] = index;
        drawn++;
        stuck = 0;
        direction = (direction + TURNS + stream.nextInt(3) - 1) % TURNS;
      }
    }

    /** The pixel beside another, or -1 outside; directions go round. */
    private int neighbour(int pixel, int direction) {
      int[] dx = {1, 1, 0, -1, -1, -1, 0, 1};
      int[] dy = {0, 1, 1, 1, 0, -1, -1, -1};
      int x = pixel % width + dx[direction];
      int y = pixel / width + dy[direction];
      return x < 0 || x >= width || y < 0 || y >= indices.length / width ? -1 : y * width + x;
    }
  }
}
