package io.landloom.jobs.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * What a plan for a target takes.
 *
 * @param pairs how many pairs
 * @param mix how often each mask is to be used
 * @param chosen what that takes of each file
 * @param planned sums of the planned pairs, in pixels
 * @param least the least that the worst class could miss, as a share; NaN where that was not asked
 */
public record Decision(long pairs, Mix mix, List<Chosen> chosen, Tally planned, double least) {
  /** Copies the list. */
  public Decision {
    chosen = List.copyOf(chosen);
  }

  /** Takes none. */
  static Decision ofNoMasks(int classes) {
    Mix none = new Mix(List.of(), List.of(), 1, 0, 0, 0);
    return new Decision(0, none, List.of(), Tally.none(classes), Double.NaN);
  }

  /**
   * The buckets of the plan.
   *
   * @param most most pairs of a bucket, unless one mask alone has more
   */
  public List<ChosenBucket> buckets(long most) {
    List<Chosen.Segment> segments = new ArrayList<>();
    chosen.forEach(file -> segments.addAll(file.segments()));
    return ChosenBucket.of(segments, most);
  }
}
