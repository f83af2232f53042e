package io.landloom.jobs;

import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The application jar, submitted in cluster mode to a real HDFS and YARN of one node: only {@code
 * synthesize} holds GPUs, and its tasks see their address.
 *
 * <p>Runs after the jar is packaged, and prints what each step took. {@code submit/check-yarn gpu}
 * does the same by hand and keeps the logs after a failure.
 */
class YarnGpuIT {
  @TempDir Path folder;

  @Test
  void tilesSynthesizesAndSummarizesWithGpusForSynthesisAlone() throws Exception {
    // YARN's web servers say a hundred lines as they start
    Logger.getLogger("").setLevel(Level.WARNING);
    YarnLauncher.run(Path.of("..").toRealPath(), folder, "gpu");
  }
}
