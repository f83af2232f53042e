package io.landloom.jobs.train;

import io.landloom.geo.source.ByteSource;
import io.landloom.jobs.train.TrainableSystem.Sizes;
import io.landloom.jobs.train.TrainableSystem.Training;
import io.landloom.synthesis.training.Course;
import io.landloom.synthesis.training.NetworkTrainer;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.Precision;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;

/** What the systems of one trained network have in common. */
final class NetworkTraining {
  private NetworkTraining() {}

  static Sizes sizes(Course course) {
    return new Sizes(course.steps(), course.patchSize(), course.bands());
  }

  /** A training with a fresh trainer, which goes on from a checkpoint where there is one. */
  static Training open(NetworkTrainer trainer, Optional<ByteSource> checkpoint) throws IOException {
    try {
      if (checkpoint.isPresent()) {
        trainer.resume(checkpoint.get());
      }
      return new Running(trainer);
    } catch (IOException | RuntimeException e) {
      trainer.close();
      throw e;
    }
  }

  /**
   * A training in progress.
   *
   * @param trainer what trains
   */
  private record Running(NetworkTrainer trainer) implements Training {
    @Override
    public long steps() {
      return trainer.steps();
    }

    @Override
    public Map<String, Float> step() {
      return trainer.step();
    }

    @Override
    public void save(OutputStream target) throws IOException {
      trainer.save(target);
    }

    @Override
    public ModelBundle bundle(TrainingTask.Card card) {
      return trainer.bundle(card.name(), card.dataset(), card.licence(), Precision.F16);
    }

    @Override
    public void close() {
      trainer.close();
    }
  }
}
