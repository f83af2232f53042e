package io.landloom.jobs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.training.TrainingSet;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class SampleSheetTest {
  private static final int SIDE = 8;

  /** Masks of 8 x 8 pixels, each of equal stripes of class indices; images are not asked for. */
  private record Stripes(List<List<Integer>> masks) implements TrainingSet {
    @Override
    public int size() {
      return masks.size();
    }

    @Override
    public Raster image(int i) {
      throw new IllegalStateException("no image is needed to choose");
    }

    @Override
    public ClassMask mask(int i) {
      List<Integer> stripes = masks.get(i);
      byte[] indices = new byte[SIDE * SIDE];
      int rows = SIDE / stripes.size();
      for (int row = 0; row < SIDE; row++) {
        int index = stripes.get(Math.min(row / rows, stripes.size() - 1));
        Arrays.fill(indices, row * SIDE, (row + 1) * SIDE, (byte) index);
      }
      return new ClassMask(SIDE, SIDE, indices);
    }
  }

  @Test
  void showsEachClassAmongOthersWhereItCan() {
    LandCoverScheme scheme = LandCoverScheme.named("mbrsc");
    List<Integer> all = scheme.validClasses().stream().map(c -> c.index()).toList();
    int first = all.get(0);
    int second = all.get(1);
    int third = all.get(2);
    int fourth = all.get(3);
    TrainingSet set =
        new Stripes(
            List.of(
                List.of(first), // alone
                List.of(first, second),
                List.of(first, first, second, third),
                List.of(fourth)));
    // the first class is among most others in the third mask, the second then in another; the third
    // class is nowhere else, the fourth only alone
    assertEquals(List.of(2, 1, 3), SampleSheet.items(set, scheme));
  }

  @Test
  void drawsPicturesInRowsWithGaps() throws IOException {
    Picture red = new Picture(2, 1, new int[] {0xFF0000, 0xFF0000});
    Picture blue = new Picture(2, 1, new int[] {0x0000FF, 0x0000FE});
    byte[] png = SampleSheet.png(List.of(List.of(red, blue), List.of(blue, red)));
    BufferedImage sheet = ImageIO.read(new ByteArrayInputStream(png));
    assertEquals("10 x 8", sheet.getWidth() + " x " + sheet.getHeight());
    int[][] expected = {
      {2, 2, 0xFF0000},
      {6, 2, 0x0000FF},
      {7, 2, 0x0000FE},
      {3, 5, 0x0000FE},
      {6, 5, 0xFF0000},
      {4, 2, 0xFFFFFF},
      {0, 0, 0xFFFFFF}
    };
    for (int[] pixel : expected) {
      assertEquals(pixel[2], sheet.getRGB(pixel[0], pixel[1]) & 0xFFFFFF, Arrays.toString(pixel));
    }
  }
}
