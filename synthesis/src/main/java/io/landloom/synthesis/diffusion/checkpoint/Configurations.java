package io.landloom.synthesis.diffusion.checkpoint;

import io.landloom.synthesis.diffusion.NoiseLevel;
import io.landloom.synthesis.diffusion.NoiseSchedule;
import io.landloom.synthesis.diffusion.Prediction;
import io.landloom.synthesis.diffusion.Trajectory;
import io.landloom.synthesis.diffusion.network.AutoencoderSizes;
import io.landloom.synthesis.diffusion.network.ClipTextEncoder;
import io.landloom.synthesis.diffusion.network.ControlNet;
import io.landloom.synthesis.diffusion.network.UNetSizes;
import io.landloom.synthesis.weights.ModelException;
import java.util.ArrayList;
import java.util.List;

/** Sizes from the {@code config.json} of published models; what is not implemented is refused. */
final class Configurations {
  private Configurations() {}

  static UNetSizes unet(JsonFile json) {
    for (String key :
        List.of("encoder_hid_dim", "class_embed_type", "addition_embed_type", "num_class_embeds")) {
      json.requireAbsent(key);
    }
    json.require("act_fn", "silu");
    json.require("resnet_time_scale_shift", "default");
    json.require("flip_sin_to_cos", "true");
    json.require("freq_shift", "0");
    json.require("downsample_padding", "1");
    json.require("mid_block_scale_factor", "1");
    json.require("mid_block_type", "UNetMidBlock2DCrossAttn");
    json.require("only_cross_attention", "false");
    json.require("center_input_sample", "false");
    json.require("dual_cross_attention", "false");
    json.require("transformer_layers_per_block", "1");
    json.require("norm_eps", "1.0E-5");
    List<Integer> widths = json.integers("block_out_channels", 1);
    // the published files call the number of heads a width
    String headsKey =
        json.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
    List<Integer> heads = json.integers(headsKey, widths.size());
    List<String> types = json.texts("down_block_types");
    if (types.size() != widths.size() || heads.size() != widths.size()) {
      throw new ModelException(
          json.name(),
          String.format(
              "%d down_block_types and %d %s for %d block_out_channels",
              types.size(), heads.size(), headsKey, widths.size()));
    }
    List<UNetSizes.Level> levels = new ArrayList<>();
    for (int i = 0; i < widths.size(); i++) {
      levels.add(
          new UNetSizes.Level(widths.get(i), attends(json, types.get(i)) ? heads.get(i) : 0));
    }
    requireMirrored(json, types);
    return new UNetSizes(
        json.integer("in_channels"),
        json.integer("out_channels", json.integer("in_channels")),
        levels,
        heads.get(heads.size() - 1),
        json.integer("layers_per_block"),
        json.integer("cross_attention_dim"),
        json.integer("norm_num_groups", 32),
        json.text("use_linear_projection", "false").equals("true")
            ? UNetSizes.Projection.LINEAR
            : UNetSizes.Projection.CONVOLUTION);
  }

  private static boolean attends(JsonFile json, String type) {
    return switch (type) {
      case "CrossAttnDownBlock2D" -> true;
      case "DownBlock2D" -> false;
      default ->
          throw new ModelException(
              json.name(),
              "down_block_types has "
                  + type
                  + ", only CrossAttnDownBlock2D and DownBlock2D are implemented");
    };
  }

  private static void requireMirrored(JsonFile json, List<String> down) {
    if (!json.has("up_block_types")) {
      return;
    }
    List<String> mirrored = new ArrayList<>();
    for (String type : down) {
      mirrored.add(0, type.replace("Down", "Up"));
    }
    if (!json.texts("up_block_types").equals(mirrored)) {
      throw new ModelException(
          json.name(),
          "up_block_types is "
              + json.texts("up_block_types")
              + ", only "
              + mirrored
              + " is implemented");
    }
  }

  static ControlNet.Sizes controlNet(JsonFile json) {
    json.require("controlnet_conditioning_channel_order", "rgb");
    json.require("global_pool_conditions", "false");
    return new ControlNet.Sizes(
        unet(json),
        json.integer("conditioning_channels", 3),
        json.integers("conditioning_embedding_out_channels", 1));
  }

  static AutoencoderSizes autoencoder(JsonFile json) {
    json.require("act_fn", "silu");
    json.require("use_quant_conv", "true");
    json.require("use_post_quant_conv", "true");
    json.require("mid_block_add_attention", "true");
    json.requireAbsent("shift_factor");
    for (String type : json.texts("down_block_types")) {
      if (!type.equals("DownEncoderBlock2D")) {
        throw new ModelException(
            json.name(),
            "down_block_types has " + type + ", only DownEncoderBlock2D is implemented");
      }
    }
    json.require("in_channels", Integer.toString(json.integer("out_channels")));
    return new AutoencoderSizes(
        json.integer("in_channels"),
        json.integer("latent_channels"),
        json.integers("block_out_channels", 1),
        json.integer("layers_per_block"),
        json.integer("norm_num_groups", 32),
        json.real("scaling_factor", AutoencoderSizes.STABLE_DIFFUSION_1.latentScale()));
  }

  static ClipTextEncoder.Sizes textEncoder(JsonFile json) {
    json.require("layer_norm_eps", "1.0E-5");
    return new ClipTextEncoder.Sizes(
        json.integer("vocab_size"),
        json.integer("max_position_embeddings"),
        json.integer("hidden_size"),
        json.integer("intermediate_size"),
        json.integer("num_hidden_layers"),
        json.integer("num_attention_heads"),
        activation(json));
  }

  private static ClipTextEncoder.Activation activation(JsonFile json) {
    String name = json.text("hidden_act", "quick_gelu");
    return switch (name) {
      case "quick_gelu" -> ClipTextEncoder.Activation.QUICK_GELU;
      case "gelu" -> ClipTextEncoder.Activation.GELU;
      default ->
          throw new ModelException(
              json.name(), "hidden_act is " + name + ", only quick_gelu and gelu are implemented");
    };
  }

  static SchedulerSettings scheduler(JsonFile json) {
    json.requireAbsent("trained_betas");
    json.require("thresholding", "false");
    double first = json.real("beta_start", 0.0001);
    double last = json.real("beta_end", 0.02);
    int steps = json.integer("num_train_timesteps", 1000);
    String kind = json.text("beta_schedule", "linear");
    NoiseSchedule schedule =
        switch (kind) {
          case "linear" -> NoiseSchedule.linear(first, last, steps);
          case "scaled_linear" -> NoiseSchedule.scaledLinear(first, last, steps);
          default ->
              throw new ModelException(
                  json.name(),
                  "beta_schedule is " + kind + ", only linear and scaled_linear are implemented");
        };
    if (json.text("rescale_betas_zero_snr", "false").equals("true")) {
      schedule = schedule.withZeroTerminalSignal();
    }
    boolean endsClean = isSolver(json) || json.text("set_alpha_to_one", "true").equals("true");
    return new SchedulerSettings(
        schedule,
        prediction(json),
        spacing(json),
        json.integer("steps_offset", 0),
        endsClean ? NoiseLevel.CLEAN : schedule.level(0));
  }

  private static Prediction prediction(JsonFile json) {
    String name = json.text("prediction_type", "epsilon");
    return switch (name) {
      case "epsilon" -> Prediction.NOISE;
      case "v_prediction" -> Prediction.VELOCITY;
      default ->
          throw new ModelException(
              json.name(),
              "prediction_type is " + name + ", only epsilon and v_prediction are implemented");
    };
  }

  private static Trajectory.Spacing spacing(JsonFile json) {
    boolean solver = isSolver(json);
    String name = json.text("timestep_spacing", solver ? "linspace" : "leading");
    return switch (name) {
      case "leading" -> solver ? Trajectory.Spacing.SOLVER_LEADING : Trajectory.Spacing.LEADING;
      case "linspace" -> solver ? Trajectory.Spacing.SOLVER_LINSPACE : Trajectory.Spacing.LINSPACE;
      case "trailing" -> Trajectory.Spacing.TRAILING;
      default ->
          throw new ModelException(
              json.name(),
              "timestep_spacing is "
                  + name
                  + ", only leading, linspace and trailing are implemented");
    };
  }

  private static boolean isSolver(JsonFile json) {
    return json.text("_class_name", "").startsWith("DPMSolver");
  }
}
