package io.landloom.synthesis.diffusion.training;

import ai.djl.Device;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.segment.SegmenterSettings;
import io.landloom.synthesis.segment.SegmenterTrainer;
import io.landloom.synthesis.training.Checkerboards;
import io.landloom.synthesis.training.NetworkTrainer;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.Precision;
import java.util.Optional;

/** The smallest networks of every training, for checkerboards of 32 pixels. */
public final class TinyTrainings {
  public static final LandCoverScheme SCHEME = LandCoverScheme.named("gid5");
  public static final TrainingSet SET = new Checkerboards(SCHEME, 5, 32);

  private static final String COURSE =
      "batch=2,patchSize=32,steps=200,decayFrom=1,learningRate=0.01,ema=0.9,";
  private static final String DENOISER =
      COURSE
          + "widths=[8,8],heads=[0,2],middleHeads=2,blocks=1,groups=4,"
          + "text.width=8,text.heads=2,text.layers=1,sampling.steps=3,";

  private TinyTrainings() {}

  private static Config keys(String more, String base) {
    return ConfigFactory.parseString(more).withFallback(ConfigFactory.parseString(base));
  }

  public static NetworkTrainer autoencoder(String more) {
    String base =
        COURSE
            + "widths=[4,4,8],blocks=1,groups=2,start=random,scaleBatches=2,"
            + "adversary.weight=0";
    return new AutoencoderTrainer(
        AutoencoderSettings.of(keys(more, base)), SCHEME, SET, Device.cpu());
  }

  /** A denoiser of class codes under shares. */
  public static NetworkTrainer codes(String more) {
    return denoiser(more, "cell=4", Optional.empty());
  }

  /** A denoiser of class codes that is shown its last estimate. */
  public static NetworkTrainer selfConditioned(String more) {
    return denoiser(more, "cell=4,selfConditioning=true", Optional.empty());
  }

  /** A denoiser of latents of masks under prompts, with a head. */
  public static NetworkTrainer latents(String more) {
    return denoiser(
        more,
        "space=latents,autoencoder=a,condition=prompt,prediction=velocity,headWidth=4",
        Optional.of(trained(autoencoder("content=masks"))));
  }

  /**
   * A denoiser of latents of images, which predicts noise: of latents that are themselves all but
   * noise, as an untrained autoencoder's, nothing tells the velocity.
   */
  public static NetworkTrainer images(String more) {
    return denoiser(
        more,
        "content=images,space=latents,autoencoder=a,prediction=noise,noise.zeroTerminal=false",
        Optional.of(trained(autoencoder(""))));
  }

  /** A control of a denoiser of images under prompts with captions. */
  public static NetworkTrainer captioned(String more) {
    String base = COURSE + "denoiser=d,stem=[4,4,8],sampling.steps=3";
    return new ControlTrainer(
        ControlSettings.of(keys(more, base)), SCHEME, SET, Device.cpu(), trained(described("")));
  }

  /** A denoiser of latents of images under prompts with captions. */
  public static NetworkTrainer described(String more) {
    return denoiser(
        more,
        "content=images,space=latents,autoencoder=a,condition=prompt,text.captions=rules",
        Optional.of(trained(autoencoder(""))));
  }

  private static NetworkTrainer denoiser(
      String more, String what, Optional<ModelBundle> autoencoder) {
    String keys = what.replace("headWidth", "proportion.headWidth");
    return new DenoiserTrainer(
        DenoiserSettings.of(keys(more, DENOISER + keys)), SCHEME, SET, Device.cpu(), autoencoder);
  }

  public static NetworkTrainer adapters(String more) {
    String base = COURSE + "denoiser=d,rank=2,alpha=4,sampling.steps=3";
    return new AdaptersTrainer(
        AdaptersSettings.of(keys(more, base)), SCHEME, SET, Device.cpu(), trained(latents("")));
  }

  public static NetworkTrainer control(String more) {
    String base = COURSE + "denoiser=d,stem=[4,4,8],sampling.steps=3";
    return new ControlTrainer(
        ControlSettings.of(keys(more, base)), SCHEME, SET, Device.cpu(), trained(images("")));
  }

  /** A control whose drawn images a segmenter looks at. */
  public static NetworkTrainer consistent(String more) {
    String base = COURSE + "denoiser=d,stem=[4,4,8],sampling.steps=3,consistency.segmenter=s";
    return new ControlTrainer(
        ControlSettings.of(keys(more, base)),
        SCHEME,
        SET,
        Device.cpu(),
        trained(images("")),
        Optional.of(segmenter()));
  }

  private static ModelBundle segmenter() {
    SegmenterSettings settings =
        SegmenterSettings.of(
            ConfigFactory.parseString(
                "width=4,batch=2,patchSize=32,steps=200,learningRate=0.01,decayFrom=1"));
    return trained(new SegmenterTrainer(settings, SCHEME, SET, Device.cpu()), 40);
  }

  /** A control of a denoiser that goes on learning, and an autoencoder with an adversary. */
  public static NetworkTrainer trainedBackbone(String more) {
    return control(more + (more.isEmpty() ? "" : ",") + "backbone=trained");
  }

  public static NetworkTrainer adversarial(String more) {
    return autoencoder(
        more
            + (more.isEmpty() ? "" : ",")
            + "adversary.weight=0.1,adversary.from=1,adversary.width=4");
  }

  /** The bundle after two steps; closes the trainer. */
  public static ModelBundle trained(NetworkTrainer trainer) {
    return trained(trainer, 2);
  }

  public static ModelBundle trained(NetworkTrainer trainer, int steps) {
    try (trainer) {
      for (int i = 0; i < steps; i++) {
        trainer.step();
      }
      return bundle(trainer);
    }
  }

  public static ModelBundle bundle(NetworkTrainer trainer) {
    return trainer.bundle("tiny", "checkerboards", "CC0-1.0", Precision.F32);
  }
}
