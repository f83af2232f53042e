package io.landloom.synthesis.diffusion.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.source.MemoryByteSource;
import io.landloom.synthesis.training.NetworkTrainer;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds of every training. */
class DiffusionTrainersTest {
  private record Kind(String name, String losses, Function<String, NetworkTrainer> trainer) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Kind> kinds() {
    return Stream.of(
        new Kind(
            "autoencoder", "[reconstruction, divergence, feature]", TinyTrainings::autoencoder),
        new Kind(
            "adversarial",
            "[reconstruction, divergence, feature, discriminator, adversarial]",
            TinyTrainings::adversarial),
        new Kind("codes", "[noise, proportion]", TinyTrainings::codes),
        new Kind("self-conditioned", "[noise, proportion]", TinyTrainings::selfConditioned),
        new Kind("latents", "[noise, proportion, head]", TinyTrainings::latents),
        new Kind("images", "[noise]", TinyTrainings::images),
        new Kind("adapters", "[noise, proportion]", TinyTrainings::adapters),
        new Kind("control", "[noise]", TinyTrainings::control),
        new Kind("described", "[noise]", TinyTrainings::described),
        new Kind("captioned", "[noise]", TinyTrainings::captioned),
        new Kind("consistent", "[noise, consistency]", TinyTrainings::consistent),
        new Kind("trained backbone", "[noise]", TinyTrainings::trainedBackbone));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aResumedTrainingEndsLikeAnUninterruptedOne(Kind kind) throws IOException {
    ByteArrayOutputStream checkpoint = new ByteArrayOutputStream();
    try (NetworkTrainer trainer = kind.trainer().apply("");
        NetworkTrainer resumed = kind.trainer().apply("")) {
      trainer.step();
      trainer.step();
      trainer.save(checkpoint);
      Map<String, Float> expected = trainer.step();
      assertEquals(kind.losses(), expected.keySet().toString());
      resumed.resume(new MemoryByteSource("step-2", checkpoint.toByteArray()));
      assertEquals(2, resumed.steps());
      assertEquals(expected, resumed.step());
      assertEquals(TinyTrainings.bundle(trainer).digest(), TinyTrainings.bundle(resumed).digest());
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesACheckpointOfOtherSettings(Kind kind) throws IOException {
    ByteArrayOutputStream checkpoint = new ByteArrayOutputStream();
    try (NetworkTrainer trainer = kind.trainer().apply("seed=1");
        NetworkTrainer other = kind.trainer().apply("seed=2")) {
      trainer.save(checkpoint);
      MemoryByteSource source = new MemoryByteSource("step-0", checkpoint.toByteArray());
      String message =
          assertThrows(IllegalArgumentException.class, () -> other.resume(source)).getMessage();
      assertTrue(message.startsWith("step-0: a checkpoint of "), message);
    }
  }

  @Test
  void learns() {
    assertLearns("reconstruction", TinyTrainings.autoencoder("learningRate=0.003"));
    String averages = "start=averages,widths=[8,8,8],groups=1,learningRate=0.003";
    assertLearns("reconstruction", TinyTrainings.autoencoder(averages));
    assertLearns("noise", TinyTrainings.codes("proportion.smooth=true,proportion.classes=rare"));
    assertLearns("noise", TinyTrainings.selfConditioned(""));
    assertLearns("noise", TinyTrainings.trainedBackbone(""));
  }

  /** Against the same training to which the segmenter's loss is as good as nothing. */
  @Test
  void drawnImagesComeToShowTheirMasksToASegmenter() {
    String all = "backbone=trained,consistency.lastTimestep=999,consistency.weight=";
    double heeded = end("consistency", TinyTrainings.consistent(all + 20));
    double unheeded = end("consistency", TinyTrainings.consistent(all + 1e-6));
    assertTrue(heeded < 0.95 * unheeded, heeded + " heeded, " + unheeded + " not");
    try (NetworkTrainer never = TinyTrainings.consistent("consistency.lastTimestep=0,seed=4")) {
      assertEquals(0, never.step().get("consistency"), "no timestep of the batch counts");
    }
    assertEquals(
        "consistency.segmenter is other, but no segmenter was opened",
        refusal(() -> TinyTrainings.control("consistency.segmenter=other")));
    assertEquals(
        "consistency.weight 0.0 is not above 0, or consistency.lastTimestep 200 below 0",
        refusal(() -> TinyTrainings.consistent("consistency.weight=0")));
  }

  /** The mean of a loss in the last of 60 steps. */
  private static double end(String loss, NetworkTrainer trainer) {
    List<Float> losses = new ArrayList<>();
    try (trainer) {
      for (int i = 0; i < 60; i++) {
        losses.add(trainer.step().get(loss));
      }
    }
    return mean(losses.subList(45, 60));
  }

  private static void assertLearns(String loss, NetworkTrainer trainer) {
    List<Float> losses = new ArrayList<>();
    try (trainer) {
      for (int i = 0; i < 60; i++) {
        losses.add(trainer.step().get(loss));
      }
    }
    double before = mean(losses.subList(0, 8));
    double after = mean(losses.subList(45, 60));
    assertTrue(after < 0.85 * before, loss + " " + before + " to " + after);
  }

  private static double mean(List<Float> values) {
    return values.stream().mapToDouble(Float::floatValue).average().orElseThrow();
  }

  /** One over the deviation that the latents have: measured again, it is about 1. */
  @Test
  void anAutoencodersLatentsGetUnitVariance() {
    ModelBundle bundle = TinyTrainings.trained(TinyTrainings.autoencoder(""));
    double scale = bundle.card().training().metrics().get(AutoencoderTrainer.LATENT_SCALE);
    assertTrue(scale > 0 && Double.isFinite(scale), "scale " + scale);
    assertEquals(
        (float) scale, bundle.tensors().get("autoencoder.scale").values()[0], "in the weights too");
  }

  @Test
  void adaptersLeaveTheDenoiserAlone() {
    ModelBundle adapted = TinyTrainings.trained(TinyTrainings.adapters(""));
    ModelBundle base = TinyTrainings.trained(TinyTrainings.latents(""));
    base.tensors()
        .asMap()
        .forEach((name, tensor) -> assertEquals(tensor, adapted.tensors().get(name), name));
    Set<String> added =
        adapted.tensors().names().stream()
            .filter(name -> !base.tensors().names().contains(name))
            .collect(Collectors.toSet());
    assertFalse(added.isEmpty());
    assertTrue(added.stream().allMatch(name -> name.startsWith("adapters.")), added.toString());
    assertTrue(
        added.stream()
            .filter(name -> name.endsWith("lora_B.weight"))
            .anyMatch(name -> adapted.tensors().get(name).values()[0] != 0),
        "B has learnt");
  }

  @Test
  void aControlNetStartsAsACopyThatChangesNothing() {
    ModelBundle base = TinyTrainings.trained(TinyTrainings.images(""));
    ModelBundle control = TinyTrainings.trained(TinyTrainings.control(""), 0);
    assertEquals(
        base.tensors().get("denoiser.conv_in.weight"),
        control.tensors().get("controlnet.conv_in.weight"));
    for (float value : control.tensors().get("controlnet.controlnet_mid_block.weight").values()) {
      assertEquals(0, value);
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertEquals(
        "content = images needs space = latents: an image has no class codes",
        refusal(() -> TinyTrainings.codes("content=images")));
    assertEquals(
        "space = latents needs an autoencoder; give the folder of its bundle",
        refusal(() -> TinyTrainings.codes("space=latents")));
    assertEquals(
        "autoencoder 'tiny' encodes images, not masks",
        refusal(() -> TinyTrainings.images("content=masks")));
    assertEquals(
        "stem [4, 8] halves a mask 1 times, but denoiser 'tiny' has a cell of 4 pixels",
        refusal(() -> TinyTrainings.control("stem=[4,8]")));
    assertEquals(
        "denoiser 'tiny' draws 32 pixels a side, patchSize is 64",
        refusal(() -> TinyTrainings.adapters("patchSize=64")));
    assertEquals(
        "a ControlNet controls a denoiser; give the folder of its bundle",
        refusal(() -> TinyTrainings.control("denoiser=none")));
    assertEquals(
        "adapters change a denoiser; give the folder of its bundle",
        refusal(() -> TinyTrainings.adapters("denoiser=none")));
    assertEquals(
        "text.captions = rules needs content = images and condition = prompt: captions are words"
            + " about masks that are there",
        refusal(() -> TinyTrainings.images("text.captions=rules")));
    assertEquals(
        "selfConditioning = true needs content = masks",
        refusal(() -> TinyTrainings.images("selfConditioning=true")));
    assertEquals(
        "condition 'words' is neither shares nor prompt",
        refusal(() -> TinyTrainings.codes("condition=words")));
    assertEquals(
        "proportion.distance 'l3' is none of l1, l2, kl",
        refusal(() -> TinyTrainings.codes("proportion.distance=l3")));
  }

  private static String refusal(Runnable made) {
    return assertThrows(IllegalArgumentException.class, made::run).getMessage();
  }
}
