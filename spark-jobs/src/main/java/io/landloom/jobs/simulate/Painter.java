package io.landloom.jobs.simulate;

import static io.landloom.jobs.simulate.Noise.gradient;
import static io.landloom.jobs.simulate.Noise.unit;
import static io.landloom.jobs.simulate.Noise.value;

/** The colour of what lies at a place, before the sensor's blur and noise: 0 to 255 a channel. */
final class Painter {
  private static final int[] HOMES = {
    0xA9A49C, 0x96716A, 0x86847F, 0xB9B5AB, 0x9C9890, 0x7D7F86, 0xA88A7C, 0xC4C0B8
  };
  private static final int[] HALLS = {
    0x7E93AB, 0xC9C9C6, 0x9A9B9C, 0x6F87A3, 0xB7B5AE, 0x94786C, 0xD6D5D1, 0x8FA3B4
  };
  private static final int[] HOUSES = {0x9B7466, 0xA79F94, 0x8C857C, 0xB4ADA1, 0x86685E, 0x9D978E};
  private static final int[] CARS = {0xE4E4E2, 0x2E3034, 0x9B9EA2, 0x8A3430, 0x3F5676};
  private static final int[] GREENS = {0x5D7148, 0x6B7D50, 0x4F6842, 0x76845A, 0x5A7A4A, 0x808A60};
  private static final int[] SOILS = {0x9A8B72, 0xA6977D, 0x8B7F69, 0xB0A288, 0x968A74};

  private final int seed;
  private final double season;
  float red;
  float green;
  float blue;

  Painter(int seed) {
    this.seed = seed;
    this.season = 0.25 * (unit(seed, 20) - 0.5);
  }

  /** Mixes the colour of a place into {@link #red}, {@link #green} and {@link #blue}. */
  void paint(Ground ground, double x, double y, double slope, double tone) {
    switch (ground.surface) {
      case WATER -> water(ground, x, y, tone);
      case ROOF -> roof(ground);
      case ROAD -> road(ground, x, y);
      case PAVED -> paved(ground, x, y);
      case CAR -> color(pick(CARS, ground.key));
      case CLUTTER -> clutter(ground);
      case TREE -> trees(ground, x, y, slope, tone);
      case TURF -> turf(ground, x, y, slope, tone);
      case SOIL -> soil(ground, x, y, tone);
      case CROP -> crop(ground, x, y, tone);
    }
    if (ground.shaded) {
      red *= 0.5f;
      green *= 0.53f;
      blue *= 0.6f;
    }
  }

  private void water(Ground ground, double x, double y, double tone) {
    double depth = Math.min(1, Math.max(0, ground.u / 60));
    switch (ground.zone) {
      case RIVER -> {
        color(0x76806C);
        blend(0x5A6B66, Math.min(1, ground.u / 22));
        brighten(0.05 * gradient(seed + 110, ground.v / 7, (x + y) / 90));
      }
      case LAKE -> {
        color(0x4C6660);
        blend(0x2B4650, depth);
        blend(0x48664C, Math.max(0, 0.7 * tone - 0.1) * (1 - 0.4 * depth));
      }
      case POND -> {
        color(0x3F5A58);
        blend(0x55704E, unit(ground.key, 3));
        blend(0x6C7A70, 0.6 * unit(ground.key, 4));
      }
      default -> color(0x4A5A50);
    }
    brighten(0.03 * gradient(seed + 111, x / 3.5, y / 3.5));
  }

  private void roof(Ground ground) {
    int[] palette =
        switch (ground.zone) {
          case INDUSTRIAL -> HALLS;
          case RURAL -> HOUSES;
          default -> HOMES;
        };
    color(pick(palette, ground.key));
    boolean gabled = (ground.key & 0x300) != 0;
    double ridge = gabled ? ground.v < 0 ? -0.1 : 0.09 : 0.02;
    double sheets = 0.04 * Math.sin(ground.u * 2.4);
    brighten(ridge + sheets + 0.16 * (unit(ground.key, 5) - 0.5));
  }

  private void road(Ground ground, double x, double y) {
    if (ground.zone == Zone.RURAL) {
      color(0xA29A8C);
    } else {
      color(0x83827F);
      blend(0xAAA69C, Math.abs(ground.u) > 2.1 ? 0.6 : 0.1);
      blend(0xB4B1A8, Math.abs(ground.u) < 0.3 ? 0.5 : 0);
    }
    brighten(0.12 * (value(seed + 112, x / 6, y / 6) - 0.5));
  }

  private void paved(Ground ground, double x, double y) {
    switch (ground.zone) {
      case INDUSTRIAL -> color(0xADA89E);
      case RURAL -> color(0xA3977F);
      case PARK -> color(0xAFA58F);
      default -> color(0x928E86);
    }
    brighten(0.2 * (unit(ground.key, 6) - 0.5));
    double patches = value(seed + 113, x / 5, y / 5);
    blend(ground.zone == Zone.RURAL ? 0x7F8063 : 0x7A7C70, 0.6 * patches);
    brighten(0.16 * (value(seed + 114, x / 1.7, y / 1.7) - 0.5));
  }

  private void clutter(Ground ground) {
    color(pick(HALLS, ground.key));
    blend(0x8A4A3C, unit(ground.key, 7) < 0.25 ? 0.7 : 0);
    brighten(0.5 * (unit(ground.key, 8) - 0.45));
  }

  private void trees(Ground ground, double x, double y, double slope, double tone) {
    boolean shrub = ground.zone == Zone.SHRUB;
    color(shrub ? 0x66704D : 0x3F5239);
    blend(0x58663F, Math.max(0, Math.min(1, 0.45 + 0.7 * tone + season)));
    double size = shrub ? 2.6 : 3.4;
    // turned, so that the crowns do not line up with the pixels
    double p = (0.83 * x + 0.56 * y) / size;
    double q = (0.83 * y - 0.56 * x) / size;
    double crown = value(seed + 115, p, q);
    double sunlit = crown - value(seed + 115, p - 0.45, q - 0.12);
    if (shrub) {
      blend(0x938A6A, Math.max(0, Math.min(0.8, 2.2 * (0.52 - crown))));
    } else {
      brighten(0.42 * (crown - 0.55));
    }
    brighten(0.6 * sunlit + hillshade(ground, slope));
  }

  private static double hillshade(Ground ground, double slope) {
    return switch (ground.zone) {
      case WOOD, SHRUB, GRASSLAND -> Math.max(-0.3, Math.min(0.24, 1.5 * slope));
      default -> 0;
    };
  }

  private void turf(Ground ground, double x, double y, double slope, double tone) {
    if (ground.zone == Zone.URBAN || ground.zone == Zone.INDUSTRIAL) {
      color(0x74805A);
      brighten(0.2 * (value(seed + 121, x / 2, y / 2) - 0.5));
      return;
    }
    if (ground.zone == Zone.PARK) {
      color(0x64864E);
      blend(0x7E9A60, value(ground.key, x / 22, y / 22));
      brighten(0.06 * Math.signum(Math.sin(ground.u * 0.9)));
      return;
    }
    color(0x847F60);
    blend(0x6E7650, Math.max(0, Math.min(1, 0.5 + 1.1 * tone + season)));
    blend(0xA2967A, 0.7 * Math.max(0, value(seed + 116, x / 17, y / 17) - 0.55));
    brighten(0.3 * (value(seed + 117, x / 3, y / 3) - 0.5) + hillshade(ground, slope));
  }

  private void soil(Ground ground, double x, double y, double tone) {
    color(ground.zone == Zone.BARREN ? 0xB2A48B : 0x99907A);
    blend(0x8C7F6A, Math.max(0, Math.min(1, 0.4 + tone)));
    brighten(0.3 * (value(seed + 118, x / 6, y / 6) - 0.5));
    brighten(0.2 * (value(seed + 119, x / 1.8, y / 1.8) - 0.5));
  }

  private void crop(Ground ground, double x, double y, double tone) {
    switch (ground.zone) {
      case PADDY -> paddy(ground);
      case ORCHARD -> orchard(ground);
      case DRY -> field(ground, 0.2, 5.2);
      default -> field(ground, 0.7, 6.4);
    }
    brighten(0.13 * (value(seed + 120, x / 9, y / 9) - 0.5) + 0.1 * tone);
  }

  /** A parcel in strips: {@code lush} is the share of green ones. */
  private void field(Ground ground, double lush, double strip) {
    if (ground.zone == Zone.IRRIGATED && unit(ground.key, 10) < 0.04) {
      greenhouse(ground);
      return;
    }
    double breadth = strip * (0.7 + 0.8 * unit(ground.key, 11));
    int index = Noise.floor(ground.v / breadth);
    int own = Noise.hash(ground.key, index, 12);
    double growth = 0.75 * unit(ground.key, 13) + 0.25 * unit(own, 1) + season;
    color(pick(SOILS, ground.key));
    if (growth < lush) {
      blend(pick(GREENS, ground.key >> 8), 0.55 + 0.45 * unit(ground.key, 14));
    } else {
      blend(pick(GREENS, ground.key >> 8), 0.25 * unit(own, 2));
    }
    brighten(0.16 * (unit(own, 3) - 0.5) + 0.16 * (unit(ground.key, 15) - 0.5));
    brighten(0.045 * Math.sin(ground.v * 2.6));
    boolean furrow = ground.v - index * breadth < 0.8;
    blend(0x8A8068, furrow ? 0.35 : 0);
  }

  private void greenhouse(Ground ground) {
    color(0x7C7F6C);
    double along = ground.v / 3.4 - Noise.floor(ground.v / 3.4);
    blend(0xC6CBCB, along < 0.68 ? 0.85 : 0.1);
    brighten(0.1 * (unit(Noise.hash(ground.key, Noise.floor(ground.v / 3.4), 1), 1) - 0.5));
  }

  private void paddy(Ground ground) {
    color(0x566349);
    blend(0x74805A, unit(ground.key, 16));
    int terrace = Noise.hash(ground.key, Noise.floor(ground.u / 17), Noise.floor(ground.v / 11));
    blend(0x4C5F56, unit(terrace, 1) < 0.3 ? 0.65 : 0.1);
    brighten(0.1 * (unit(terrace, 2) - 0.5));
    double du = ground.u - 17 * Noise.floor(ground.u / 17);
    double dv = ground.v - 11 * Noise.floor(ground.v / 11);
    blend(0x8C8A6C, Math.min(du, dv) < 0.8 ? 0.55 : 0);
  }

  private void orchard(Ground ground) {
    color(0x94876A);
    blend(0x7C7A58, unit(ground.key, 17));
    double du = ground.u / 3.6 - Noise.floor(ground.u / 3.6) - 0.5;
    double dv = ground.v / 4.2 - Noise.floor(ground.v / 4.2) - 0.5;
    int tree = Noise.hash(ground.key, Noise.floor(ground.u / 3.6), Noise.floor(ground.v / 4.2));
    double crown = 0.44 * (0.7 + 0.4 * unit(tree, 1)) - Math.sqrt(du * du + dv * dv);
    blend(0x3E5638, Math.max(0, Math.min(1, 6 * crown)));
    brighten(crown > 0 ? -0.35 * (du + dv) : 0);
  }

  private static int pick(int[] palette, int key) {
    return palette[(key & 0xFF) % palette.length];
  }

  private void color(int rgb) {
    red = rgb >> 16 & 0xFF;
    green = rgb >> 8 & 0xFF;
    blue = rgb & 0xFF;
  }

  private void blend(int rgb, double share) {
    float t = (float) share;
    red += ((rgb >> 16 & 0xFF) - red) * t;
    green += ((rgb >> 8 & 0xFF) - green) * t;
    blue += ((rgb & 0xFF) - blue) * t;
  }

  private void brighten(double by) {
    float factor = (float) (1 + by);
    red *= factor;
    green *= factor;
    blue *= factor;
  }
}
