package io.landloom.synthesis.gan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Precision;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ClassEmbeddingsTest {
  @Test
  void comparesEveryTwoClassesAndLeavesUnknownOut() {
    float[] means = {
      3, 4, /* twice as long */ 6, 8, /* at a right angle */ -4, 3, /* none */ 0, 0, 9, 9
    };
    ClassEmbeddings embeddings =
        ClassEmbeddings.of(
            bundle(Map.of("embedding.gamma.mean", new HostTensor(new long[] {5, 2}, means))));
    assertEquals(List.of("river", "lake", "road", "field"), embeddings.classes());
    assertEquals(
        List.of(
            List.of(1.0, 1.0, 0.0, 0.0),
            List.of(1.0, 1.0, 0.0, 0.0),
            List.of(0.0, 0.0, 1.0, 0.0),
            List.of(0.0, 0.0, 0.0, 0.0)),
        embeddings.cosines());
  }

  @Test
  void refusesAModelWithoutEmbeddings() {
    ModelBundle bundle = bundle(Map.of("weight", new HostTensor(new long[] {1}, new float[1])));
    assertEquals(
        "model 'tiny': holds no tensor 'embedding.gamma.mean'",
        assertThrows(ModelException.class, () -> ClassEmbeddings.of(bundle)).getMessage());
  }

  private static ModelBundle bundle(Map<String, HostTensor> tensors) {
    ModelCard card =
        new ModelCard(
            "tiny",
            CsebganSynthesizer.ARCHITECTURE,
            new ModelCard.SchemeClasses(
                "small", 1, List.of("river", "lake", "road", "field", "unknown")),
            64,
            3,
            new TreeMap<>(),
            CsebganSynthesizer.INFERENCE,
            new ModelCard.Training(0, 0, "none", "none"));
    return ModelBundle.of(card, new NamedTensors(tensors), Precision.F32);
  }
}
