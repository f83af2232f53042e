package io.landloom.jobs.synthesize;

import ai.djl.Device;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.run.JobException;
import io.landloom.synthesis.diffusion.model.Finishing;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.io.Serializable;

/**
 * What draws the layouts of a plan, and how they are finished.
 *
 * @param model bundle of a denoiser of masks
 * @param keys of the finishing, as HOCON
 * @param batch masks computed at once
 */
public record LayoutRule(BundleFiles model, String keys, int batch) implements Serializable {
  /** The rule that the keys below {@code layouts} give. */
  public static LayoutRule of(BundleFiles model, Config keys, int batch) {
    return new LayoutRule(
        model, keys.withoutPath("model").root().render(ConfigRenderOptions.concise()), batch);
  }

  private Finishing finishing() {
    try {
      return Finishing.of(ConfigFactory.parseString(keys));
    } catch (ConfigException | IllegalArgumentException e) {
      throw new JobException(JobException.Kind.USER, "layouts: " + e.getMessage(), e);
    }
  }

  /** Everything that decides which layouts are drawn, as text. */
  public String identity() {
    return model.digest() + " " + finishing() + " batch=" + batch;
  }

  /**
   * Checks that the model draws masks of a scheme and size, and can be finished so.
   *
   * @throws JobException if not
   */
  public void check(LandCoverScheme scheme, long patchSize) throws IOException {
    ModelBundle bundle = model.open();
    try {
      bundle.card().requireScheme(scheme);
      LayoutSynthesizer.requireMasks(bundle.card(), finishing());
    } catch (IllegalArgumentException e) {
      throw new JobException(JobException.Kind.USER, "layouts.model: " + e.getMessage(), e);
    }
    if (bundle.card().patchSize() != patchSize) {
      throw JobException.user(
          String.format(
              "layouts.model: model '%s' draws masks of %d pixels, the plan's are of %d",
              bundle.card().name(), bundle.card().patchSize(), patchSize));
    }
  }

  /** The model on a device, for as long as the JVM lives. */
  LayoutSynthesizer open(LandCoverScheme scheme, Device device, long seed) throws IOException {
    return new LayoutSynthesizer(model.open(), scheme, device, finishing(), batch, seed);
  }
}
