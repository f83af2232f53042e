package io.landloom.jobs.simulate;

import java.util.List;

/** What a piece of land is used for, and the class names that mean it, the closest first. */
enum Zone {
  INDUSTRIAL("industrial, built"),
  URBAN("urban residential, urban, residential, built"),
  RURAL("rural residential, rural, residential, built"),
  TRAFFIC("traffic, road, impervious, built"),
  PADDY("paddy, cropland, farmland, agriculture, field, crop"),
  IRRIGATED("irrigated, cropland, farmland, agriculture, field, crop"),
  DRY("dry cropland, cropland, farmland, agriculture, field, crop"),
  ORCHARD("garden, orchard, farmland, agriculture, field, crop"),
  WOOD("arbor, woodland, wood, forest"),
  SHRUB("shrub, forest, woodland, wood"),
  GRASSLAND("natural grassland, grassland, meadow, grass"),
  PARK("artificial grassland, meadow, grassland, grass"),
  RIVER("river, water"),
  LAKE("lake, water"),
  POND("pond, water"),
  BARREN("barren, bare, bareland");

  private final String names;

  Zone(String names) {
    this.names = names;
  }

  List<String> names() {
    return List.of(names.split(", "));
  }
}
