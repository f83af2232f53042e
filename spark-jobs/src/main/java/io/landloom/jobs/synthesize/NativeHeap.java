package io.landloom.jobs.synthesize;

import io.landloom.jobs.metrics.Meters;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives memory that libtorch freed back to the system.
 *
 * <p>The arrays of a batch come and go between a few small ones that stay, so that the C library
 * keeps more and more free memory in between: some hundred megabytes over an hour, which a
 * container's limit counts. The JVM can tell it to let go.
 */
final class NativeHeap {
  private static final String TRIM = "systemTrimNativeHeap";
  private static final long INTERVAL = TimeUnit.MINUTES.toNanos(1);
  private static final Logger log = LoggerFactory.getLogger(NativeHeap.class);
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final AtomicLong LAST = new AtomicLong(System.nanoTime());

  private NativeHeap() {}

  /** Gives back what is free if nobody in this process did so for a minute. */
  static void tidy() {
    long now = System.nanoTime();
    long last = LAST.get();
    if (now - last >= INTERVAL && LAST.compareAndSet(last, now)) {
      trim();
      Meters.SETTLED_KIB.setValue(resident());
    }
  }

  private static long resident() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    } catch (IOException e) {
      log.debug("the system does not say how much memory this process has: {}", e.toString());
    }
    return 0;
  }

  /** Gives back what is free; whether this JVM can. */
  static boolean trim() {
    try {
      MBeanServer server = ManagementFactory.getPlatformMBeanServer();
      ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
      Object said = server.invoke(commands, TRIM, new Object[0], new String[0]);
      log.debug("{}", said);
      return true;
    } catch (JMException | RuntimeException e) {
      log.debug("this JVM cannot trim the native heap: {}", e.toString());
      return false;
    }
  }
}
