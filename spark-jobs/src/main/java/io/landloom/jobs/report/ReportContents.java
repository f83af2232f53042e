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
 */
public record ReportContents(
    String title,
    List<Fact> facts,
    List<GalleryRow> gallery,
    List<ClassShares> shares,
    List<ClassLikeness> likeness,
    List<DropCount> drops) {
  /** Copies the lists. */
  public ReportContents {
    Objects.requireNonNull(title, "title");
    facts = List.copyOf(facts);
    gallery = List.copyOf(gallery);
    shares = List.copyOf(shares);
    likeness = List.copyOf(likeness);
    drops = List.copyOf(drops);
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
   * A real patch, its mask, and what was synthesized from the mask.
   *
   * @param name of the patch
   * @param real image of the patch
   * @param mask of the patch, in the scheme's colours
   * @param synthetic one or two images synthesized from the mask
   */
  public record GalleryRow(String name, Picture real, Picture mask, List<Picture> synthetic) {
    /** Checks that there are one or two synthetic images. */
    public GalleryRow {
      Objects.requireNonNull(name, "name");
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
