package io.landloom.jobs.export;

import io.landloom.geo.landcover.ClassMask;

/**
 * The pixels of one class of a mask as COCO's run lengths.
 *
 * @param counts the compressed text: runs of pixels outside and inside by turns, down the columns
 * @param area pixels of the class
 * @param x leftmost column
 * @param y uppermost row
 * @param width columns from the leftmost to the rightmost
 * @param height rows from the uppermost to the lowest
 */
record RunLengths(String counts, int area, int x, int y, int width, int height) {
  /** The runs of a class that the mask shows. */
  static RunLengths of(ClassMask mask, int index) {
    StringBuilder text = new StringBuilder();
    Text runs = new Text(text);
    int area = 0;
    int left = mask.width();
    int right = -1;
    int top = mask.height();
    int bottom = -1;
    boolean inside = false;
    int run = 0;
    for (int x = 0; x < mask.width(); x++) {
      for (int y = 0; y < mask.height(); y++) {
        boolean shows = mask.at(x, y) == index;
        if (shows != inside) {
          runs.add(run);
          run = 0;
          inside = shows;
        }
        run++;
        if (shows) {
          area++;
          left = Math.min(left, x);
          right = x;
          top = Math.min(top, y);
          bottom = Math.max(bottom, y);
        }
      }
    }
    runs.add(run);
    return new RunLengths(text.toString(), area, left, top, right - left + 1, bottom - top + 1);
  }

  /** As COCO's API packs runs: from the third on less the one two before, five bits a letter. */
  private static final class Text {
    private final StringBuilder text;
    private final int[] before = new int[2];
    private int count;

    Text(StringBuilder text) {
      this.text = text;
    }

    void add(int run) {
      long rest = count > 2 ? run - before[count % 2] : run;
      before[count % 2] = run;
      count++;
      boolean more = true;
      while (more) {
        int bits = (int) (rest & 0x1F);
        rest >>= 5;
        more = (bits & 0x10) != 0 ? rest != -1 : rest != 0;
        text.append((char) (48 + (more ? bits | 0x20 : bits)));
      }
    }
  }
}
