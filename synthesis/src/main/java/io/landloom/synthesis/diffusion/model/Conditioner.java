package io.landloom.synthesis.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.diffusion.mask.MaskCaption;
import io.landloom.synthesis.diffusion.mask.PromptTokens;
import io.landloom.synthesis.diffusion.mask.TargetShares;
import io.landloom.synthesis.diffusion.network.ClipTextEncoder;
import io.landloom.synthesis.diffusion.network.UNetCondition;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Turns target shares, and masks' captions, into what a U-Net is conditioned on: a prompt's tokens,
 * or numbers.
 */
public final class Conditioner {
  private final DenoiserSizes sizes;
  private final PromptTokens tokens;
  private final MaskCaption caption;
  private final Optional<ClipTextEncoder> encoder;

  /**
   * The conditioner of a denoiser.
   *
   * @param names of the valid classes
   * @param parameters the denoiser's arrays
   */
  public Conditioner(DenoiserSizes sizes, List<String> names, ParameterSet parameters) {
    this.sizes = sizes;
    this.tokens =
        new PromptTokens(names, sizes.text().map(ClipTextEncoder.Sizes::positions).orElse(1));
    this.caption = new MaskCaption(names);
    this.encoder = sizes.text().map(text -> new ClipTextEncoder(text, parameters));
  }

  /**
   * Masks that are there.
   *
   * @param positions (B, S, S) class positions
   * @param size pixels along an edge
   * @param captions what somebody wrote about each; empty texts where nobody did
   */
  public record Masks(byte[] positions, int size, List<String> captions) {
    byte[] mask(int i) {
      return Arrays.copyOfRange(positions, i * size * size, (i + 1) * size * size);
    }
  }

  /**
   * The condition of a batch of masks that are there: their shares, and where the model reads them
   * their captions, by rules where nobody wrote one. Of a mask whose shares are all free nothing is
   * told.
   */
  public UNetCondition of(NDManager manager, List<TargetShares> targets, Masks masks) {
    if (!sizes.captions()) {
      return of(manager, targets);
    }
    List<int[]> texts = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      TargetShares target = targets.get(i);
      boolean free = IntStream.range(0, target.classes()).noneMatch(target::isKnown);
      texts.add(tokens.of(target, free ? "" : caption(masks, i)));
    }
    return new UNetCondition(encoder.orElseThrow().forward(manager, texts), Optional.empty());
  }

  private String caption(Masks masks, int i) {
    String written = masks.captions().get(i);
    return written.isEmpty() ? caption.of(masks.mask(i), masks.size()) : written;
  }

  /** The condition of a batch, one target an image. */
  public UNetCondition of(NDManager manager, List<TargetShares> targets) {
    if (encoder.isPresent()) {
      List<int[]> texts = targets.stream().map(tokens::of).toList();
      return new UNetCondition(encoder.get().forward(manager, texts), Optional.empty());
    }
    float[] numbers = new float[targets.size() * sizes.unet().shares()];
    for (int i = 0; i < targets.size(); i++) {
      float[] own = targets.get(i).numbers();
      System.arraycopy(own, 0, numbers, i * own.length, own.length);
    }
    NDArray shares =
        Operators.ownCopy(
            manager.create(numbers, new Shape(targets.size(), sizes.unet().shares())));
    // one token without meaning: the U-Net's attention to texts wants a text
    NDArray text = manager.zeros(new Shape(targets.size(), 1, sizes.unet().textWidth()));
    return new UNetCondition(text, Optional.of(shares));
  }
}
