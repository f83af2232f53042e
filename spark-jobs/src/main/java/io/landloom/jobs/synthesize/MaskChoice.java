package io.landloom.jobs.synthesize;

import io.landloom.jobs.table.MaskSource;
import java.util.Set;

/** From where the masks may come that a plan chooses among. */
public enum MaskChoice {
  /** From people alone. */
  LABELLED("labelled", Set.of(MaskSource.LABELLED)),
  /** From models alone. */
  PREDICTED("predicted", Set.of(MaskSource.PREDICTED)),
  /** From either. */
  ANY("any", Set.of(MaskSource.values()));

  private final String text;
  private final Set<MaskSource> sources;

  MaskChoice(String text, Set<MaskSource> sources) {
    this.text = text;
    this.sources = sources;
  }

  /** The choice of a name. */
  public static MaskChoice named(String text) {
    for (MaskChoice choice : values()) {
      if (choice.text.equals(text)) {
        return choice;
      }
    }
    throw new IllegalArgumentException(text + ": no choice of masks");
  }

  /** Its name in configurations. */
  public String text() {
    return text;
  }

  /** What it chooses among, in words. */
  public String patches() {
    return this == ANY ? "labelled or predicted patches" : text + " patches";
  }

  /** Whether it takes masks of a source. */
  public boolean takes(MaskSource source) {
    return sources.contains(source);
  }

  /** Whether it takes masks of a source by its name in tables; none has masks without a source. */
  public boolean takes(String source) {
    return sources.stream().anyMatch(one -> one.text().equals(source));
  }
}
