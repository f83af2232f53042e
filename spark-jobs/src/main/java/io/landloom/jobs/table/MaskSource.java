package io.landloom.jobs.table;

/** Where the masks of patches come from; models learn from labelled ones alone. */
public enum MaskSource {
  /** From people. */
  LABELLED("labelled"),
  /** From a model. */
  PREDICTED("predicted");

  private final String text;

  MaskSource(String text) {
    this.text = text;
  }

  /** Its name in tables. */
  public String text() {
    return text;
  }
}
