package io.landloom.jobs.simulate;

import java.util.List;

/** What covers the ground, for schemes that name things and not land use. */
enum Surface {
  ROOF("building, roof"),
  PAVED("impervious, pavement, land, background, barren"),
  ROAD("road, impervious"),
  CAR("car, vehicle, road, impervious"),
  CLUTTER("clutter, land, background, barren"),
  TREE("tree, vegetation, forest, background"),
  TURF("vegetation, grass, grassland, meadow, background"),
  CROP("vegetation, background"),
  SOIL("land, background, barren, vegetation"),
  WATER("water, clutter");

  private final String names;

  Surface(String names) {
    this.names = names;
  }

  List<String> names() {
    return List.of(names.split(", "));
  }
}
