package io.landloom.jobs.synthesize;

import io.landloom.jobs.run.FileSummary;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** How far the drawn layouts of a run were from the shares asked for, from its files' footers. */
public final class LayoutErrors {
  private LayoutErrors() {}

  /**
   * The number of layouts, of those that no draw brought within the tolerance, and mCPE in
   * percentage points after every finish: {@code mCPE.raw} of the first draws, {@code mCPE.guided},
   * {@code mCPE.accepted}, {@code mCPE.cleaned} and {@code mCPE.exact}, as far as they were asked
   * for. Empty where no layout was drawn.
   */
  public static Map<String, Double> of(List<FileSummary> decisions) {
    Map<String, Double> errors = new TreeMap<>();
    long count = FileSummary.counts(decisions, DrawnLayouts.COUNT).getOrDefault("", 0L);
    if (count == 0) {
      return errors;
    }
    errors.put("count", (double) count);
    errors.put(
        "missed", (double) FileSummary.counts(decisions, DrawnLayouts.MISSED).getOrDefault("", 0L));
    FileSummary.counts(decisions, DrawnLayouts.ERRORS)
        .forEach(
            (finish, sum) ->
                errors.put("mCPE." + finish.toLowerCase(Locale.ROOT), sum / 1e6 / count));
    return errors;
  }
}
