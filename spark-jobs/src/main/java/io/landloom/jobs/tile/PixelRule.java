package io.landloom.jobs.tile;

import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.image.Stretch;
import io.landloom.geo.image.Validity;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.table.PixelFormat;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * What becomes of a scene's pixels.
 *
 * @param bands numbers of the bands to keep, from 1, in this order; none to keep all
 * @param stretch how samples become 8 bits, null to keep them
 * @param images how images are stored; null before the headers of all scenes are known
 * @param masks how masks are stored
 * @param png how PNGs of images are compressed
 */
public record PixelRule(
    List<Integer> bands,
    Stretch stretch,
    PixelFormat images,
    PixelFormat masks,
    PngEncoder.Options png)
    implements Serializable {

  /** All pixels as they are, as PNG. */
  public static PixelRule plain() {
    return new PixelRule(
        List.of(), null, PixelFormat.PNG, PixelFormat.PNG, PngEncoder.Options.forImages());
  }

  /**
   * The stretch of a text like 0..4095; null for keep.
   *
   * @param key what the user calls it
   * @throws JobException if the text is neither
   */
  public static Stretch stretch(String key, String text) {
    if (text.equals("keep")) {
      return null;
    }
    int dots = text.indexOf("..");
    try {
      return new Stretch(
          Double.parseDouble(text.substring(0, Math.max(0, dots))),
          Double.parseDouble(text.substring(dots + 2)));
    } catch (NumberFormatException e) {
      throw JobException.user(key + " = " + text + ": expected keep, or MIN..MAX such as 0..4095");
    } catch (IllegalArgumentException e) {
      throw new JobException(JobException.Kind.USER, key + " = " + text + ": " + e.getMessage(), e);
    }
  }

  /** The rule once the scenes are known: PNG if it holds all of them, unless it is said. */
  public PixelRule storedFor(List<SceneEntry> scenes) {
    PixelFormat fitting =
        scenes.stream().allMatch(scene -> scene.pixels().fitsPng())
            ? PixelFormat.PNG
            : PixelFormat.RAW;
    return storedAs(fitting);
  }

  /** The rule with a way to store images, unless it says one. */
  PixelRule storedAs(PixelFormat fitting) {
    PixelFormat stored = images == null ? fitting : images;
    // how PNGs would be compressed must not make another run of images that are none
    PngEncoder.Options used = stored == PixelFormat.PNG ? png : PngEncoder.Options.forImages();
    return new PixelRule(bands, stretch, stored, masks, used);
  }

  /** What the patches of a scene would hold. */
  PixelKind kind(SceneHeader header) {
    boolean palette = header.colors().isPresent();
    int all = palette ? 3 : header.bands();
    SampleType type = palette || stretch != null ? SampleType.UINT8 : header.type();
    return new PixelKind(bands.isEmpty() ? all : bands.size(), type);
  }

  /** Why a scene cannot be stored by this rule, and what to set; empty if it can. */
  Optional<String> problem(SceneHeader header, InputKeys keys) {
    boolean palette = header.colors().isPresent();
    int all = palette ? 3 : header.bands();
    Optional<Integer> missing = bands.stream().filter(band -> band > all).findFirst();
    if (missing.isPresent()) {
      return Optional.of(
          keys.bands()
              + " = "
              + bands
              + ", but the scene has "
              + all
              + (all == 1 ? " band" : " bands"));
    }
    SampleType type = header.type();
    if (stretch == null && type != SampleType.UINT8 && type != SampleType.UINT16) {
      return Optional.of(
          "samples of "
              + type.dtype()
              + " are taken with a stated stretch only; set "
              + keys.stretch()
              + "=MIN..MAX");
    }
    PixelKind kind = kind(header);
    if (images == PixelFormat.PNG && !kind.fitsPng()) {
      return Optional.of(
          kind
              + " do not fit a PNG, which takes 1 or 3 bands of uint8;"
              + " set output.images=raw, or choose with input.bands and input.stretch=MIN..MAX");
    }
    return Optional.empty();
  }

  /** Rows of a scene as patches hold them; colours of a palette are not stretched. */
  Raster apply(Raster rows, SceneHeader header, Optional<Validity> validity) {
    if (header.colors().isPresent()) {
      return chosen(rows.colored(header.palette()));
    }
    Raster kept = chosen(rows);
    if (stretch == null) {
      return kept;
    }
    return validity.isPresent() ? stretch.apply(kept, validity.get()) : stretch.apply(kept);
  }

  private Raster chosen(Raster raster) {
    return bands.isEmpty()
        ? raster
        : raster.bands(bands.stream().mapToInt(band -> band - 1).toArray());
  }

  /** What decides the pixels, the same for the same pixels. */
  public String definition() {
    return "bands "
        + bands
        + ", "
        + stretch
        + ", images "
        + images
        + ", masks "
        + masks
        + ", "
        + png;
  }
}
