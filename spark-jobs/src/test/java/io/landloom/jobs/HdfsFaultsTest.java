package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Executors that are killed in the middle of a batch, and a data node that goes away. */
class HdfsFaultsTest extends SparkTest {
  private static final int KILLS = 5;

  private static HdfsFaults faults;

  @BeforeAll
  static void prepare() throws IOException {
    long seed = Long.getLong("landloom.seed", System.nanoTime());
    System.out.println("replay with -Dlandloom.seed=" + seed);
    faults = new HdfsFaults(spark, shared, seed);
  }

  @AfterAll
  static void stopHdfs() {
    faults.close();
  }

  @Test
  void killedExecutorsCostNoPairDoubleNoneAndChangeNone() throws IOException, InterruptedException {
    HdfsFaults.Kills kills = faults.killExecutors(KILLS);
    System.out.println(kills);
    assertTrue(kills.inABucket() > 0, kills.toString());
  }

  @Test
  void aDataNodeThatIsLostCostsNoPair() throws IOException, InterruptedException {
    faults.loseADataNode(3);
  }
}
