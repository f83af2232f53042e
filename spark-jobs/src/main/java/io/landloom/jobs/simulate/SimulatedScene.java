package io.landloom.jobs.simulate;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;

/**
 * A labelled satellite scene drawn from noise: a pure function of seed, number, width, height and
 * scheme.
 *
 * <p>Any rows can be read, in any order and by several threads, in memory that grows with the rows
 * asked for and not with the scene. A pixel stands for 4 m where the scheme names land use, and for
 * less where it names buildings or cars. Land of a kind that the scheme has no class for is left
 * unknown, as are blobs of 10 to 35 % of the scene.
 */
public final class SimulatedScene {
  private static final int MOST_PIXELS = 1 << 20;

  private final int seed;
  private final int width;
  private final int height;
  private final Setting setting;
  private final Legend legend;

  /**
   * A scene.
   *
   * @param seed seed of the data set
   * @param number which scene of the data set
   * @param width pixels a row, 1 to 1,048,576
   * @param height rows, 1 to 1,048,576
   * @param scheme the classes of the mask, found by words in their names
   * @throws IllegalArgumentException if a size is out of range, or no class of the scheme is one
   *     that can be drawn
   */
  public SimulatedScene(long seed, int number, int width, int height, LandCoverScheme scheme) {
    if (width < 1 || width > MOST_PIXELS || height < 1 || height > MOST_PIXELS) {
      throw new IllegalArgumentException(
          "scene of " + width + " x " + height + ", sides are 1 to " + MOST_PIXELS);
    }
    this.seed = Noise.hash((int) seed, (int) (seed >>> 32), number);
    this.width = width;
    this.height = height;
    this.setting = Setting.of(scheme);
    this.legend = new Legend(scheme);
  }

  /** Pixels a row. */
  public int width() {
    return width;
  }

  /** Number of rows. */
  public int height() {
    return height;
  }

  /**
   * Draws rows of the image.
   *
   * @param y first row, from the top
   * @param rows number of rows
   * @return a raster (rows, width, 3) of 8-bit red, green and blue
   * @throws IllegalArgumentException if the rows are not in the scene
   */
  public Raster image(int y, int rows) {
    check(y, rows, 3);
    Layout layout = new Layout(seed, setting, width);
    Painter painter = new Painter(seed);
    Sensor sensor = new Sensor(seed);
    float[] above = new float[3 * width];
    float[] here = new float[3 * width];
    float[] below = new float[3 * width];
    light(Math.max(0, y - 1), layout, painter, above);
    light(y, layout, painter, here);
    byte[] samples = new byte[rows * width * 3];
    for (int row = y; row < y + rows; row++) {
      light(Math.min(height - 1, row + 1), layout, painter, below);
      sensor.expose(above, here, below, row, samples, (row - y) * width * 3);
      float[] spent = above;
      above = here;
      here = below;
      below = spent;
    }
    return Raster.ofBytes(width, rows, 3, samples);
  }

  private void light(int y, Layout layout, Painter painter, float[] light) {
    layout.moveTo(y);
    Ground ground = new Ground();
    TerrainRows terrain = layout.terrain();
    double worldY = (y + 0.5) / setting.zoom();
    for (int x = 0; x < width; x++) {
      layout.fill(x, ground);
      painter.paint(
          ground,
          (x + 0.5) / setting.zoom(),
          worldY,
          terrain.at(Terrain.SLOPE, x),
          terrain.at(Terrain.TONE, x));
      light[3 * x] = painter.red;
      light[3 * x + 1] = painter.green;
      light[3 * x + 2] = painter.blue;
    }
  }

  /**
   * Draws rows of the mask.
   *
   * @param y first row, from the top
   * @param rows number of rows
   * @return a mask (rows, width) of class indices of the scheme
   * @throws IllegalArgumentException if the rows are not in the scene
   */
  public ClassMask mask(int y, int rows) {
    check(y, rows, 1);
    Layout layout = new Layout(seed, setting, width);
    Ground ground = new Ground();
    byte[] indices = new byte[rows * width];
    for (int row = 0; row < rows; row++) {
      layout.moveTo(y + row);
      for (int x = 0; x < width; x++) {
        layout.fill(x, ground);
        indices[row * width + x] = legend.indexOf(ground);
      }
    }
    return new ClassMask(width, rows, indices);
  }

  private void check(int y, int rows, int bands) {
    if (y < 0 || rows < 1 || rows > height - y) {
      throw new IllegalArgumentException(
          "rows " + y + " to " + ((long) y + rows) + " of a scene of " + height + " rows");
    }
    if ((long) rows * width * bands > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          rows + " rows of " + width + " pixels do not fit an array; ask for fewer rows");
    }
  }
}
