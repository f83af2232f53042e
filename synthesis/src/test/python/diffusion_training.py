"""Writes training.safetensors, which the tests of diffusion's trainers compare with:
python3 diffusion_training.py RESOURCES_DIRECTORY, the folder of tiny-sd and tiny-controlnet.

Needs torch (made with 2.13.0) and safetensors. The networks are written down as functions of the tensors that
diffusion_fixtures.py stored, and first checked against the numbers of diffusers that it stored beside. One training step
of each network: losses and gradients, in double precision.
"""
import math
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

GROUPS, HEADS, TEXT_WIDTH = 4, 2, 16
BLOCKS, LEVELS = 1, 3


def conv(p, name, x, stride=1, padding=1):
    return F.conv2d(x, p[name + ".weight"], p[name + ".bias"], stride, padding)


def linear(p, name, x):
    y = F.linear(x, p[name + ".weight"], p.get(name + ".bias"))
    if name + ".lora_A.weight" in p:
        y = y + x @ p[name + ".lora_A.weight"].T @ p[name + ".lora_B.weight"].T
    return y


def norm(p, name, x, eps):
    return F.group_norm(x, GROUPS, p[name + ".weight"], p[name + ".bias"], eps)


def layer_norm(p, name, x):
    return F.layer_norm(x, x.shape[-1:], p[name + ".weight"], p[name + ".bias"], 1e-5)


def residual(p, name, x, time, eps):
    h = conv(p, name + ".conv1", F.silu(norm(p, name + ".norm1", x, eps)))
    if time is not None:
        h = h + linear(p, name + ".time_emb_proj", time)[:, :, None, None]
    h = conv(p, name + ".conv2", F.silu(norm(p, name + ".norm2", h, eps)))
    return h + (conv(p, name + ".conv_shortcut", x, 1, 0) if name + ".conv_shortcut.weight" in p else x)


def attention(p, name, x, context, heads):
    def split(t):
        return t.unflatten(-1, (heads, -1)).transpose(1, 2)

    q, k, v = (split(linear(p, f"{name}.to_{c}", t)) for c, t in (("q", x), ("k", context), ("v", context)))
    h = (q @ k.transpose(2, 3) / math.sqrt(q.shape[-1])).softmax(-1) @ v
    return linear(p, name + ".to_out.0", h.transpose(1, 2).flatten(2))


def transformer(p, name, x, text):
    h = conv(p, name + ".proj_in", norm(p, name + ".norm", x, 1e-6), 1, 0).flatten(2).transpose(1, 2)
    block = name + ".transformer_blocks.0"
    n = layer_norm(p, block + ".norm1", h)
    h = h + attention(p, block + ".attn1", n, n, HEADS)
    h = h + attention(p, block + ".attn2", layer_norm(p, block + ".norm2", h), text, HEADS)
    a, gate = linear(p, block + ".ff.net.0.proj", layer_norm(p, block + ".norm3", h)).chunk(2, -1)
    h = h + linear(p, block + ".ff.net.2", a * F.gelu(gate))
    return x + conv(p, name + ".proj_out", h.transpose(1, 2).reshape(x.shape), 1, 0)


def embedding(p, timesteps, shares):
    half = p["conv_in.weight"].shape[0] // 2
    angles = timesteps[:, None] * torch.exp(-math.log(10000) * torch.arange(half).double() / half)
    h = torch.cat([angles.cos(), angles.sin()], 1)
    h = linear(p, "time_embedding.linear_2", F.silu(linear(p, "time_embedding.linear_1", h)))
    if shares is not None:
        h = h + linear(p, "class_embedding.linear_2", F.silu(linear(p, "class_embedding.linear_1", shares)))
    return F.silu(h)


def down(p, x, time, text):
    skips = [x]
    for level in range(LEVELS):
        name = f"down_blocks.{level}"
        for i in range(BLOCKS):
            x = residual(p, f"{name}.resnets.{i}", x, time, 1e-5)
            if f"{name}.attentions.{i}.norm.weight" in p:
                x = transformer(p, f"{name}.attentions.{i}", x, text)
            skips.append(x)
        if level < LEVELS - 1:
            x = conv(p, name + ".downsamplers.0.conv", x, 2)
            skips.append(x)
    x = transformer(p, "mid_block.attentions.0", residual(p, "mid_block.resnets.0", x, time, 1e-5), text)
    return skips, residual(p, "mid_block.resnets.1", x, time, 1e-5)


def unet(p, x, timesteps, text, shares=None, control=None):
    time = embedding(p, timesteps, shares)
    skips, h = down(p, conv(p, "conv_in", x), time, text)
    if control:
        skips, h = [s + c for s, c in zip(skips, control[0])], h + control[1]
    for level in range(LEVELS):
        name = f"up_blocks.{level}"
        for i in range(BLOCKS + 1):
            h = residual(p, f"{name}.resnets.{i}", torch.cat([h, skips.pop()], 1), time, 1e-5)
            if f"{name}.attentions.{i}.norm.weight" in p:
                h = transformer(p, f"{name}.attentions.{i}", h, text)
        if level < LEVELS - 1:
            h = conv(p, name + ".upsamplers.0.conv", F.interpolate(h, scale_factor=2.0))
    return conv(p, "conv_out", F.silu(norm(p, "conv_norm_out", h, 1e-5)))


def controlnet(p, x, timesteps, text, hint, scale=1.0):
    stem = "controlnet_cond_embedding"
    h = F.silu(conv(p, stem + ".conv_in", hint))
    for i in range(4):
        h = F.silu(conv(p, f"{stem}.blocks.{i}", h, 1 + i % 2))
    skips, middle = down(p, conv(p, "conv_in", x) + conv(p, stem + ".conv_out", h), embedding(p, timesteps, None), text)
    skips = [scale * conv(p, f"controlnet_down_blocks.{i}", s, 1, 0) for i, s in enumerate(skips)]
    return skips, scale * conv(p, "controlnet_mid_block", middle, 1, 0)


def middle(p, name, x):
    x = residual(p, name + ".resnets.0", x, None, 1e-6)
    h = norm(p, name + ".attentions.0.group_norm", x, 1e-6).flatten(2).transpose(1, 2)
    h = attention(p, name + ".attentions.0", h, h, 1)
    return residual(p, name + ".resnets.1", x + h.transpose(1, 2).reshape(x.shape), None, 1e-6)


def encode(p, x):
    x = conv(p, "encoder.conv_in", x)
    for level in range(3):
        x = residual(p, f"encoder.down_blocks.{level}.resnets.0", x, None, 1e-6)
        if level < 2:
            x = conv(p, f"encoder.down_blocks.{level}.downsamplers.0.conv", F.pad(x, (0, 1, 0, 1)), 2, 0)
    x = F.silu(norm(p, "encoder.conv_norm_out", middle(p, "encoder.mid_block", x), 1e-6))
    mean, log_variance = conv(p, "quant_conv", conv(p, "encoder.conv_out", x), 1, 0).chunk(2, 1)
    return mean, log_variance.clamp(-30, 20)


def decode(p, z):
    x = middle(p, "decoder.mid_block", conv(p, "decoder.conv_in", conv(p, "post_quant_conv", z, 1, 0)))
    for level in range(3):
        for i in range(2):
            x = residual(p, f"decoder.up_blocks.{level}.resnets.{i}", x, None, 1e-6)
        if level < 2:
            x = conv(p, f"decoder.up_blocks.{level}.upsamplers.0.conv", F.interpolate(x, scale_factor=2.0))
    return conv(p, "decoder.conv_out", F.silu(norm(p, "decoder.conv_norm_out", x, 1e-6)))


def read(path):
    return {name: tensor.double() for name, tensor in load_file(str(path)).items()}


def check(directory, nets):
    """That the functions are diffusers' networks."""
    saved = read(directory / "diffusion.safetensors")
    x, t, text = saved["in.x"], saved["in.t"], saved["out.text"][1:]
    control = controlnet(nets["control"], x, t, text, saved["in.hint"], 0.8)
    pairs = {"out.noise": unet(nets["unet"], x, t, text), "out.controlled": unet(nets["unet"], x, t, text, None, control),
             "out.mean": encode(nets["vae"], saved["in.image"])[0], "out.image": decode(nets["vae"], saved["out.mean"])}
    for name, ours in pairs.items():
        worst = (ours - saved[name]).abs().max().item()
        print(name, worst)
        assert worst < 2e-6, name


class Schedule:
    def __init__(self):
        self.signal = (1 - torch.linspace(0.00085 ** 0.5, 0.012 ** 0.5, 1000, dtype=torch.float64) ** 2).cumprod(0)

    def noised(self, x, noise, t, velocity):
        a, s = (self.signal[t] ** 0.5).view(-1, 1, 1, 1), ((1 - self.signal[t]) ** 0.5).view(-1, 1, 1, 1)
        return a * x + s * noise, (a * noise - s * x if velocity else noise), a, s

    def weights(self, t, gamma, velocity):
        ratio = self.signal[t] / (1 - self.signal[t])
        return ratio.clamp(max=gamma) / (ratio + 1 if velocity else ratio)


def class_codes(classes):
    bits = (classes - 1).bit_length()
    return torch.tensor([[1.0 if k >> b & 1 else -1.0 for b in range(bits)] for k in range(classes)]).double()


def soft_classes(decoded, codes):
    tau = 4 / math.log((len(codes) - 1) / 0.002)
    distances = ((decoded[:, None] - codes[None, :, :, None, None]) ** 2).sum(2)
    return (-distances / tau).softmax(1)


def coded(positions, codes):
    """Codes (B, bits, H, W), 0 where a pixel is not valid, and the valid ones (B, 1, H, W)."""
    valid = positions < len(codes)
    x = codes[positions.clamp(max=len(codes) - 1)].permute(0, 3, 1, 2) * valid[:, None]
    return x, valid[:, None].double()


def shares_of(positions, classes):
    counts = torch.stack([(positions == k).sum((1, 2)) for k in range(classes)], 1).double()
    return counts / counts.sum(1, keepdim=True)


def proportion_distances(soft, valid, asked, known):
    drawn = (soft * valid).sum((2, 3)) / valid.sum((2, 3))
    p, q = asked, drawn
    kl = p * (p.clamp(min=1e-6).log() - q.clamp(min=1e-6).log())
    return {"l1": (q - p).abs() * known, "l2": (q - p) ** 2 * known, "kl": kl * known}


def weighted(distances, counted):
    return (distances.mean(1) * counted).sum() / max(1, int((counted > 0).sum()))


def with_embedding(net, out, name, classes):
    net = dict(net)
    net["class_embedding.linear_1.weight"] = (torch.randn(32, 2 * classes) * 0.4).half().double()
    net["class_embedding.linear_1.bias"] = (torch.randn(32) * 0.2).half().double()
    net["class_embedding.linear_2.weight"] = (torch.randn(32, 32) * 0.2).half().double()
    net["class_embedding.linear_2.bias"] = (torch.randn(32) * 0.2).half().double()
    out |= {f"in.{name}.{key}": t for key, t in net.items() if key.startswith("class_embedding")}
    return net


def learn(parameters, names, loss, out, prefix):
    gradients = torch.autograd.grad(loss, [parameters[name] for name in names])
    out |= {f"gradient.{prefix}.{name}": g for name, g in zip(names, gradients)}


def trained(net, *endings):
    return {name: t.clone().requires_grad_() if not endings or name.endswith(endings) else t for name, t in net.items()}


def autoencoder_step(nets, saved, out):
    image, noise = saved["in.image"], torch.randn(1, 4, 8, 4).half().double()
    p = trained(nets["vae"])
    mean, log_variance = encode(p, image)
    decoded = decode(p, mean + (0.5 * log_variance).exp() * noise)
    fixed = {name: t.detach() for name, t in p.items()}
    losses = [(decoded - image).abs().mean(),
              0.5 * (mean ** 2 + log_variance.exp() - 1 - log_variance).sum() / image.numel(),
              (encode(fixed, decoded)[0] - encode(fixed, image)[0]).abs().mean()]
    out |= {"in.vae.noise": noise, "out.vae.losses": torch.stack(losses)}
    learn(p, ["encoder.conv_in.weight", "encoder.mid_block.attentions.0.to_q.weight", "encoder.down_blocks.1.resnets.0.norm1.weight",
              "quant_conv.weight", "decoder.mid_block.attentions.0.to_out.0.weight", "decoder.up_blocks.1.upsamplers.0.conv.weight",
              "decoder.conv_out.bias"], losses[0] + 0.01 * losses[1] + 0.5 * losses[2], out, "vae")


def denoiser_step(nets, out, schedule):
    """Class codes of 10 classes; of the first mask all shares are asked for, of the second two; an unknown corner."""
    codes = class_codes(10)
    positions = torch.randint(0, 10, (2, 8, 8))
    positions[1, :3, :2] = 10
    full = shares_of(positions, 10)
    known = torch.ones(2, 10).double()
    known[1, :] = 0
    known[1, 3], known[1, 7] = 1, 1
    numbers = torch.cat([full * known, known], 1)
    x, valid = coded(positions, codes)
    noise, t = torch.randn(2, 4, 8, 8).half().double(), torch.tensor([30, 150])
    net = trained(with_embedding(nets["unet"], out, "unet", 10))
    noisy, target, a, s = schedule.noised(x, noise, t, False)
    output = unet(net, noisy, t, torch.zeros(2, 1, TEXT_WIDTH).double(), numbers)
    squares = ((output - target) * valid) ** 2 * schedule.weights(t, 5, False).view(-1, 1, 1, 1)
    clean = (noisy - s * output) / a
    distances = proportion_distances(soft_classes(clean, codes), valid, full * known, known)
    rare = 1 / (full.mean(0) + 0.01)
    counted = {"step": (t <= 100).double(), "smooth": schedule.signal[t]}
    proportions = [weighted(distances["l1"], counted["step"]), weighted(distances["l2"], counted["smooth"]),
                   weighted(distances["kl"], counted["smooth"]), weighted(distances["l1"] * rare / rare.mean(), counted["smooth"])]
    out |= {"in.unet.positions": positions, "in.unet.noise": noise, "in.unet.shares": full, "in.unet.timesteps": t,
            "out.unet.noise": squares.mean(), "out.unet.proportions": torch.stack(proportions)}
    names = ["conv_in.weight", "class_embedding.linear_1.weight", "time_embedding.linear_2.bias", "conv_out.weight",
             "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_k.weight", "up_blocks.2.resnets.1.conv1.bias"]
    learn(net, names, squares.mean() + 0.5 * proportions[0], out, "unet")


def adapters_step(nets, out, schedule, lora):
    """Latents, velocity, and the proportions of 6 classes that the decoder gives of the estimates."""
    codes = class_codes(6)
    coarse = torch.randint(0, 6, (2, 8, 8))
    positions = coarse.repeat_interleave(4, 1).repeat_interleave(4, 2)
    full = shares_of(positions, 6)
    z, noise, t = torch.randn(2, 4, 8, 8).half().double(), torch.randn(2, 4, 8, 8).half().double(), torch.tensor([30, 190])
    net = trained(with_embedding(nets["unet"], out, "lora", 6) | lora, ".lora_A.weight", ".lora_B.weight")
    noisy, target, a, s = schedule.noised(z, noise, t, True)
    output = unet(net, noisy, t, torch.zeros(2, 1, TEXT_WIDTH).double(), torch.cat([full, torch.ones_like(full)], 1))
    squares = (output - target) ** 2 * schedule.weights(t, 5, True).view(-1, 1, 1, 1)
    decoded = decode(nets["vae"], (a * noisy - s * output) / 0.18215)
    ones = torch.ones(2, 1, 32, 32).double()
    distances = proportion_distances(soft_classes(decoded, codes), ones, full, torch.ones_like(full))
    proportion = weighted(distances["l1"], torch.ones(2).double())
    out |= {"in.lora.positions": coarse, "in.lora.z": z, "in.lora.noise": noise, "in.lora.timesteps": t,
            "out.lora.losses": torch.stack([squares.mean(), proportion])}
    names = ["down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q", "mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0",
             "up_blocks.1.attentions.1.transformer_blocks.0.attn1.to_v"]
    learn(net, [f"{name}.lora_{m}.weight" for name in names for m in "AB"], squares.mean() + 0.5 * proportion, out, "lora")


def control_step(nets, saved, out, schedule):
    z, noise, t = torch.randn(2, 4, 8, 16).half().double(), torch.randn(2, 4, 8, 16).half().double(), torch.tensor([80, 700])
    net = trained(nets["control"])
    noisy, target, _, _ = schedule.noised(z, noise, t, False)
    text = saved["out.text"][1:]
    loss = ((unet(nets["unet"], noisy, t, text, None, controlnet(net, noisy, t, text, saved["in.hint"])) - target) ** 2).mean()
    out |= {"in.control.z": z, "in.control.noise": noise, "in.control.timesteps": t, "out.control.loss": loss}
    learn(net, ["conv_in.weight", "controlnet_cond_embedding.conv_out.weight", "controlnet_cond_embedding.conv_in.bias",
                "controlnet_down_blocks.2.weight", "controlnet_mid_block.bias", "mid_block.resnets.0.conv1.bias"], loss, out, "control")


def main(directory):
    torch.manual_seed(20251130)
    weights = "diffusion_pytorch_model.safetensors"
    nets = {"unet": read(directory / "tiny-sd" / "unet" / weights), "vae": read(directory / "tiny-sd" / "vae" / weights),
            "control": read(directory / "tiny-controlnet" / weights)}
    check(directory, nets)
    saved, schedule, out = read(directory / "diffusion.safetensors"), Schedule(), {}
    lora = {name.removeprefix("unet.").replace(".lora.down.", ".lora_A.").replace(".lora.up.", ".lora_B."): t
            for name, t in read(directory / "tiny-lora.safetensors").items()}
    autoencoder_step(nets, saved, out)
    denoiser_step(nets, out, schedule)
    adapters_step(nets, out, schedule, lora)
    control_step(nets, saved, out, schedule)
    save_file({name: t.detach().float().contiguous() for name, t in out.items()}, str(directory / "training.safetensors"))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
