package io.landloom.synthesis.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.landloom.geo.image.Raster;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The more images are spoilt, the farther they must be from real ones. */
class MeasuresUnderDistortionTest {
  private static final int IMAGES = 96;
  private static final int SCENES = 24;
  private static final long SEED = 1;
  private static final TwoSampleTest.Training TRAINING =
      new TwoSampleTest.Training(80, 16, 2e-3, SEED);
  // a classifier that guesses reaches this once in 10,000 times with 48 images of each
  private static final double SURE = 0.77;
  private static final Countryside COUNTRYSIDE = new Countryside(SCENES);

  private static RandomFeatures features;
  private static ImageSet real;
  private static ImageSet other;
  private static FeatureVectors realVectors;
  private static PrincipalComponents components;
  private static Standardization styleUnits;
  private static Standardization statisticUnits;
  private static float[][] realStatistics;
  private static Map<String, Double> floor;

  @BeforeAll
  static void measureRealImages() {
    features = new RandomFeatures(7);
    ImageSet train = pictures(i -> COUNTRYSIDE.image(2 * IMAGES + i, Countryside.AS_IT_IS));
    real = pictures(i -> COUNTRYSIDE.image(i, Countryside.AS_IT_IS));
    other = pictures(i -> COUNTRYSIDE.image(IMAGES + i, Countryside.AS_IT_IS));
    FeatureVectors trained = FeatureVectors.of(train, features);
    components = PrincipalComponents.of(trained.pooled(), 12);
    styleUnits = Standardization.of(trained.style());
    statisticUnits = Standardization.of(ImageStatistics.of(train));
    realVectors = FeatureVectors.of(real, features);
    realStatistics = statisticUnits.apply(ImageStatistics.of(real));
    floor = measure(other);
  }

  @AfterAll
  static void close() {
    features.close();
  }

  private static ImageSet pictures(IntFunction<Raster> picture) {
    List<Raster> images = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      images.add(picture.apply(i));
    }
    return new ImageSet(images);
  }

  /** All distances of a set to the real images, larger for less alike. */
  private static Map<String, Double> measure(ImageSet images) {
    FeatureVectors vectors = FeatureVectors.of(images, features);
    Map<String, Double> distances = new LinkedHashMap<>();
    distances.put(
        "FD-Seg",
        FrechetDistance.between(
            components.project(realVectors.pooled()), components.project(vectors.pooled())));
    distances.put(
        "FD-style",
        FrechetDistance.perDimension(
            styleUnits.apply(realVectors.style()), styleUnits.apply(vectors.style())));
    distances.put(
        "FD-stat",
        FrechetDistance.between(realStatistics, statisticUnits.apply(ImageStatistics.of(images))));
    distances.put("SWD", SlicedWasserstein.between(real, images, SEED).mean());
    distances.put(
        "KID-Seg", KernelDistance.between(realVectors.pooled(), vectors.pooled(), 2, SEED).value());
    Neighbourhoods found = Neighbourhoods.of(realVectors.pooled(), vectors.pooled(), 5);
    distances.put("1 - precision", 1 - found.precision());
    distances.put("1 - recall", 1 - found.recall());
    distances.put("1 - coverage", 1 - found.coverage());
    return distances;
  }

  private static double auc(ImageSet images) {
    return TwoSampleTest.of(real, images, TRAINING, Device.cpu()).auc();
  }

  /** Measures ever stronger distortions and checks that the named distances grow with each. */
  private static void assertGrows(String what, List<String> names, List<ImageSet> ladder) {
    List<Map<String, Double>> steps = new ArrayList<>(List.of(floor));
    ladder.forEach(images -> steps.add(measure(images)));
    StringBuilder table = new StringBuilder(what).append('\n');
    floor
        .keySet()
        .forEach(
            name -> {
              table.append(String.format("  %-14s", name));
              steps.forEach(step -> table.append(String.format("%12.4f", step.get(name))));
              table.append('\n');
            });
    assertTrue(auc(ladder.get(ladder.size() - 1)) > SURE, "C2ST of the last step of\n" + table);
    for (String name : names) {
      for (int i = 1; i < steps.size(); i++) {
        assertTrue(
            steps.get(i).get(name) > steps.get(i - 1).get(name),
            name + " at step " + i + " of\n" + table);
      }
    }
  }

  @Test
  void distancesGrowWithBlur() {
    assertGrows(
        "blur, passes 0 1 3 8",
        List.of("FD-Seg", "FD-style", "FD-stat", "SWD", "KID-Seg"),
        List.of(
            other.map(image -> Distortions.blur(image, 1)),
            other.map(image -> Distortions.blur(image, 3)),
            other.map(image -> Distortions.blur(image, 8))));
  }

  @Test
  void distancesGrowWithNoise() {
    assertGrows(
        "noise, grey levels 0 8 20 40",
        List.of("FD-style", "FD-stat", "SWD"),
        List.of(noisy(8), noisy(20), noisy(40)));
  }

  private static ImageSet noisy(double deviation) {
    return pictures(i -> Distortions.noise(other.image(i), deviation, i));
  }

  @Test
  void distancesGrowWithSwappedBands() {
    assertGrows(
        "share of images with swapped bands 0 .25 .5 1",
        List.of("FD-style", "FD-stat", "SWD"),
        List.of(swapped(1), swapped(2), swapped(4)));
  }

  private static ImageSet swapped(int quarters) {
    return pictures(
        i -> i / SCENES < quarters ? Distortions.swapBands(other.image(i)) : other.image(i));
  }

  @Test
  void distancesGrowWithSwappedTextures() {
    assertGrows(
        "share of images whose fields look like woods and woods like fields 0 .5 .75 1",
        List.of("FD-Seg", "FD-style", "FD-stat", "SWD"),
        List.of(repainted(2), repainted(3), repainted(4)));
  }

  private static ImageSet repainted(int quarters) {
    return pictures(
        i ->
            COUNTRYSIDE.image(
                IMAGES + i, i / SCENES < quarters ? Countryside.SWAPPED : Countryside.AS_IT_IS));
  }

  @Test
  void distancesGrowWithDroppedScenes() {
    assertGrows(
        "scenes kept 24 12 6 2",
        List.of("FD-Seg", "FD-style", "FD-stat", "SWD", "KID-Seg", "1 - coverage"),
        List.of(dropped(12), dropped(6), dropped(2)));
  }

  private static ImageSet dropped(int kept) {
    return pictures(
        i -> COUNTRYSIDE.image(IMAGES + i / kept * SCENES + i % kept, Countryside.AS_IT_IS));
  }

  @Test
  void realImagesAreAtTheFloor() {
    // three standard deviations of the AUC of 48 against 48 images that are alike
    assertEquals(0.5, auc(other), 3 * Math.sqrt(97 / (12.0 * 48 * 48)));
    assertEquals(0, floor.get("KID-Seg"), 1);
    assertTrue(floor.get("1 - precision") < 0.1 && floor.get("1 - recall") < 0.1);
    assertEquals(floor, measure(other), "the same numbers again");
  }
}
