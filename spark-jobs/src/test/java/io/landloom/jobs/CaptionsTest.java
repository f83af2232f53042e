package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.jobs.run.JobException;
import io.landloom.jobs.source.Captions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptionsTest {
  @TempDir Path folder;

  private Captions read(String text) throws IOException {
    Path file = folder.resolve("captions.csv");
    Files.writeString(file, text);
    return Captions.read(new Configuration(), file.toString());
  }

  @Test
  void aCaptionIsOfAPatch() throws IOException {
    Captions captions =
        read(
            "id,text\na/0/1,\"two ponds, one \"\"dry\"\"\"\n\"b, west/2/0\", a wood \n c/0/0 ,#1\n");
    assertEquals("two ponds, one \"dry\"", captions.of("a/0/1"));
    assertEquals("a wood", captions.of("b, west/2/0"));
    assertEquals("#1", captions.of("c/0/0"));
    assertEquals("", captions.of("a/1/0"));
  }

  @Test
  void otherWordsAreOtherCaptions() throws IOException {
    assertEquals("", Captions.NONE.identity());
    String one = read("id,text\na/0/0,pond\n").identity();
    assertEquals(one, read("id,text\r\n\"a/0/0\",pond\r\n").identity());
    assertNotEquals(one, read("id,text\na/0/0,wood\n").identity());
    assertNotEquals(one, read("id,text\na/0/1,pond\n").identity());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          key,text~a/0/0,pond~             | its heading is not id,text
          id,text,more~a/0/0,pond,1~       | its heading is not id,text
          id,text~a/0/0,~                  | the caption of 'a/0/0' is empty
          id,text~,pond~                   | '' is no patch, which are scene/row/col
          id,text~a/0/0.png,pond~          | 'a/0/0.png' is no patch, which are scene/row/col
          id,text~a/0/0,two ponds, one dry~ | line 2 has 3 columns, not id and text
          id,text~a/0/0~                   | line 2 has 1 columns, not id and text
          id,text~a/0/0,"old" pond~        | near line 2: not a CSV file of two columns
          id,text~                         | there is no caption in it
          ''                               | there is no caption in it
          id,text~a/0/0,pond~a/0/0,wood~   | there is a second caption of 'a/0/0'
          id,text~a/0/0,"pond~wood"~       | has a line break or another control character
          """)
  void whatIsNoTableOfCaptionsIsRefused(String text, String why) {
    JobException refused = assertThrows(JobException.class, () -> read(text.replace('~', '\n')));
    assertEquals(JobException.Kind.USER, refused.kind());
    String message = refused.getMessage();
    assertTrue(message.contains(why), message);
  }

  @Test
  void aCaptionHasAThousandCharactersAtMost() throws IOException {
    assertEquals(1000, read("id,text\na/0/0," + "x".repeat(1000) + "\n").of("a/0/0").length());
    for (int length : new int[] {1001, 100_000}) {
      JobException refused =
          assertThrows(
              JobException.class, () -> read("id,text\na/0/0," + "x".repeat(length) + "\n"));
      assertTrue(refused.getMessage().contains("long"), refused.getMessage());
    }
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheHeadingAndOtherEncodingsAreRefused() throws IOException {
    assertEquals("caf\u00e9", read("\uFEFFid,text\na/0/0,caf\u00e9\n").of("a/0/0"));
    Path latin = folder.resolve("latin.csv");
    Files.write(latin, "id,text\na/0/0,caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    JobException refused =
        assertThrows(
            JobException.class, () -> Captions.read(new Configuration(), latin.toString()));
    assertTrue(refused.getMessage().contains("not UTF-8"), refused.getMessage());
  }

  @Test
  void namesThatAreHiddenOrLookLikePatternsAreNames() throws IOException {
    for (String name : new String[] {"_captions.csv", "captions[2].csv"}) {
      Path file = folder.resolve(name);
      Files.writeString(file, "id,text\na/0/0,pond\n");
      assertEquals("pond", Captions.read(new Configuration(), file.toString()).of("a/0/0"));
    }
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    JobException refused =
        assertThrows(
            JobException.class, () -> Captions.read(new Configuration(), folder + "/none.csv"));
    assertEquals("captions.file = " + folder + "/none.csv: no such file", refused.getMessage());
  }
}
