package io.landloom.synthesis.diffusion.mask;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.synthesis.SeededStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutPromptTest {
  private static final List<String> POTSDAM =
      List.of("impervious surface", "building", "low vegetation", "tree", "car", "clutter");

  @Test
  void sharesAreRoundedByLargestRemaindersAndSorted() {
    // floors 34, 27, 20, 13, 2, 1 leave 3: to the remainders .75, .7 and .6
    double[] proportions = {0.3425, 0.277, 0.206, 0.135, 0.022, 0.0175};
    assertEquals(
        "A remote sensing label map of an urban area: 34% impervious surface, 28% building,"
            + " 21% low vegetation, 13% tree, 2% car, 2% clutter.",
        LayoutPrompt.of("an urban area", POTSDAM, proportions).text());
  }

  @Test
  void aTraceIsWrittenAsLessThanOneAndWhatIsAbsentNotAtAll() {
    double[] proportions = {0, 0.9, 0.0049, 0.0951, 0, 0};
    LayoutPrompt prompt = LayoutPrompt.of("a field", POTSDAM, proportions);
    assertEquals(
        "A remote sensing label map of a field: 90% building, 10% tree, <1% low vegetation.",
        prompt.text());
    assertEquals(
        "A remote sensing label map of a field: 90% building, 10% tree, <1% low vegetation;"
            + " no car; no clutter.",
        prompt.without(List.of("car", "clutter")).text());
  }

  @Test
  void parsingReadsBackWhatWasWritten() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    SeededStream random = SeededStream.of(List.of("prompts"), seed);
    List<String> scenes = List.of("an urban area", "x: y", "50% of: it; no sea, land.", "a:");
    for (int i = 0; i < 2000; i++) {
      int classes = 1 + random.nextInt(16);
      List<String> names = new ArrayList<>();
      double[] proportions = new double[classes];
      for (int k = 0; k < classes; k++) {
        names.add("class " + k + (k % 3 == 0 ? ". no" : "-/()"));
        proportions[k] = random.nextInt(4) == 0 ? 0 : Math.pow(random.nextShare(), 6);
      }
      proportions[random.nextInt(classes)] += 0.1;
      LayoutPrompt prompt =
          LayoutPrompt.of(scenes.get(random.nextInt(4)), names, proportions)
              .without(names.subList(0, random.nextInt(classes)));
      assertEquals(prompt, LayoutPrompt.parse(prompt.text()), "seed " + seed);
      int sum = prompt.shares().stream().mapToInt(LayoutPrompt.ClassShare::percent).sum();
      assertEquals(100, sum, "seed " + seed + ": " + prompt.text());
      for (int k = 1; k < prompt.shares().size(); k++) {
        int before = prompt.shares().get(k - 1).percent();
        assertTrue(before >= prompt.shares().get(k).percent(), "seed " + seed);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "A map of a field: 90% water.",
        "A remote sensing label map of a field: 90% water",
        "A remote sensing label map of a field."
      })
  void refusesWordsThatAreNoPrompt(String text) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> LayoutPrompt.parse(text));
    assertEquals(
        "prompt '" + text + "' is not 'A remote sensing label map of SCENE: 60% CLASS, 40% CLASS.'",
        e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"101% water", "0% water", "05% water", "some water", "1% ", "<2% water"})
  void refusesWordsThatAreNoShare(String share) {
    String text = "A remote sensing label map of a field: " + share + ".";
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> LayoutPrompt.parse(text));
    assertEquals(
        "prompt '" + text + "': '" + share + "' is not a share such as '40% water'",
        e.getMessage());
  }

  @Test
  void refusesNumbersThatAreNoProportions() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> LayoutPrompt.of("a field", List.of("a", "b"), new double[] {0.5, Double.NaN}));
    assertEquals("class 'b': share NaN is no proportion", e.getMessage());
    e =
        assertThrows(
            IllegalArgumentException.class,
            () -> LayoutPrompt.of("a field", List.of("a"), new double[] {0}));
    assertEquals("no class has a share above 0", e.getMessage());
    e = assertThrows(IllegalArgumentException.class, () -> new LayoutPrompt.ClassShare("a, b", 1));
    assertEquals(
        "class 'a, b' is no name for a prompt: it is empty, or has a comma, semicolon, colon, per"
            + " cent sign or line break",
        e.getMessage());
  }
}
