"""Writes the resources that NetworkParityTest compares with: python3 fixtures.py RESOURCES_DIRECTORY

Needs torch, numpy and safetensors.
"""
import math
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

import csebgan

NF, NDF, WIDTH, EMBEDDING, HIDDEN, Z = 1, 2, 1, 4, 6, 8
CLASSES, SIZE, BATCH, BANDS = 4, 64, 2, 3


def normal(*shape, sd=0.1):
    return torch.randn(*shape) * sd


def generator_parameters():
    p = {}
    for kind in ("gamma", "beta"):
        p[f"embedding.{kind}.mean"] = normal(CLASSES, EMBEDDING, sd=1)
        p[f"embedding.{kind}.log_variance"] = normal(CLASSES, EMBEDDING, sd=0.5)
    p["start.weight"] = normal(16 * NF * (SIZE // 32) ** 2, Z, sd=0.5)
    p["start.bias"] = normal(16 * NF * (SIZE // 32) ** 2)
    for block, units_in, units_out, _ in csebgan.BLOCKS:
        units = {"0": (units_in, min(units_in, units_out), 3), "1": (min(units_in, units_out), units_out, 3)}
        if units_in != units_out:
            units["s"] = (units_in, units_out, 1)
        for i, (channels_in, channels_out, kernel) in units.items():
            norm, conv = f"{block}.norm_{i}", f"{block}.conv_{i}"
            for kind in ("gamma", "beta"):
                p[f"{norm}.{kind}.0.weight"] = normal(HIDDEN, EMBEDDING, sd=0.7)
                p[f"{norm}.{kind}.0.bias"] = normal(HIDDEN)
                p[f"{norm}.{kind}.2.weight"] = normal(channels_in * NF, HIDDEN, sd=0.3)
                p[f"{norm}.{kind}.2.bias"] = normal(channels_in * NF) + (kind == "gamma")
            p[norm + ".running_mean"] = normal(channels_in * NF)
            p[norm + ".running_var"] = 0.5 + torch.rand(channels_in * NF)
            fan = channels_in * NF * kernel * kernel
            p[conv + ".weight"] = normal(channels_out * NF, channels_in * NF, kernel, kernel, sd=math.sqrt(0.5 / fan))
            if kernel == 3:
                p[conv + ".bias"] = normal(channels_out * NF)
            p[conv + ".left"] = F.normalize(normal(channels_out * NF), dim=0)
    p["to_image.weight"] = normal(BANDS, NF, 3, 3)
    p["to_image.bias"] = normal(BANDS)
    return p


def discriminator_parameters():
    p = {}
    for scale in range(2):
        channels = BANDS + CLASSES
        for layer, units in enumerate((1, 2, 4, 8)):
            name = f"scale_{scale}.conv_{layer}"
            p[name + ".weight"] = normal(units * NDF, channels, 4, 4)
            channels = units * NDF
            if layer == 0:
                p[name + ".bias"] = normal(channels)
            else:
                p[name + ".left"] = F.normalize(normal(channels), dim=0)
        p[f"scale_{scale}.conv_4.weight"] = normal(1, channels, 4, 4)
        p[f"scale_{scale}.conv_4.bias"] = normal(1)
    return p


def conductor_parameters():
    p = {}

    def pair(name, channels_in, channels):
        for i, fan in enumerate((channels_in, channels)):
            norm = f"{name}.norm_{i}"
            p[f"{name}.conv_{i}.weight"] = normal(channels, fan, 3, 3, sd=math.sqrt(2 / 9 / fan))
            p[norm + ".weight"] = 1 + normal(channels)
            p[norm + ".bias"] = normal(channels)
            p[norm + ".running_mean"] = torch.zeros(channels)
            p[norm + ".running_var"] = torch.ones(channels)

    channels = BANDS
    for level in range(5):
        pair(f"down_{level}", channels, WIDTH << level)
        channels = WIDTH << level
    for level in range(3, -1, -1):
        pair(f"up_{level}", channels + (WIDTH << level), WIDTH << level)
        channels = WIDTH << level
    p["to_classes.weight"] = normal(CLASSES - 1, WIDTH, 1, 1, sd=1)
    p["to_classes.bias"] = normal(CLASSES - 1)
    return p


def trainable(p):
    for name, tensor in p.items():
        tensor.requires_grad_(not name.endswith((".left", ".running_mean", ".running_var")))


def main(directory):
    torch.manual_seed(20230713)
    nets = {"generator": generator_parameters(), "discriminator": discriminator_parameters(),
            "conductor": conductor_parameters()}
    mask = torch.randint(0, CLASSES, (BATCH, SIZE // 4, SIZE // 4))
    mask = mask.repeat_interleave(4, 1).repeat_interleave(4, 2)
    z = torch.randn(BATCH, Z)
    gamma, beta = torch.randn(BATCH, CLASSES, EMBEDDING), torch.randn(BATCH, CLASSES, EMBEDDING)
    real = torch.rand(BATCH, BANDS, SIZE // 8, SIZE // 8).repeat_interleave(8, 2).repeat_interleave(8, 3) * 2 - 1
    out = {f"{net}.{name}": tensor.clone() for net, p in nets.items() for name, tensor in p.items()}
    out |= {"in.mask": mask[:, ::4, ::4].float(), "in.z": z, "in.gamma": gamma, "in.beta": beta, "in.real": real[:, :, ::8, ::8]}

    with torch.no_grad():
        shipped = {name: t for name, t in nets["generator"].items() if not name.endswith(".left")}
        out["out.running"] = csebgan.generator(shipped, z, gamma, beta, mask)[:, :, ::2, ::2]

    for p in nets.values():
        trainable(p)
    fake = csebgan.generator(nets["generator"], z, gamma, beta, mask, training=True)
    out["out.training"] = fake.detach()[:, :, ::2, ::2]
    out["out.up_3.norm_0.running_mean"] = nets["generator"]["up_3.norm_0.running_mean"].clone()
    out["out.up_3.norm_0.running_var"] = nets["generator"]["up_3.norm_0.running_var"].clone()
    one_hot = F.one_hot(mask, CLASSES).permute(0, 3, 1, 2).float()
    # each phase normalises the kernels once, so real and fake images go through one call
    both = csebgan.discriminator(nets["discriminator"], torch.cat([real, fake]), torch.cat([one_hot, one_hot]))
    on_real = [([f[:BATCH] for f in features], score[:BATCH]) for features, score in both]
    on_fake = [([f[BATCH:] for f in features], score[BATCH:]) for features, score in both]
    for scale in range(2):
        out[f"out.score_{scale}"] = on_real[scale][1].detach().clone()
    adversarial, deep = csebgan.generator_losses(on_real, on_fake, True)
    _, full = csebgan.generator_losses(on_real, on_fake, False)
    target = torch.where(mask == CLASSES - 1, 255, mask)
    logits = csebgan.conductor(nets["conductor"], real)
    out["out.logits"] = logits.detach()[:, :, ::2, ::2]
    conductor_real = F.cross_entropy(logits, target, ignore_index=255)
    conductor_fake = F.cross_entropy(csebgan.conductor(nets["conductor"], fake), target, ignore_index=255)
    losses = [csebgan.discriminator_loss(on_real, on_fake), adversarial, deep, full, conductor_real, conductor_fake]
    out["out.losses"] = torch.stack(losses).detach()
    (adversarial + 10 * deep + conductor_fake + conductor_real).backward()
    for net, name in (("generator", "embedding.gamma.mean"), ("generator", "embedding.beta.log_variance"),
                      ("generator", "head.conv_0.weight"), ("generator", "up_3.conv_s.weight"),
                      ("generator", "mid_0.norm_1.gamma.0.weight"), ("conductor", "down_4.conv_0.weight")):
        out[f"gradient.{net}.{name}"] = nets[net][name].grad
    save_file({name: t.detach().contiguous() for name, t in out.items()}, str(directory / "parity.safetensors"))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
