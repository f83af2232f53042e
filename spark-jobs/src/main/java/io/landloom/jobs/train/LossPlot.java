package io.landloom.jobs.train;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * The losses of a training as PNG: one panel a loss, its range within each share of the steps in
 * grey and its mean there as a line.
 */
final class LossPlot {
  private static final int WIDTH = 900;
  private static final int PANEL = 150;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int TOP = 24;
  private static final int BOTTOM = 22;
  private static final int SHARES = 300;
  private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
  private static final Color RANGE = new Color(0xC8D2E0);
  private static final Color LINE = new Color(0x1F4E8C);

  private final LossTable losses;
  private final int shares;

  /**
   * A loss within shares of the steps.
   *
   * @param least least value of each share
   * @param mean mean of each share
   * @param most largest value of each share
   * @param lower lower end of the axis
   * @param upper upper end of the axis
   */
  record Curve(double[] least, double[] mean, double[] most, double lower, double upper) {}

  private LossPlot(LossTable losses) {
    this.losses = losses;
    this.shares = Math.min(SHARES, losses.size());
  }

  /** Draws a table of at least one step. */
  static byte[] png(LossTable losses) throws IOException {
    return new LossPlot(losses).draw();
  }

  private byte[] draw() throws IOException {
    int height = PANEL * losses.names().size();
    BufferedImage image = new BufferedImage(WIDTH, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, WIDTH, height);
      graphics.setFont(FONT);
      for (int column = 0; column < losses.names().size(); column++) {
        panel(graphics, column, PANEL * column);
      }
    } finally {
      graphics.dispose();
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(image, "png", png);
    return png.toByteArray();
  }

  /** The curve of a column; its axis leaves out the outermost hundredth of the means. */
  static Curve curve(LossTable losses, int column, int shares) {
    double[] least = new double[shares];
    double[] mean = new double[shares];
    double[] most = new double[shares];
    for (int share = 0; share < shares; share++) {
      int from = (int) ((long) share * losses.size() / shares);
      int to = (int) ((long) (share + 1) * losses.size() / shares);
      least[share] = Double.POSITIVE_INFINITY;
      most[share] = Double.NEGATIVE_INFINITY;
      for (int step = from; step < to; step++) {
        double value = losses.value(step, column);
        least[share] = Math.min(least[share], value);
        most[share] = Math.max(most[share], value);
        mean[share] += value / (to - from);
      }
    }
    double[] sorted = mean.clone();
    Arrays.sort(sorted);
    double lower = sorted[shares / 100];
    double upper = sorted[shares - 1 - shares / 100];
    double room = upper > lower ? 0.08 * (upper - lower) : Math.max(1e-6, Math.abs(upper) * 0.1);
    return new Curve(least, mean, most, lower - room, upper + room);
  }

  private void panel(Graphics2D graphics, int column, int top) {
    Curve curve = curve(losses, column, shares);
    int plotHeight = PANEL - TOP - BOTTOM;
    graphics.setClip(LEFT, top + TOP, WIDTH - LEFT - RIGHT, plotHeight + 1);
    graphics.setColor(RANGE);
    for (int share = 0; share < shares; share++) {
      int x = (int) x(share);
      int high = (int) y(curve, curve.most()[share], top);
      int low = (int) y(curve, curve.least()[share], top);
      graphics.fillRect(x, high, (int) x(share + 1) - x + 1, low - high + 1);
    }
    Path2D line = new Path2D.Double();
    for (int share = 0; share < shares; share++) {
      double x = (x(share) + x(share + 1)) / 2;
      double y = y(curve, curve.mean()[share], top);
      if (share == 0) {
        line.moveTo(x, y);
      } else {
        line.lineTo(x, y);
      }
    }
    graphics.setColor(LINE);
    graphics.setStroke(new BasicStroke(1.5f));
    graphics.draw(line);
    graphics.setClip(null);
    axes(graphics, curve, column, top);
  }

  private void axes(Graphics2D graphics, Curve curve, int column, int top) {
    int bottom = top + PANEL - BOTTOM;
    graphics.setStroke(new BasicStroke(1));
    graphics.setColor(Color.GRAY);
    graphics.drawRect(LEFT, top + TOP, WIDTH - LEFT - RIGHT, bottom - top - TOP);
    graphics.setColor(Color.BLACK);
    String last = number(losses.value(losses.size() - 1, column));
    graphics.drawString(losses.names().get(column) + ", at last " + last, LEFT, top + TOP - 7);
    graphics.drawString(number(curve.upper()), 6, top + TOP + 10);
    graphics.drawString(number(curve.lower()), 6, bottom);
    graphics.drawString("step 1", LEFT, bottom + 15);
    String end = String.format(Locale.ROOT, "%,d", losses.size());
    graphics.drawString(
        end, WIDTH - RIGHT - graphics.getFontMetrics().stringWidth(end), bottom + 15);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3g", value);
  }

  private double x(int share) {
    return LEFT + (double) share / shares * (WIDTH - LEFT - RIGHT);
  }

  private static double y(Curve curve, double value, int top) {
    double place = (value - curve.lower()) / (curve.upper() - curve.lower());
    double within = Math.max(-1, Math.min(2, place)); // far outside the clip is far enough
    return top + PANEL - BOTTOM - within * (PANEL - TOP - BOTTOM);
  }
}
