package io.landloom.jobs;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The smallest networks that {@code train} can make, for patches of 32 pixels. */
final class TinyNetworks {
  private TinyNetworks() {}

  /** The keys of a training of CSEBGAN, with further ones. */
  static String[] with(String... more) {
    return Stream.concat(Arrays.stream(of("csebgan")), Stream.of(more)).toArray(String[]::new);
  }

  /** The keys of a training of a model. */
  static String[] of(String model) {
    List<String> widths =
        switch (model) {
          case "csebgan" ->
              List.of("nf=1", "ndf=2", "conductor.width=2", "batch=2", "calibrationBatches=1");
          case "segmenter" -> List.of("width=2", "batch=2");
          case "features" -> List.of("width=8", "blocks=1", "batch=2");
          case "autoencoder" ->
              List.of(
                  "widths=[4,4,8]",
                  "blocks=1",
                  "groups=2",
                  "start=random",
                  "adversary.weight=0",
                  "scaleBatches=1",
                  "batch=2");
          case "denoiser" ->
              List.of(
                  "widths=[8,8]",
                  "heads=[0,2]",
                  "middleHeads=2",
                  "blocks=1",
                  "groups=4",
                  "text.width=8",
                  "text.heads=2",
                  "text.layers=1",
                  "sampling.steps=2",
                  "batch=2");
          case "adapters" -> List.of("rank=2", "sampling.steps=2", "batch=2");
          case "controlnet" -> List.of("stem=[4,4,8]", "sampling.steps=2", "batch=2");
          case "ddpm" -> List.of("size=test", "batch=2");
          case "head" -> List.of("width=8", "blocks=1", "members=2", "pixels=4", "batch=2");
          default -> throw new IllegalArgumentException(model);
        };
    return Stream.concat(
            Stream.of("model=" + model, "patch.size=32"),
            widths.stream().map(width -> model + "." + width))
        .toArray(String[]::new);
  }
}
