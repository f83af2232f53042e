package io.landloom.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PrintableTest {
  @Test
  void showsWhatCouldSteerATerminal() {
    assertEquals("a\\u{1b}[31mb", Printable.of("a\u001b[31mb"));
    assertEquals("fit\\u{202e}gnp", Printable.of("fit\u202egnp"));
    assertEquals("one\\u{a}two\\u{d}", Printable.of("one\ntwo\r"));
    assertEquals("\\u{2028}\\u{2029}", Printable.of("\u2028\u2029"));
    assertEquals("\\u{e000}\\u{d800}\\u{378}", Printable.of("\ue000\ud800\u0378"));
  }

  @Test
  void leavesLettersOfAllScriptsAsTheyAre() {
    assertEquals("Zürich 東京 𝛼 100%", Printable.of("Zürich 東京 𝛼 100%"));
    assertEquals("", Printable.of(""));
  }

  @Test
  void keepsLinesAndTabsOfALongText() {
    assertEquals("a\tb\nc\\u{7}\n\td\t", Printable.lines("a\tb\nc\u0007\n\td\t"));
  }
}
