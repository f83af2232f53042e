package io.landloom.synthesis.ddpm;

import io.landloom.synthesis.diffusion.NoiseSchedule;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which maps of a network are features.
 *
 * @param half the half of the network
 * @param blocks numbers of its blocks
 * @param signals how much signal is left in the images the network sees: share of the signal in the
 *     variance ("alpha bar"), from above 0 to 1; a timestep says nothing without its schedule
 */
public record FeatureChoice(PixelUNet.Half half, List<Integer> blocks, List<Double> signals)
    implements Serializable {
  /** Checks that there are some. */
  public FeatureChoice {
    blocks = List.copyOf(blocks);
    signals = List.copyOf(signals);
    if (blocks.isEmpty() || signals.isEmpty()) {
      throw new IllegalArgumentException("no blocks or no signals: there are no features");
    }
    for (double signal : signals) {
      if (!(signal > 0 && signal <= 1)) {
        throw new IllegalArgumentException("signal " + signal + " is not above 0 and at most 1");
      }
    }
  }

  /** A choice of a network's maps; where no blocks are named, by {@link #lastOfLevels}. */
  static FeatureChoice of(
      PixelUNetSizes sizes, PixelUNet.Half half, List<Integer> blocks, List<Double> signals) {
    int count = PixelUNet.sizesOf(sizes, half).size();
    for (int block : blocks) {
      if (block < 0 || block >= count) {
        throw new IllegalArgumentException(
            String.format(
                "block %d is outside 0..%d of the %s of this model", block, count - 1, half));
      }
    }
    return new FeatureChoice(half, blocks.isEmpty() ? lastOfLevels(sizes, half) : blocks, signals);
  }

  /** The last block of every level but the finest. */
  private static List<Integer> lastOfLevels(PixelUNetSizes sizes, PixelUNet.Half half) {
    int each = sizes.blocks() + 1; // on the way down, with the one that halves
    int first = half == PixelUNet.Half.DECODER ? 0 : 1;
    int levels = Math.max(1, sizes.levels() - 1);
    return IntStream.range(first, first + levels).map(i -> (i + 1) * each - 1).boxed().toList();
  }

  /** The timesteps of a schedule whose signal is nearest to each of the signals. */
  List<Integer> timesteps(NoiseSchedule schedule) {
    return signals.stream().map(signal -> nearest(schedule, signal)).toList();
  }

  /** The timestep whose share of signal is nearest. */
  static int nearest(NoiseSchedule schedule, double signal) {
    int best = 0;
    for (int t = 1; t < schedule.steps(); t++) {
      if (distance(schedule, t, signal) < distance(schedule, best, signal)) {
        best = t;
      }
    }
    return best;
  }

  private static double distance(NoiseSchedule schedule, int timestep, double signal) {
    return Math.abs(schedule.level(timestep).signal() - signal);
  }

  /** Channels of every feature map: for each signal those of the blocks, in their order. */
  List<Integer> channels(PixelUNetSizes sizes) {
    List<PixelUNet.MapSize> maps = PixelUNet.sizesOf(sizes, half);
    List<Integer> channels = new ArrayList<>();
    for (int i = 0; i < signals.size(); i++) {
      blocks.forEach(block -> channels.add(maps.get(block).channels()));
    }
    return channels;
  }
}
