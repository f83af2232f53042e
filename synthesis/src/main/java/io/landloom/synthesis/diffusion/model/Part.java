package io.landloom.synthesis.diffusion.model;

import ai.djl.ndarray.NDManager;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.List;

/** A network within a bundle: its tensors have a prefix of their own. */
public enum Part {
  /** Between images, or coded masks, and latents. */
  AUTOENCODER("autoencoder."),
  /** The U-Net, with the text encoder and the head that were trained with it. */
  DENOISER("denoiser."),
  /** Low-rank changes of the denoiser. */
  ADAPTERS("adapters."),
  /** The ControlNet of the denoiser. */
  CONTROLNET("controlnet.");

  private final String prefix;

  Part(String prefix) {
    this.prefix = prefix;
  }

  /** What the tensors' names in a bundle begin with. */
  public String prefix() {
    return prefix;
  }

  /** The part's tensors of a bundle. */
  public NamedTensors of(ModelBundle bundle) {
    return bundle.tensors().withoutPrefix(prefix);
  }

  /** The part's tensors under the names they have in a bundle. */
  public NamedTensors named(NamedTensors tensors) {
    return tensors.withPrefix(prefix);
  }

  /** A layout under the names that its tensors have in a bundle. */
  public List<TensorSpec> named(List<TensorSpec> layout) {
    return layout.stream().map(spec -> spec.withPrefix(prefix)).toList();
  }

  /**
   * The part's arrays.
   *
   * @throws ModelException if the bundle's tensors do not fit the layout
   */
  public ParameterSet load(NDManager manager, List<TensorSpec> layout, ModelBundle bundle) {
    NamedTensors tensors = of(bundle);
    tensors.requireShapes(
        "model '" + bundle.card().name() + "', " + prefix + "*", TensorSpec.shapes(layout));
    return ParameterSet.of(manager, layout, tensors);
  }
}
