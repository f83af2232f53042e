"""Writes the resource that DdpmParityTest compares with: python3 ddpm_fixtures.py RESOURCES_DIRECTORY

Needs torch and safetensors.
"""
import math
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

import ddpm

BANDS, BASE, MULTIPLIERS, BLOCKS, ATTENTION_LEVELS, HEAD, GROUPS = 4, 8, (1, 1, 2), 1, 2, 4, 4
CLASSES, WIDTH, HEAD_BLOCKS, MEMBERS = 3, 8, 2, 3
SIZE = (16, 24)
CELL = 2  # pixels along an edge that one cell of the network `cells` holds


class Tensors(dict):
    def weighted(self, name, *shape):
        self[name + ".weight"] = torch.randn(*shape) / math.sqrt(math.prod(shape[1:]))
        self[name + ".bias"] = torch.randn(shape[0]) * 0.1

    def norm(self, name, channels):
        self[name + ".weight"], self[name + ".bias"] = 1 + torch.randn(channels) * 0.1, torch.randn(channels) * 0.1

    def residual(self, name, channels_in, channels):
        self.norm(name + ".in_layers.0", channels_in)
        self.weighted(name + ".in_layers.2", channels, channels_in, 3, 3)
        self.weighted(name + ".emb_layers.1", 2 * channels, 4 * BASE)
        self.norm(name + ".out_layers.0", channels)
        self.weighted(name + ".out_layers.3", channels, channels, 3, 3)
        if channels_in != channels:
            self.weighted(name + ".skip_connection", channels, channels_in, 1, 1)

    def attention(self, name, channels):
        self.norm(name + ".norm", channels)
        self.weighted(name + ".qkv", 3 * channels, channels, 1)
        self.weighted(name + ".proj_out", channels, channels, 1)


def unet(samples):
    p, levels = Tensors(), len(MULTIPLIERS)
    attends = range(levels - ATTENTION_LEVELS, levels)
    p.weighted("time_embed.0", 4 * BASE, BASE)
    p.weighted("time_embed.2", 4 * BASE, 4 * BASE)
    p.weighted("input_blocks.0.0", BASE * MULTIPLIERS[0], samples, 3, 3)
    made = [BASE * MULTIPLIERS[0]]
    for level, multiplier in enumerate(MULTIPLIERS):
        for _ in range(BLOCKS):
            name = f"input_blocks.{len(made)}"
            p.residual(name + ".0", made[-1], BASE * multiplier)
            if level in attends:
                p.attention(name + ".1", BASE * multiplier)
            made.append(BASE * multiplier)
        if level < levels - 1:
            p.residual(f"input_blocks.{len(made)}.0", made[-1], made[-1])
            made.append(made[-1])
    channels = made[-1]
    p.residual("middle_block.0", channels, channels)
    p.attention("middle_block.1", channels)
    p.residual("middle_block.2", channels, channels)
    number = 0
    for level in reversed(range(levels)):
        for i in range(BLOCKS + 1):
            name, out = f"output_blocks.{number}", BASE * MULTIPLIERS[level]
            p.residual(name + ".0", channels + made.pop(), out)
            if level in attends:
                p.attention(name + ".1", out)
            if level > 0 and i == BLOCKS:
                p.residual(f"{name}.{2 if level in attends else 1}", out, out)
            channels, number = out, number + 1
    p.norm("out.0", channels)
    p.weighted("out.2", samples, channels, 3, 3)
    return p


def residual_head(channels):
    p = Tensors()
    for i, c in enumerate(channels):
        name, reduced = f"map_{i}.", max(1, c // 16)
        p.norm(name + "norm", c)
        p.weighted(name + "gate.reduce", reduced, c)
        p.weighted(name + "gate.expand", c, reduced)
        p[name + "project.weight"] = torch.randn(WIDTH, c, 1, 1) / math.sqrt(c)
    p["projected.bias"] = torch.randn(WIDTH) * 0.1
    for i in range(HEAD_BLOCKS):
        p.norm(f"block_{i}.norm", WIDTH)
        p.weighted(f"block_{i}.widen", 2 * WIDTH, WIDTH)
        p.weighted(f"block_{i}.narrow", WIDTH, 2 * WIDTH)
    p.weighted("to_classes", CLASSES, WIDTH)
    return p


def pixel_ensemble(channels):
    p = Tensors()
    for member in range(MEMBERS):
        widths = (sum(channels), 128, 32, CLASSES)
        for layer in range(3):
            p.weighted(f"member_{member}.layer_{layer}", widths[layer + 1], widths[layer])
            if layer < 2:
                norm = f"member_{member}.norm_{layer}"
                p.norm(norm, widths[layer + 1])
                p[norm + ".running_mean"] = torch.randn(widths[layer + 1]) * 0.1
                p[norm + ".running_var"] = 0.5 + torch.rand(widths[layer + 1])
    return p


def main(directory):
    torch.manual_seed(20261128)
    x, timesteps = torch.randn(2, BANDS, *SIZE), torch.tensor([20, 700])
    target = torch.randn_like(x)
    # an early and a late map of each half
    channels = [16, 8]
    nets = {"unet": unet(BANDS), "residual": residual_head(channels), "pixels": pixel_ensemble(channels), "cells": unet(BANDS * CELL**2)}
    nets = {net: {name: t.half().float() for name, t in p.items()} for net, p in nets.items()}  # stored as halves
    out = {f"{net}.{name}": t.half() for net, p in nets.items() for name, t in p.items()}
    out |= {"in.x": x, "in.timesteps": timesteps.float(), "in.target": target}
    net = ddpm.UNet(nets["unet"], MULTIPLIERS, BLOCKS, ATTENTION_LEVELS, HEAD, GROUPS)
    with torch.no_grad():
        noise, down, up = net(x, timesteps)
        out |= {"out.noise": noise, "out.down_1": down[1], "out.down_4": down[4], "out.up_0": up[0], "out.up_3": up[3]}
        celled = ddpm.UNet(nets["cells"], MULTIPLIERS, BLOCKS, ATTENTION_LEVELS, HEAD, GROUPS, CELL)
        out["out.cells_noise"], _, celled_up = celled(x, timesteps)
        out["out.cells_up_3"] = celled_up[3]
        features = [up[0], up[3]]
        out["out.residual"] = ddpm.residual_head(nets["residual"], features, HEAD_BLOCKS, SIZE)
        scores = ddpm.pixel_ensemble(nets["pixels"], features, MEMBERS, SIZE)
        out["out.pixels"] = scores
        votes = F.one_hot(scores.argmax(-1), CLASSES).sum(0)
        out["out.most_votes"] = votes.max(-1).values.float()
        out["out.votes"] = votes.float()
        out["out.disagreement"] = ddpm.disagreement(scores)
        out["out.pixels_batch"] = ddpm.pixel_ensemble(nets["pixels"], features, MEMBERS, SIZE, training=True)

    # a step of pre-training, and of a head that is trained with the network it stands on
    p = nets["unet"]
    for tensor in (*p.values(), *nets["residual"].values()):
        tensor.requires_grad_()
    loss = F.mse_loss(net(x, timesteps)[0], target)
    loss.backward()
    out["out.loss"] = loss.detach()[None]
    for name in ("time_embed.0.weight", "input_blocks.2.0.in_layers.2.weight", "middle_block.1.qkv.weight",
                 "output_blocks.1.2.emb_layers.1.bias", "out.2.bias"):
        out["gradient." + name] = p[name].grad.clone()
        p[name].grad = None
    mask = torch.randint(0, CLASSES + 1, (2, *SIZE))  # CLASSES is unknown
    _, _, up = net(x, timesteps)
    logits = ddpm.residual_head(nets["residual"], [up[0], up[3]], HEAD_BLOCKS, SIZE)
    F.cross_entropy(logits, torch.where(mask == CLASSES, 255, mask), ignore_index=255).backward()
    out["in.mask"] = mask.float()
    out["head_gradient.middle_block.1.qkv.weight"] = p["middle_block.1.qkv.weight"].grad
    for name in ("map_0.gate.reduce.weight", "map_1.project.weight", "block_1.widen.bias"):
        out["head_gradient." + name] = nets["residual"][name].grad
    save_file({name: t.detach().contiguous() for name, t in out.items()}, str(directory / "ddpm.safetensors"))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
