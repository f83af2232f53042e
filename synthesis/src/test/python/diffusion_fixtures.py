"""Writes the resources that the diffusion tests compare with: python3 diffusion_fixtures.py RESOURCES_DIRECTORY

Needs torch, safetensors, diffusers and transformers, whose networks, schedulers and tokenizer these are; the resources
were made with diffusers 0.40.0.dev0, transformers 5.18.0 and torch 2.13.0. The weights are random and stored in half
precision; the networks' numbers are computed from them in double precision.
"""
import collections
import copy
import hashlib
import json
import pathlib
import sys

import torch
from diffusers import (AutoencoderKL, ControlNetModel, DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler,
                       StableDiffusionPipeline, UNet2DConditionModel)
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import rescale_noise_cfg
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

TEXT_WIDTH, HEADS, RANK = 16, 2, 2
START, END = "<|startoftext|>", "<|endoftext|>"
SENTENCES = """a remote sensing label map of an urban area with impervious surface, building, low vegetation, tree, car and
clutter. a satellite image of a river between irrigated fields, garden land, natural meadow, a pond and a lake. the dense
residential area is near the industrial land; few buildings, several roads, many trees in the northern part of the scene.
an aerial photograph shows rural residential land, dry cropland, paddy field, arbor woodland and shrub land.
percent of the pixels are water. it's the farmer's field, they're we'll i've i'm he'd don't"""
PROMPTS = [
    "",
    "A remote sensing label map of an urban area: 34% impervious surface, 28% building, 21% low vegetation.",
    "Satellite image of a RIVER, 3 buildings",
    "it's  the\tfarmer's\n field; THEY'RE we'll I've I'm he'd don't",
    "caf\u00e9 cafe\u0301 \u00c5ngstr\u00f6m na\u00efve \u00df \u0130stanbul \u03a3\u03a3",
    "\u6c34\u7530 paddy \U0001f30d 12345 ~~~ ?!... <|endoftext|> x<|startoftext|>y",
    " ".join(["building"] * 90),
]


def byte_letters():
    """The printable letter that stands for each byte (as in GPT-2)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {b: chr(b) for b in plain}
    for b in range(256):
        letters.setdefault(b, chr(256 + len(letters) - len(plain)))
    return [letters[b] for b in plain + [b for b in range(256) if b not in plain]]


def vocabulary(merges_wanted):
    """Byte pair merges counted on the sentences."""
    words = collections.Counter(SENTENCES.replace(",", " ,").replace(".", " .").replace("'", " '").split())
    words = {tuple(w[:-1]) + (w[-1] + "</w>",): n for w, n in words.items()}
    merges = []
    while len(merges) < merges_wanted:
        pairs = collections.Counter()
        for word, n in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += n
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        merged = {}
        for word, n in words.items():
            out, i = [], 0
            while i < len(word):
                step = 2 if word[i:i + 2] == best else 1
                out.append("".join(word[i:i + step]))
                i += step
            merged[tuple(out)] = n
        words = merged
    letters = byte_letters()
    tokens = letters + [c + "</w>" for c in letters] + ["".join(m) for m in merges] + [START, END]
    return {token: i for i, token in enumerate(tokens)}, merges


def randomized(module):
    """Random everywhere, so that no zero start hides a layer; the values of halves, in double precision."""
    for name, tensor in module.named_parameters():
        if tensor.dim() == 1:
            tensor.data = torch.randn_like(tensor) * 0.2 + (name.endswith("weight"))
        else:
            tensor.data = torch.randn_like(tensor) * (1.2 / tensor[0].numel() ** 0.5)
        tensor.data = tensor.data.half().float()
    return module.double().eval()


def networks():
    down, up = ("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"), ("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D")
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=4, out_channels=4, layers_per_block=1, block_out_channels=(8, 8, 16),
        down_block_types=down, up_block_types=up, cross_attention_dim=TEXT_WIDTH, attention_head_dim=HEADS, norm_num_groups=4)
    vae = AutoencoderKL(
        in_channels=3, out_channels=3, down_block_types=("DownEncoderBlock2D",) * 3, up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(4, 8, 8), layers_per_block=1, latent_channels=4, norm_num_groups=4, scaling_factor=0.18215)
    control = ControlNetModel.from_unet(unet, conditioning_channels=5, conditioning_embedding_out_channels=(4, 6, 8))
    return randomized(unet), randomized(vae), randomized(control)


def lora(unet):
    """Adapters of every projection of every attention layer; and the network with their product added."""
    adapters = {}
    merged = copy.deepcopy(unet)
    for name, layer in merged.named_modules():
        if name.split(".")[-1] in ("to_q", "to_k", "to_v") or name.endswith("to_out.0"):
            a = (torch.randn(RANK, layer.in_features) * 0.3).half()
            b = (torch.randn(layer.out_features, RANK) * 0.3).half()
            adapters[f"unet.{name}.lora.down.weight"], adapters[f"unet.{name}.lora.up.weight"] = a, b
            layer.weight.data += b.double() @ a.double()
    return adapters, merged


def layout(network):
    """Digest of all names and shapes, of a network without values."""
    shapes = {name: list(t.shape) for name, t in network.named_parameters()}
    text = "".join(f"{name} {shape}\n" for name, shape in sorted(shapes.items()))
    return {"tensors": len(shapes), "elements": sum(t.numel() for t in network.parameters()),
            "sha256": hashlib.sha256(text.encode()).hexdigest()}


def stable_diffusion_layouts():
    """Of the networks of Stable Diffusion 1.5, by their published sizes."""
    with torch.device("meta"):
        unet = UNet2DConditionModel(cross_attention_dim=768)
        return {
            "unet": layout(unet),
            "vae": layout(AutoencoderKL(
                down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
                block_out_channels=(128, 256, 512, 512), layers_per_block=2)),
            "controlnet": layout(ControlNetModel.from_unet(unet, load_weights_from_unet=False)),
            "text_encoder": layout(CLIPTextModel(CLIPTextConfig(
                hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12))),
        }


def sampled(scheduler, steps, x, model, **options):
    scheduler.set_timesteps(steps)
    with torch.no_grad():
        for t in scheduler.timesteps:
            x = scheduler.step(model(x, t), t, x, **options).prev_sample
    return x


def main(directory):
    torch.manual_seed(20251128)
    folder = directory / "tiny-sd"
    unet, vae, control = networks()
    ids, merges = vocabulary(200)
    text = randomized(CLIPTextModel(CLIPTextConfig(
        vocab_size=len(ids), hidden_size=TEXT_WIDTH, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=77, hidden_act="quick_gelu", bos_token_id=ids[START], eos_token_id=ids[END])))
    tokenizer = CLIPTokenizer(vocab=ids, merges=merges, model_max_length=77)
    sd = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    ddim = DDIMScheduler(**sd, clip_sample=False, set_alpha_to_one=False, steps_offset=1)
    adapters, merged = lora(unet)

    tokens = torch.tensor([tokenizer(p, padding="max_length", max_length=77, truncation=True).input_ids for p in PROMPTS])
    x, t = torch.randn(2, 4, 8, 16).half().double(), torch.tensor([10, 500])
    hint = torch.rand(2, 5, 32, 64).half().double()
    image = (torch.rand(1, 3, 32, 16) * 2 - 1).half().double()
    out = {"in.x": x, "in.t": t, "in.hint": hint, "in.image": image, "out.tokens": tokens}
    with torch.no_grad():
        words = text(tokens[[0, 1, 3]]).last_hidden_state
        empty, context = words[:1].expand(2, -1, -1), words[1:]
        out["out.text"] = words
        posterior = vae.encode(image).latent_dist
        latent = posterior.mean
        out |= {"out.mean": latent, "out.log_variance": posterior.logvar, "out.image": vae.decode(latent).sample}
        out["out.noise"] = unet(x, t, context).sample
        downs, middle = control(x, t, context, hint, conditioning_scale=0.8, return_dict=False)
        out |= {f"out.control_{i}": d for i, d in enumerate(downs)} | {"out.control_mid": middle}
        out["out.controlled"] = unet(x, t, context, down_block_additional_residuals=downs, mid_block_additional_residual=middle).sample
        out["out.lora"] = merged(x, t, context).sample

    def conditional(x, t):
        return unet(x, t, context).sample

    def guided(x, t):
        unconditional, asked = unet(x, t, empty).sample, conditional(x, t)
        return rescale_noise_cfg(unconditional + 5 * (asked - unconditional), asked, guidance_rescale=0.7)

    out["out.ddim"] = sampled(ddim, 10, x, conditional)
    out["out.ddim_guided"] = sampled(ddim, 10, x, guided)
    solver = DPMSolverMultistepScheduler(**sd, steps_offset=1, timestep_spacing="leading")
    out["out.dpm"] = sampled(solver, 10, x, conditional)
    solver = DPMSolverMultistepScheduler(**sd)
    out["out.dpm_linspace"] = sampled(solver, 10, x, conditional)
    velocity = DDIMScheduler(**sd, clip_sample=False, prediction_type="v_prediction", rescale_betas_zero_snr=True,
                             timestep_spacing="trailing")
    out["out.velocity"] = sampled(velocity, 10, x, conditional)
    out["out.zero_snr"] = velocity.alphas_cumprod[::111].clone()
    out["out.linear"] = DDIMScheduler(beta_schedule="linear").alphas_cumprod[::111].clone()
    out["out.scaled_linear"] = ddim.alphas_cumprod[::111].clone()
    ancestral = DDPMScheduler(**sd, clip_sample=False, steps_offset=1)
    noises = torch.randn(3, 2, 4, 8, 16, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    out["in.noises"], out["out.ddpm"] = noises, sampled(ancestral, 4, x, conditional, generator=torch.Generator().manual_seed(5))
    # the same scheduler's own numbers: the last of four steps draws none
    again = torch.Generator().manual_seed(5)
    assert all(torch.equal(n, torch.randn(2, 4, 8, 16, generator=again, dtype=torch.float64)) for n in noises)

    # gradients of a sum weighted by the latent
    for p in unet.parameters():
        p.requires_grad_()
    (unet(x, t, context).sample * x).mean().backward()
    for name in ("conv_in.weight", "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight",
                 "up_blocks.2.resnets.1.time_emb_proj.bias", "mid_block.attentions.0.norm.weight", "time_embedding.linear_1.weight"):
        out["gradient." + name] = unet.get_parameter(name).grad.clone()

    for network in (unet, vae, control, text):
        network.half()
    StableDiffusionPipeline(vae=vae, text_encoder=text, tokenizer=tokenizer, unet=unet, scheduler=ddim, safety_checker=None,
                            feature_extractor=None, requires_safety_checker=False).save_pretrained(folder)
    control.save_pretrained(directory / "tiny-controlnet")
    # as Stable Diffusion 1.x folders have the tokenizer: two plain files
    for file in (folder / "tokenizer").iterdir():
        file.unlink()
    (folder / "tokenizer" / "vocab.json").write_text(json.dumps(ids, ensure_ascii=True))
    (folder / "tokenizer" / "merges.txt").write_text("#version: 0.2\n" + "".join(" ".join(m) + "\n" for m in merges), encoding="utf-8")
    (directory / "diffusion.json").write_text(json.dumps({"prompts": PROMPTS, "layouts": stable_diffusion_layouts()}, ensure_ascii=True, indent=1) + "\n")
    save_file(adapters, str(directory / "tiny-lora.safetensors"))
    save_file({name: tensor.detach().float().contiguous() for name, tensor in out.items()}, str(directory / "diffusion.safetensors"))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
