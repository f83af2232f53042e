package io.landloom.synthesis.diffusion.model;

import io.landloom.synthesis.diffusion.network.ClipTextEncoder;
import io.landloom.synthesis.diffusion.network.DenoisingUNet;
import io.landloom.synthesis.diffusion.network.UNetSizes;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What a denoiser is.
 *
 * @param content what it draws
 * @param space what its noise is added to
 * @param cell pixels along an edge of what it denoises, for one of its own
 * @param classes number of valid classes
 * @param unet its U-Net
 * @param text the encoder of its prompts; empty where shares are given as numbers
 * @param captions whether prompts have captions of the masks too
 * @param head channels of the head that tells classes by latents; 0 without one
 */
public record DenoiserSizes(
    Content content,
    Space space,
    int cell,
    int classes,
    UNetSizes unet,
    Optional<ClipTextEncoder.Sizes> text,
    boolean captions,
    int head) {
  private static final String CAPTIONS = "text.captions";
  private static final String PREFIX = "denoiser.";

  /** What is drawn. */
  public enum Content {
    /** Masks. */
    MASKS,
    /** Images. */
    IMAGES
  }

  /** What noise is added to. */
  public enum Space {
    /** Class codes of cells. */
    CODES,
    /** Latents of an autoencoder. */
    LATENTS
  }

  /** Checks that what is asked for can be. */
  public DenoiserSizes {
    if (captions && (text.isEmpty() || content != Content.IMAGES)) {
      throw new IllegalArgumentException(
          "text.captions = rules needs content = images and condition = prompt: captions are words"
              + " about masks that are there");
    }
    if (content == Content.IMAGES && space == Space.CODES) {
      throw new IllegalArgumentException(
          "content = images needs space = latents: an image has no class codes");
    }
    int shown = unet.inChannels() - unet.outChannels(); // channels of the last estimate
    if (shown != 0 && shown != unet.outChannels()) {
      throw new IllegalArgumentException(
          String.format(
              "a U-Net of %d channels in and %d out neither denoises nor is self-conditioned",
              unet.inChannels(), unet.outChannels()));
    }
    if (shown != 0 && content == Content.IMAGES) {
      throw new IllegalArgumentException("selfConditioning = true needs content = masks");
    }
    if (text.isPresent() && text.get().width() != unet.textWidth()) {
      throw new IllegalArgumentException(
          "text.width " + text.get().width() + " is not the U-Net's " + unet.textWidth());
    }
  }

  /** Channels of what is denoised. */
  public int channels() {
    return unet.outChannels();
  }

  /**
   * Whether the U-Net is shown its last estimate beside what is noisy, in as many channels more.
   */
  public boolean selfConditioned() {
    return unet.inChannels() == 2 * unet.outChannels();
  }

  /** Sizes as a card has them. */
  public SortedMap<String, Integer> toCard() {
    CardNumbers numbers =
        CardNumbers.empty(PREFIX)
            .put("content", content.ordinal())
            .put("space", space.ordinal())
            .put("cell", cell)
            .put("inChannels", unet.inChannels())
            .put("outChannels", unet.outChannels())
            .put("width", unet.levels().stream().map(UNetSizes.Level::channels).toList())
            .put("heads", unet.levels().stream().map(UNetSizes.Level::heads).toList())
            .put("middleHeads", unet.middleHeads())
            .put("blocks", unet.blocks())
            .put("groups", unet.groups())
            .put("textWidth", unet.textWidth())
            .put("shares", unet.shares())
            .put("head", head);
    text.ifPresent(
        sizes ->
            numbers
                .put("text.vocabulary", sizes.vocabulary())
                .put("text.length", sizes.positions())
                .put("text.layers", sizes.layers())
                .put("text.heads", sizes.heads()));
    if (captions) {
      numbers.put(CAPTIONS, 1);
    }
    return numbers.asMap();
  }

  /** The sizes of a card. */
  public static DenoiserSizes of(ModelCard card) {
    CardNumbers numbers = CardNumbers.of(card, PREFIX);
    List<Integer> widths = numbers.list("width");
    List<Integer> heads = numbers.list("heads");
    List<UNetSizes.Level> levels = new ArrayList<>();
    for (int i = 0; i < Math.min(widths.size(), heads.size()); i++) {
      levels.add(new UNetSizes.Level(widths.get(i), heads.get(i)));
    }
    int width = numbers.number("textWidth");
    UNetSizes unet =
        new UNetSizes(
            numbers.number("inChannels"),
            numbers.number("outChannels"),
            levels,
            numbers.number("middleHeads"),
            numbers.number("blocks"),
            width,
            numbers.number("groups"),
            UNetSizes.Projection.LINEAR,
            numbers.number("shares"));
    return new DenoiserSizes(
        numbers.number("content") == 0 ? Content.MASKS : Content.IMAGES,
        numbers.number("space") == 0 ? Space.CODES : Space.LATENTS,
        numbers.number("cell"),
        card.scheme().classes().size() - 1,
        unet,
        card.sizes().containsKey(PREFIX + "text.vocabulary")
            ? Optional.of(textSizes(numbers, width))
            : Optional.empty(),
        readsCaptions(card),
        numbers.number("head"));
  }

  /** Whether a model of any kind is one that reads captions of masks. */
  public static boolean readsCaptions(ModelCard card) {
    return card.sizes().getOrDefault(PREFIX + CAPTIONS, 0) > 0;
  }

  private static ClipTextEncoder.Sizes textSizes(CardNumbers numbers, int width) {
    return textSizes(
        numbers.number("text.vocabulary"),
        numbers.number("text.length"),
        width,
        numbers.number("text.layers"),
        numbers.number("text.heads"));
  }

  /** Sizes of a text encoder whose hidden layers are four times as wide as a token. */
  public static ClipTextEncoder.Sizes textSizes(
      int vocabulary, int length, int width, int layers, int heads) {
    return new ClipTextEncoder.Sizes(
        vocabulary, length, width, 4 * width, layers, heads, ClipTextEncoder.Activation.GELU);
  }

  /** The tensors of U-Net and text encoder, as of the part {@link Part#DENOISER}. */
  public List<TensorSpec> layout() {
    List<TensorSpec> layout = new ArrayList<>(DenoisingUNet.layout(unet));
    text.ifPresent(sizes -> layout.addAll(ClipTextEncoder.layout(sizes)));
    if (head > 0) {
      layout.addAll(LatentHead.layout(unet.outChannels(), head, classes));
    }
    return layout;
  }
}
