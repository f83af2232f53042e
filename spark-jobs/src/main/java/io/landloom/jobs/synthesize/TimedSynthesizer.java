package io.landloom.jobs.synthesize;

import com.codahale.metrics.Timer;
import io.landloom.jobs.metrics.Meters;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.Synthesizer;
import java.util.List;

/**
 * A synthesizer whose batches are timed.
 *
 * @param timed what draws
 */
record TimedSynthesizer(Synthesizer timed) implements Synthesizer {
  @Override
  public String name() {
    return timed.name();
  }

  @Override
  public String modelDigest() {
    return timed.modelDigest();
  }

  @Override
  public int patchSize() {
    return timed.patchSize();
  }

  @Override
  public int bands() {
    return timed.bands();
  }

  @Override
  public String scheme() {
    return timed.scheme();
  }

  @Override
  public int batchSize() {
    return timed.batchSize();
  }

  @Override
  public List<Pair> synthesize(List<Condition> conditions, int shape) {
    Timer.Context batch = Meters.BATCHES.time();
    List<Pair> pairs = timed.synthesize(conditions, shape);
    batch.stop(); // one that fails has no time
    return pairs;
  }

  @Override
  public void close() {
    timed.close();
  }
}
