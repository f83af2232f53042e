package io.landloom.synthesis.gan;

import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a generator has learnt to tell its classes apart by: the mean of each class's scale
 * embedding (Wang et al., TGRS 2023, equation 3).
 */
public final class ClassEmbeddings {
  private static final String MEAN = "embedding.gamma.mean";

  private final List<String> classes;
  private final HostTensor means; // (K+1, E), unknown last

  private ClassEmbeddings(List<String> classes, HostTensor means) {
    this.classes = classes;
    this.means = means;
  }

  /**
   * The embeddings of a bundle.
   *
   * @throws ModelException if it holds none for its classes
   */
  public static ClassEmbeddings of(ModelBundle bundle) {
    List<String> all = bundle.card().scheme().classes();
    List<String> classes = all.subList(0, all.size() - 1);
    if (!bundle.tensors().names().contains(MEAN)) {
      throw new ModelException(
          "model '" + bundle.card().name() + "'", "holds no tensor '" + MEAN + "'");
    }
    return new ClassEmbeddings(classes, bundle.tensors().get(MEAN));
  }

  /**
   * Cosine of the angle between the embeddings of every two classes, in the model's order; unknown
   * is left out. 1 for what is the same, 0 for what has nothing in common.
   */
  public List<List<Double>> cosines() {
    int count = classes.size();
    List<List<Double>> cosines = new ArrayList<>();
    for (int one = 0; one < count; one++) {
      List<Double> row = new ArrayList<>();
      for (int other = 0; other < count; other++) {
        double lengths = Math.sqrt(product(one, one)) * Math.sqrt(product(other, other));
        row.add(lengths == 0 ? 0 : product(one, other) / lengths);
      }
      cosines.add(row);
    }
    return cosines;
  }

  /** Names of the classes, in the model's order; unknown is left out. */
  public List<String> classes() {
    return classes;
  }

  private double product(int one, int other) {
    int width = Math.toIntExact(means.shape()[1]);
    double sum = 0;
    for (int i = 0; i < width; i++) {
      sum += (double) means.values()[one * width + i] * means.values()[other * width + i];
    }
    return sum;
  }
}
