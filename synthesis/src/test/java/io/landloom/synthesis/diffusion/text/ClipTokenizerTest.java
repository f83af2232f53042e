package io.landloom.synthesis.diffusion.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.synthesis.diffusion.Fixtures;
import io.landloom.synthesis.weights.ModelException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClipTokenizerTest {
  @Test
  void idsAreThoseOfThePublishedTokenizer() throws IOException {
    Fixtures fixtures = Fixtures.open();
    ClipTokenizer tokenizer = Fixtures.model().tokenizer();
    List<String> prompts = Fixtures.texts().getStringList("prompts");
    assertEquals(7, prompts.size());
    for (int i = 0; i < prompts.size(); i++) {
      int[] expected = fixtures.tokens(i).get(0);
      assertArrayEquals(expected, tokenizer.padded(prompts.get(i), 77), prompts.get(i));
    }
  }

  @Test
  void aLongTextIsCutBeforeTheEnd() throws IOException {
    ClipTokenizer tokenizer = Fixtures.model().tokenizer();
    int[] whole = tokenizer.padded("river lake pond", 77);
    int[] cut = tokenizer.padded("river lake pond", 3);
    assertArrayEquals(new int[] {whole[0], whole[1], whole[76]}, cut);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> tokenizer.padded("river", 1));
    assertEquals("length 1 has no room for start and end", e.getMessage());
  }

  @Test
  void refusesFilesThatAreNoTokenizers() {
    ModelException e =
        assertThrows(
            ModelException.class,
            () -> new ClipTokenizer("t", Map.of(), List.of("#version: 0.2", "a b", "a b c")));
    assertEquals("t: merges, line 3: 'a b c' is no pair of pieces", e.getMessage());
    e =
        assertThrows(
            ModelException.class,
            () -> new ClipTokenizer("t", Map.of("<|startoftext|>", 0), List.of()));
    assertEquals("t: the vocabulary has no token '<|endoftext|>'", e.getMessage());
  }
}
