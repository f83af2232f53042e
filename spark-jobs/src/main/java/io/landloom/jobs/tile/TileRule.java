package io.landloom.jobs.tile;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.scene.SceneId;
import io.landloom.jobs.table.MaskSource;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * How scenes are cut: everything a task needs besides the scene.
 *
 * @param scheme the land-cover scheme
 * @param coding auto, color, index, or a coding of the scheme
 * @param unknownOffPalette whether label values the scheme does not know become unknown
 * @param size side of a patch, in pixels
 * @param stride distance between patches, in pixels
 * @param maxUnknown a patch with a larger share of unknown pixels is dropped
 * @param split which split a patch belongs to, null where patches have none
 * @param pixels what becomes of the scenes' pixels
 * @param maskSource where the labels come from
 */
public record TileRule(
    LandCoverScheme scheme,
    String coding,
    boolean unknownOffPalette,
    int size,
    int stride,
    double maxUnknown,
    SplitRule split,
    PixelRule pixels,
    MaskSource maskSource)
    implements Serializable {
  private static final int HEX_DIGITS = 16;

  /** A rule for labels that people made. */
  public TileRule(
      LandCoverScheme scheme,
      String coding,
      boolean unknownOffPalette,
      int size,
      int stride,
      double maxUnknown,
      SplitRule split,
      PixelRule pixels) {
    this(
        scheme,
        coding,
        unknownOffPalette,
        size,
        stride,
        maxUnknown,
        split,
        pixels,
        MaskSource.LABELLED);
  }

  /** What decides the masks' source, for identities; nothing where people made the labels. */
  public String predicted() {
    return maskSource == MaskSource.PREDICTED ? maskSource.text() : "";
  }

  /**
   * A digest of everything that decides patches besides the scenes' files, but for what a split
   * says of single scenes; neither the program's version nor how patches are cut into buckets.
   */
  public String identity() {
    String text =
        String.join(
            "\n",
            scheme.definition(),
            coding,
            Boolean.toString(unknownOffPalette),
            Integer.toString(size),
            Integer.toString(stride),
            Double.toString(maxUnknown),
            split instanceof SplitRule.Listed ? "listed" : split.definition(),
            pixels.definition() + predicted());
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, HEX_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * What decides the patches of a scene besides its files.
   *
   * @param identity the rule's {@link #identity()}
   */
  public String identity(String identity, SceneId scene) {
    return split instanceof SplitRule.Listed listed
        ? identity + " " + listed.splitOfScene().get(scene.name())
        : identity;
  }

  /** The rule with another one for pixels. */
  public TileRule with(PixelRule other) {
    return new TileRule(
        scheme, coding, unknownOffPalette, size, stride, maxUnknown, split, other, maskSource);
  }
}
