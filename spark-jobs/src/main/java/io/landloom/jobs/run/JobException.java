package io.landloom.jobs.run;

/** A job that cannot go on, for a reason its user can read in one line. */
public final class JobException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Whose problem it is; decides the exit code and whether a scheduler should try again. */
  public enum Kind {
    /** Wrong configuration or missing input: trying again gives the same. */
    USER(2),
    /** A defect of Landloom. */
    BUG(3),
    /** Input was rejected beyond what the configuration allows. */
    DATA(4),
    /** The cluster or the file system failed: trying again may help. */
    INFRA(5);

    private final int exitCode;

    Kind(int exitCode) {
      this.exitCode = exitCode;
    }

    /** Exit code of the process. */
    public int exitCode() {
      return exitCode;
    }
  }

  private final Kind kind;

  /** A problem of a kind. */
  public JobException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** A problem of a kind with its cause. */
  public JobException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** A problem the user can solve. */
  public static JobException user(String message) {
    return new JobException(Kind.USER, message);
  }

  /** Input that was rejected. */
  public static JobException rejected(String message) {
    return new JobException(Kind.DATA, message);
  }

  /** Whose problem it is. */
  public Kind kind() {
    return kind;
  }
}
