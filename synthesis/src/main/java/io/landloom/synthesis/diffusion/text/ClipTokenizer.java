package io.landloom.synthesis.diffusion.text;

import io.landloom.synthesis.weights.ModelException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * CLIP's tokenizer: lower-case words, cut into byte pairs by ranked merges (Sennrich et al., ACL
 * 2016; Radford et al., ICML 2021), between a start and an end token.
 */
public final class ClipTokenizer {
  private static final String START = "<|startoftext|>";
  private static final String END = "<|endoftext|>";
  private static final String WORD_END = "</w>";
  private static final Pattern SPACE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern SPECIAL = Pattern.compile("<\\|(?:start|end)oftext\\|>");
  private static final Pattern WORD =
      Pattern.compile(
          "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d"
              + "|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+",
          Pattern.UNICODE_CHARACTER_CLASS);
  private static final String[] LETTERS = letters();

  /** Two neighbouring pieces of a word. */
  private record PiecePair(String left, String right) {}

  private final String source;
  private final Map<String, Integer> vocabulary;
  private final Map<PiecePair, Integer> ranks = new HashMap<>();
  private final int start;
  private final int end;

  /**
   * A tokenizer.
   *
   * @param source what to name in messages
   * @param vocabulary id of every token
   * @param merges pairs of pieces in the order of their rank, as the lines of {@code merges.txt}; a
   *     first line with a version, and empty lines, do not count
   * @throws ModelException if a line is no pair, or a start, end or single byte is no token
   */
  public ClipTokenizer(String source, Map<String, Integer> vocabulary, List<String> merges) {
    this.source = source;
    this.vocabulary = Map.copyOf(vocabulary);
    for (int line = 0; line < merges.size(); line++) {
      String merge = merges.get(line);
      if (merge.isEmpty() || (line == 0 && merge.startsWith("#version"))) {
        continue;
      }
      String[] pieces = merge.split(" ", -1);
      if (pieces.length != 2) {
        throw new ModelException(
            source, "merges, line " + (line + 1) + ": '" + merge + "' is no pair of pieces");
      }
      ranks.putIfAbsent(new PiecePair(pieces[0], pieces[1]), ranks.size());
    }
    this.start = id(START);
    this.end = id(END);
    for (String letter : LETTERS) {
      id(letter);
      id(letter + WORD_END);
    }
  }

  /** The printable letters that stand for the bytes: themselves, or letters from 256 on. */
  private static String[] letters() {
    String[] letters = new String[256];
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b > ' ' && b <= '~') || (b >= 0xA1 && b != 0xAD);
      letters[b] = String.valueOf((char) (printable ? b : next++));
    }
    return letters;
  }

  private int id(String token) {
    Integer id = vocabulary.get(token);
    if (id == null) {
      throw new ModelException(source, "the vocabulary has no token '" + token + "'");
    }
    return id;
  }

  /**
   * The ids of a text, cut or padded to a length.
   *
   * @param length with start and end; the rest is filled with the end token
   */
  public int[] padded(String text, int length) {
    if (length < 2) {
      throw new IllegalArgumentException("length " + length + " has no room for start and end");
    }
    List<Integer> words = ids(text);
    int[] padded = new int[length];
    Arrays.fill(padded, end);
    padded[0] = start;
    for (int i = 0; i < Math.min(words.size(), length - 2); i++) {
      padded[i + 1] = words.get(i);
    }
    return padded;
  }

  /** The ids of a text, without start and end. */
  public List<Integer> ids(String text) {
    List<Integer> ids = new ArrayList<>();
    Matcher special = SPECIAL.matcher(text);
    int from = 0;
    while (special.find()) {
      addWords(ids, text.substring(from, special.start()));
      ids.add(id(special.group()));
      from = special.end();
    }
    addWords(ids, text.substring(from));
    return ids;
  }

  private void addWords(List<Integer> ids, String text) {
    String composed = Normalizer.normalize(text, Normalizer.Form.NFC);
    Matcher words = WORD.matcher(lowerCase(SPACE.matcher(composed).replaceAll(" ")));
    while (words.find()) {
      for (String piece : pieces(words.group())) {
        ids.add(id(piece));
      }
    }
  }

  /** Lower case letter by letter, without the end forms of some languages. */
  private static String lowerCase(String text) {
    StringBuilder lower = new StringBuilder();
    text.codePoints().forEach(c -> lower.append(Character.toString(c).toLowerCase(Locale.ROOT)));
    return lower.toString();
  }

  private List<String> pieces(String word) {
    List<String> pieces = new ArrayList<>();
    for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
      pieces.add(LETTERS[b & 0xFF]);
    }
    pieces.set(pieces.size() - 1, pieces.get(pieces.size() - 1) + WORD_END);
    while (pieces.size() > 1) {
      PiecePair best = lowestRanked(pieces);
      if (best == null) {
        break;
      }
      merge(pieces, best);
    }
    return pieces;
  }

  private PiecePair lowestRanked(List<String> pieces) {
    PiecePair best = null;
    int bestRank = Integer.MAX_VALUE;
    for (int i = 1; i < pieces.size(); i++) {
      PiecePair pair = new PiecePair(pieces.get(i - 1), pieces.get(i));
      int rank = ranks.getOrDefault(pair, Integer.MAX_VALUE);
      if (rank < bestRank) {
        best = pair;
        bestRank = rank;
      }
    }
    return best;
  }

  private static void merge(List<String> pieces, PiecePair pair) {
    for (int i = 0; i + 1 < pieces.size(); i++) {
      if (pieces.get(i).equals(pair.left) && pieces.get(i + 1).equals(pair.right)) {
        pieces.set(i, pair.left + pair.right);
        pieces.remove(i + 1);
      }
    }
  }
}
