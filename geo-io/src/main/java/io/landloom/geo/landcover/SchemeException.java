package io.landloom.geo.landcover;

/** A land-cover scheme that cannot be used; the message names the scheme and what is wrong. */
public final class SchemeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** A problem of the named scheme. */
  public SchemeException(String scheme, String problem) {
    super("scheme '" + scheme + "': " + problem);
  }
}
