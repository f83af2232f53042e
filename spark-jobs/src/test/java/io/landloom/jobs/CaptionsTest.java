package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.jobs.run.JobException;
import io.landloom.jobs.source.Captions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptionsTest extends SparkTest {
  private Captions read(String text) throws IOException {
    Path file = folder.resolve("captions.csv");
    Files.writeString(file, text);
    return Captions.read(spark, file.toString());
  }

  @Test
  void aCaptionIsOfAPatch() throws IOException {
    Captions captions =
        read("id,text\na/0/1,\"two ponds, one \"\"dry\"\"\"\n\"b, west/2/0\", a wood \n");
    assertEquals("two ponds, one \"dry\"", captions.of("a", 0, 1));
    assertEquals("a wood", captions.of("b, west/2/0"));
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
          id,text~,pond~                   | the caption of no patch is empty
          id,text~a/0/0,pond~a/0/0,wood~   | there is a second caption of 'a/0/0'
          id,text~a/0/0,"pond~wood"~       | longer than 1000 characters or not one line
          """)
  void whatIsNoTableOfCaptionsIsRefused(String text, String why) {
    JobException refused = assertThrows(JobException.class, () -> read(text.replace('~', '\n')));
    assertEquals(JobException.Kind.USER, refused.kind());
    String message = refused.getMessage();
    assertTrue(message.contains(why), message);
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    JobException refused =
        assertThrows(JobException.class, () -> Captions.read(spark, folder + "/none.csv"));
    assertEquals("captions.file = " + folder + "/none.csv: no such file", refused.getMessage());
  }
}
