package io.landloom.jobs.source;

import com.univocity.parsers.common.TextParsingException;
import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import com.univocity.parsers.csv.UnescapedQuoteHandling;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.Paths;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.Serializable;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What somebody, or a model that describes images, wrote about patches.
 *
 * @param byPatch captions in one line by {@code scene/row/col}
 */
public record Captions(SortedMap<String, String> byPatch) implements Serializable {
  /** Nobody wrote anything. */
  public static final Captions NONE = new Captions(new TreeMap<>());

  private static final String KEY = "captions.file";
  private static final List<String> HEADING = List.of("id", "text");
  private static final Pattern ID = Pattern.compile(".+/\\d+/\\d+");
  private static final int MOST = 1_000_000;
  private static final int LONGEST = 1000;
  // tasks are sent all of them, and Spark sends no more than 128 MiB
  private static final int MOST_CHARACTERS = 1 << 25;

  /** Copies the captions. */
  public Captions {
    byPatch = new TreeMap<>(byPatch); // not an unmodifiable view, which would be of its own class
  }

  /**
   * Reads a CSV file of UTF-8 with the columns {@code id} and {@code text} below a heading, as RFC
   * 4180 has it.
   *
   * @param file of the key {@code captions.file}
   * @throws JobException if it is not there, has other columns, names a patch twice, an id is none
   *     of a patch, or a caption is empty, longer than a thousand characters or of several lines
   */
  public static Captions read(Configuration configuration, String file) throws IOException {
    Path path = Paths.of(KEY, file);
    FileSystem fileSystem = Paths.fileSystem(path, configuration);
    try (Reader text =
        new InputStreamReader(
            fileSystem.open(path),
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT))) {
      return parse(file, text);
    } catch (FileNotFoundException e) {
      throw new JobException(JobException.Kind.USER, KEY + " = " + file + ": no such file", e);
    }
  }

  private static Captions parse(String file, Reader text) throws IOException {
    CsvParserSettings settings = new CsvParserSettings();
    settings.setUnescapedQuoteHandling(UnescapedQuoteHandling.RAISE_ERROR);
    settings.setMaxCharsPerColumn(2 * LONGEST);
    settings.setMaxColumns(HEADING.size() + 1);
    settings.setIgnoreLeadingWhitespaces(false);
    settings.setIgnoreTrailingWhitespaces(false);
    settings.setLineSeparatorDetectionEnabled(true);
    // a thread of its own, which it has where there are two processors, throws once more at its end
    settings.setReadInputOnSeparateThread(false);
    settings.getFormat().setComment('\0');
    CsvParser parser = new CsvParser(settings);
    Collected collected = new Collected(file);
    try {
      parser.beginParsing(text);
      for (String[] row = parser.parseNext(); row != null; row = parser.parseNext()) {
        collected.add(row, parser.getContext().currentLine());
      }
    } catch (TextParsingException e) {
      IOException unread = unread(e);
      if (unread != null) {
        throw unread;
      }
      String why =
          isOfEncoding(e)
              ? "not UTF-8"
              : "not a CSV file of two columns, or a caption is far too long";
      throw new JobException(
          JobException.Kind.USER,
          KEY
              + " = "
              + file
              + (isOfEncoding(e) ? "" : ", near line " + (e.getLineIndex() + 1))
              + ": "
              + why,
          e);
    }
    return collected.captions();
  }

  /** Why a file could not be read, which is not its content; null if it could. */
  private static IOException unread(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException io && !(cause instanceof CharacterCodingException)) {
        return io;
      }
    }
    return null;
  }

  private static boolean isOfEncoding(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CharacterCodingException) {
        return true;
      }
    }
    return false;
  }

  /** The rows of a file, checked one by one. */
  private static final class Collected {
    private final String file;
    private final SortedMap<String, String> captions = new TreeMap<>();
    private boolean begun;
    private long characters;

    Collected(String file) {
      this.file = file;
    }

    void add(String[] row, long line) {
      if (!begun) {
        begun = true;
        if (row.length > 0 && row[0] != null && row[0].startsWith("\uFEFF")) {
          row[0] = row[0].substring(1);
        }
        if (!Arrays.asList(row).equals(HEADING)) {
          throw refused("its heading is not id,text");
        }
        return;
      }
      if (row.length != HEADING.size()) {
        throw refused("line " + line + " has " + row.length + " columns, not id and text");
      }
      add(row[0] == null ? "" : row[0].strip(), row[1] == null ? "" : row[1].strip());
    }

    private void add(String id, String caption) {
      if (!ID.matcher(id).matches()) {
        throw refused("'" + id + "' is no patch, which are scene/row/col");
      }
      if (caption.isEmpty()) {
        throw refused("the caption of '" + id + "' is empty");
      }
      if (caption.length() > LONGEST) {
        throw refused("the caption of '" + id + "' is longer than " + LONGEST + " characters");
      }
      if (caption.chars().anyMatch(Character::isISOControl)) {
        throw refused("the caption of '" + id + "' has a line break or another control character");
      }
      if (captions.put(id, caption) != null) {
        throw refused("there is a second caption of '" + id + "'");
      }
      characters += id.length() + caption.length();
      if (captions.size() > MOST || characters > MOST_CHARACTERS) {
        throw refused(
            "more than " + MOST + " captions, or " + MOST_CHARACTERS + " characters of them");
      }
    }

    Captions captions() {
      if (captions.isEmpty()) {
        throw refused("there is no caption in it");
      }
      return new Captions(captions);
    }

    private JobException refused(String why) {
      return JobException.user(KEY + " = " + file + ": " + why);
    }
  }

  /** The caption of a patch, {@code scene/row/col}; empty where nobody wrote one. */
  public String of(String patch) {
    return byPatch.getOrDefault(patch, "");
  }

  /** What tells these captions from others, to go on behind other keys; empty of none. */
  public String identity() {
    return byPatch.isEmpty() ? "" : " captions=" + digest();
  }

  private String digest() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byPatch.forEach(
          (id, text) -> digest.update((id + "\n" + text + "\n").getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
