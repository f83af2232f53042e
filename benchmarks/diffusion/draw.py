"""CPU seconds of images drawn by diffusers: draw.py make FOLDER SIZE | draw.py draw FOLDER BATCH PIXELS STEPS WARM_UP ROUNDS

make writes FOLDER/model and FOLDER/control as they are published, tiny or medium, with random weights; draw encodes prompts,
takes guided DDIM steps under the ControlNet, without and with the prompt in one batch as the pipelines do, and decodes.
Needs torch, diffusers and transformers. One thread.
"""
import json
import pathlib
import sys
import time

import torch
from diffusers import AutoencoderKL, ControlNetModel, DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

SIZES = {
    "tiny": dict(widths=(32, 64), layers=1, text=32, heads=2, vae=(16, 32, 32), stem=(8, 16, 32)),
    "medium": dict(widths=(64, 128, 256), layers=2, text=128, heads=4, vae=(32, 64, 128), stem=(16, 32, 64)),
}
WORDS, VOCABULARY, CONDITION, GUIDANCE = 77, 516, 7, 5.0


def make(folder, size):
    torch.manual_seed(1)
    s = SIZES[size]
    levels = len(s["widths"])
    down = ("CrossAttnDownBlock2D",) * (levels - 1) + ("DownBlock2D",)
    up = ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * (levels - 1)
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=4, out_channels=4, layers_per_block=s["layers"], block_out_channels=s["widths"],
        down_block_types=down, up_block_types=up, cross_attention_dim=s["text"], attention_head_dim=s["heads"], norm_num_groups=8)
    vae = AutoencoderKL(
        in_channels=3, out_channels=3, down_block_types=("DownEncoderBlock2D",) * len(s["vae"]),
        up_block_types=("UpDecoderBlock2D",) * len(s["vae"]), block_out_channels=s["vae"], layers_per_block=s["layers"],
        latent_channels=4, norm_num_groups=8, scaling_factor=0.18215)
    control = ControlNetModel.from_unet(unet, conditioning_channels=CONDITION, conditioning_embedding_out_channels=s["stem"])
    text = CLIPTextModel(CLIPTextConfig(
        vocab_size=VOCABULARY, hidden_size=s["text"], intermediate_size=4 * s["text"], num_hidden_layers=4,
        num_attention_heads=s["heads"], max_position_embeddings=WORDS, hidden_act="quick_gelu"))
    for name, network in (("unet", unet), ("vae", vae), ("text_encoder", text)):
        network.save_pretrained(folder / "model" / name)
        print(name, f"{sum(p.numel() for p in network.parameters()):,} parameters")
    DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False,
                  steps_offset=1).save_pretrained(folder / "model" / "scheduler")
    control.save_pretrained(folder / "control")
    index = {"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
             "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
             "scheduler": ["diffusers", "DDIMScheduler"]}
    (folder / "model" / "model_index.json").write_text(json.dumps(index))


class Drawing:
    def __init__(self, folder):
        self.unet = UNet2DConditionModel.from_pretrained(folder / "model" / "unet").eval()
        self.vae = AutoencoderKL.from_pretrained(folder / "model" / "vae").eval()
        self.text = CLIPTextModel.from_pretrained(folder / "model" / "text_encoder").eval()
        self.scheduler = DDIMScheduler.from_pretrained(folder / "model" / "scheduler")
        self.control = ControlNetModel.from_pretrained(folder / "control").eval()
        self.cell = 2 ** (len(self.vae.config.block_out_channels) - 1)

    @torch.no_grad()
    def images(self, batch, pixels, steps):
        tokens = torch.randint(0, VOCABULARY - 2, (2 * batch, WORDS))
        words = self.text(tokens).last_hidden_state
        hint = torch.rand(batch, CONDITION, pixels, pixels).repeat(2, 1, 1, 1)
        x = torch.randn(batch, 4, pixels // self.cell, pixels // self.cell)
        self.scheduler.set_timesteps(steps)
        for t in self.scheduler.timesteps:
            twice = torch.cat([x, x])
            downs, middle = self.control(twice, t, words, hint, return_dict=False)
            predicted = self.unet(twice, t, words, down_block_additional_residuals=downs, mid_block_additional_residual=middle,
                                  return_dict=False)[0]
            without, asked = predicted.chunk(2)
            x = self.scheduler.step(without + GUIDANCE * (asked - without), t, x, return_dict=False)[0]
        return self.vae.decode(x / self.vae.config.scaling_factor, return_dict=False)[0].numpy()


def draw(folder, batch, pixels, steps, warm_up, rounds):
    torch.set_num_threads(1)
    drawing = Drawing(folder)
    for _ in range(warm_up):
        drawing.images(batch, pixels, steps)
    start = time.process_time()
    for _ in range(rounds):
        drawing.images(batch, pixels, steps)
    each = (time.process_time() - start) / rounds / batch
    print(f"python {folder.name} {each:.4f} CPU s an image, torch {torch.__version__}")


if __name__ == "__main__":
    command, folder, *rest = sys.argv[1:]
    if command == "make":
        make(pathlib.Path(folder), *rest)
    else:
        draw(pathlib.Path(folder), *map(int, rest))
