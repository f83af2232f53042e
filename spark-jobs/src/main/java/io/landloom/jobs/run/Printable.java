package io.landloom.jobs.run;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Text of files and their names, made safe to print: names are input. */
public final class Printable {
  private Printable() {}

  /** The text with everything that could steer a terminal, or end a line, as an escape. */
  public static String of(String text) {
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

  /** The same for a text of several lines, such as a stack trace: lines and tabs stay. */
  public static String lines(String text) {
    return text.lines()
        .map(
            line ->
                Arrays.stream(line.split("\t", -1))
                    .map(Printable::of)
                    .collect(Collectors.joining("\t")))
        .collect(Collectors.joining("\n"));
  }
}
