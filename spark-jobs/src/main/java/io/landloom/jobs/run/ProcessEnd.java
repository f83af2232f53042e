package io.landloom.jobs.run;

import com.sun.jna.Function;

/** Ends this process without a word to anything in it. */
public final class ProcessEnd {
  private ProcessEnd() {}

  /**
   * Ends it with a code, at once. {@link Runtime#halt} would not: it runs no hooks of Java's, but
   * destructors of C and C++ libraries, libtorch's among them, below threads that still compute in
   * these libraries, which then crash and change the code. The system's own {@code _exit} runs
   * none. Where that cannot be called, as where JNA cannot load its library, this halts.
   */
  public static void now(int code) {
    System.out.flush();
    System.err.flush();
    try {
      Function.getFunction("c", "_exit").invokeVoid(new Object[] {code});
    } catch (LinkageError e) {
      // then as near to it as Java comes
    }
    Runtime.getRuntime().halt(code);
  }
}
