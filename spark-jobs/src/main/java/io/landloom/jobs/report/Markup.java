package io.landloom.jobs.report;

/** Markup as it grows; text that comes from outside enters through {@link #text} alone. */
final class Markup {
  private final StringBuilder written = new StringBuilder();

  /** Appends markup of our own. */
  Markup raw(String markup) {
    written.append(markup);
    return this;
  }

  /** Appends a line of markup of our own. */
  Markup line(String markup) {
    written.append(markup).append('\n');
    return this;
  }

  /** Appends text from outside, kept apart from the direction of the text around it. */
  Markup text(String text) {
    return raw("<bdi>").raw(escape(text)).raw("</bdi>");
  }

  /** The text with all that could end an element or an attribute escaped. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    text.codePoints().forEach(c -> append(escaped, c));
    return escaped.toString();
  }

  private static void append(StringBuilder escaped, int c) {
    switch (c) {
      case '&' -> escaped.append("&amp;");
      case '<' -> escaped.append("&lt;");
      case '>' -> escaped.append("&gt;");
      case '"' -> escaped.append("&quot;");
      case '\'' -> escaped.append("&#39;");
      default -> escaped.appendCodePoint(isText(c) ? c : 0xFFFD);
    }
  }

  // neither HTML nor XML may hold other control characters, halves of pairs or noncharacters
  private static boolean isText(int c) {
    boolean control = Character.isISOControl(c) && c != '\t' && c != '\n' && c != '\r';
    boolean half = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    return !control && !half && (c & 0xFFFE) != 0xFFFE;
  }

  @Override
  public String toString() {
    return written.toString();
  }
}
