package io.landloom.jobs.run;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Name of a run: the job and a digest of everything that changes its result.
 *
 * @param text for example {@code tile-3f2a9c81d0e4}
 */
public record RunId(String text) implements Comparable<RunId>, Serializable {
  private static final int HEX_DIGITS = 16;

  /** Checks that the name can be a folder's. */
  public RunId {
    if (!text.matches("[a-z]+-[0-9a-f]{" + HEX_DIGITS + "}")) {
      throw new IllegalArgumentException("'" + text + "' is not a run id");
    }
  }

  /** The run id that a folder's name is; empty if it is none. */
  static Optional<RunId> parse(String name) {
    try {
      return Optional.of(new RunId(name));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The job that made the run. */
  public String job() {
    return text.substring(0, text.indexOf('-'));
  }

  /** Starts the digest of a job's inputs and configuration. */
  public static Builder of(String job) {
    return new Builder(job);
  }

  @Override
  public int compareTo(RunId other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }

  /** Collects what changes a run's result, in a fixed order. */
  public static final class Builder {
    private final String job;
    private final MessageDigest digest;

    private Builder(String job) {
      this.job = job;
      try {
        this.digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has SHA-256", e);
      }
      with("code", CodeVersion.text());
    }

    /** Adds a named value. */
    public Builder with(String name, Object value) {
      byte[] bytes = (name + "=" + value).getBytes(StandardCharsets.UTF_8);
      digest.update(
          new byte[] {
            (byte) (bytes.length >>> 24),
            (byte) (bytes.length >>> 16),
            (byte) (bytes.length >>> 8),
            (byte) bytes.length
          });
      digest.update(bytes);
      return this;
    }

    /** The run's name. */
    public RunId build() {
      return new RunId(
          job + "-" + HexFormat.of().formatHex(digest.digest()).substring(0, HEX_DIGITS));
    }
  }
}
