package io.landloom.jobs.inspect;

/** Text of files and their names, made safe to print: names are input. */
final class Printable {
  private Printable() {}

  /** The text with everything that could steer a terminal, or end a line, as an escape. */
  static String of(String text) {
    StringBuilder printable = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            point -> {
              switch (Character.getType(point)) {
                case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE ->
                    printable.append(String.format("\\u{%x}", point));
                default -> printable.appendCodePoint(point);
              }
            });
    return printable.toString();
  }
}
