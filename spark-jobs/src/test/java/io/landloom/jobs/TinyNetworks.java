package io.landloom.jobs;

import java.util.List;
import java.util.stream.Stream;

/** The smallest networks that {@code train} can make, for patches of 32 pixels. */
final class TinyNetworks {
  private static final List<String> SETS =
      List.of(
          "model=csebgan",
          "patch.size=32",
          "csebgan.nf=1",
          "csebgan.ndf=2",
          "csebgan.conductor.width=2",
          "csebgan.batch=2",
          "csebgan.calibrationBatches=1");

  private TinyNetworks() {}

  /** The keys of a training of these networks, with further ones. */
  static String[] with(String... more) {
    return Stream.concat(SETS.stream(), Stream.of(more)).toArray(String[]::new);
  }
}
