package io.landloom.jobs.report;

import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * What a report says; every string is shown as it is, none is markup.
 *
 * @param title heading of the page
 * @param facts about the run: ids, versions, digests, seed, counts
 * @param gallery pairs to look at
 * @param shares of the classes, in the scheme's order
 * @param likeness of the classes to each other in the model, in the scheme's order
 * @param drops patches and pairs that were left out, by reason
 * @param gates what each measure of each gate said of the draws
 * @param map where the patches lie
 */
public record ReportContents(
    String title,
    List<Fact> facts,
    List<GalleryRow> gallery,
    List<ClassShares> shares,
    List<ClassLikeness> likeness,
    List<DropCount> drops,
    List<GateCount> gates,
    FootprintMap map) {
  /** Copies the lists. */
  public ReportContents {
    Objects.requireNonNull(title, "title");
    facts = List.copyOf(facts);
    gallery = List.copyOf(gallery);
    shares = List.copyOf(shares);
    likeness = List.copyOf(likeness);
    drops = List.copyOf(drops);
    gates = List.copyOf(gates);
    Objects.requireNonNull(map, "map");
  }

  /**
   * One named value about the run.
   *
   * @param name for example {@code model digest}
   * @param value as text
   */
  public record Fact(String name, String value) {
    /** Checks that both are there. */
    public Fact {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(value, "value");
    }
  }

  /**
   * An image synthesized from a mask.
   *
   * @param picture the image
   * @param note what is special about it, such as how often it was drawn; empty for nothing
   */
  public record Drawn(Picture picture, String note) {
    /** Checks that both are there. */
    public Drawn {
      Objects.requireNonNull(picture, "picture");
      Objects.requireNonNull(note, "note");
    }
  }

  /**
   * A real patch, its mask, and what was synthesized from the mask.
   *
   * @param name of the patch
   * @param shownFor the class that it shows most of among all pairs; empty for an example of none
   * @param real image of the patch
   * @param mask of the patch, in the scheme's colours
   * @param synthetic one or two images synthesized from the mask
   */
  public record GalleryRow(
      String name, String shownFor, Picture real, Picture mask, List<Drawn> synthetic) {
    /** Checks that there are one or two synthetic images. */
    public GalleryRow {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(shownFor, "shownFor");
      Objects.requireNonNull(real, "real");
      Objects.requireNonNull(mask, "mask");
      synthetic = List.copyOf(synthetic);
      if (synthetic.isEmpty() || synthetic.size() > 2) {
        throw new IllegalArgumentException(
            "gallery row '"
                + name
                + "' with "
                + synthetic.size()
                + " synthetic images, not 1 or 2");
      }
    }
  }

  /**
   * Shares of one class in the valid pixels, 0 to 1; empty for unknown and where nothing is valid.
   *
   * @param className name of the class
   * @param rgb colour of the class in masks, 0xRRGGBB
   * @param real share in the real patches
   * @param synthetic share in the synthetic pairs
   * @param mixed share in both together
   */
  public record ClassShares(
      String className,
      int rgb,
      OptionalDouble real,
      OptionalDouble synthetic,
      OptionalDouble mixed) {
    /** Checks the ranges. */
    public ClassShares {
      Objects.requireNonNull(className, "className");
      if ((rgb & 0xFF000000) != 0) {
        throw new IllegalArgumentException(
            "class '" + className + "': colour " + Integer.toHexString(rgb) + " is not 0xRRGGBB");
      }
      for (OptionalDouble share : List.of(real, synthetic, mixed)) {
        if (share.isPresent() && !(share.getAsDouble() >= 0 && share.getAsDouble() <= 1)) {
          throw new IllegalArgumentException(
              "class '" + className + "': share " + share.getAsDouble() + " is outside 0..1");
        }
      }
    }
  }

  /**
   * How a model's embedding of one class lies to those of all.
   *
   * @param className name of the class
   * @param cosines cosine of the angle to every class, in the order of the list this is in
   */
  public record ClassLikeness(String className, List<Double> cosines) {
    /** Copies the list. */
    public ClassLikeness {
      Objects.requireNonNull(className, "className");
      cosines = List.copyOf(cosines);
    }
  }

  /**
   * What one measure of one gate said of the draws that it was asked about.
   *
   * @param gate name of the gate
   * @param measure what was measured
   * @param draws how many draws
   * @param rejected how many of them it rejected
   * @param least smallest measured value
   * @param most largest measured value
   * @param threshold where it still accepts: one value, or from the least to the most
   */
  public record GateCount(
      String gate,
      String measure,
      long draws,
      long rejected,
      double least,
      double most,
      String threshold) {
    /** Checks the counts. */
    public GateCount {
      Objects.requireNonNull(gate, "gate");
      Objects.requireNonNull(measure, "measure");
      Objects.requireNonNull(threshold, "threshold");
      if (rejected < 0 || rejected > draws) {
        throw new IllegalArgumentException(
            "gate '" + gate + "': " + rejected + " of " + draws + " draws rejected");
      }
    }
  }

  /**
   * Where patches, or scenes, lie.
   *
   * @param boxes their outlines
   * @param eachPatch whether a box is a patch, and not a scene
   * @param unplaced scenes that have no CRS, and so no place
   */
  public record FootprintMap(List<Box> boxes, boolean eachPatch, long unplaced) {
    /** Copies the list. */
    public FootprintMap {
      boxes = List.copyOf(boxes);
    }

    /** A map of nothing. */
    public static FootprintMap empty() {
      return new FootprintMap(List.of(), false, 0);
    }
  }

  /**
   * Bounds in degrees of longitude and latitude.
   *
   * @param west least longitude
   * @param south least latitude
   * @param east largest longitude
   * @param north largest latitude
   * @param split of a patch: train, val or test; empty for a scene
   */
  public record Box(double west, double south, double east, double north, String split) {
    /** Checks that they are bounds on Earth. */
    public Box {
      boolean onEarth =
          west >= -180
              && east <= 180
              && south >= -90
              && north <= 90
              && west <= east
              && south <= north;
      if (!onEarth) {
        throw new IllegalArgumentException(
            "bounds " + west + ", " + south + ", " + east + ", " + north + " are not on Earth");
      }
      Objects.requireNonNull(split, "split");
    }
  }

  /**
   * How many patches or pairs were left out for one reason.
   *
   * @param reason as the tables name it
   * @param count patches or pairs
   */
  public record DropCount(String reason, long count) {
    /** Checks that the count is not negative. */
    public DropCount {
      Objects.requireNonNull(reason, "reason");
      if (count < 0) {
        throw new IllegalArgumentException("reason '" + reason + "': negative count " + count);
      }
    }
  }
}
