"""The U-Net of pixels and the heads on its maps in plain PyTorch, written from the same description as the Java ones.

Parameters are looked up by the names of the weights file.
"""
import math

import torch
import torch.nn.functional as F


class UNet:
    """An ablated diffusion model: scale and shift by the timestep, residual blocks that change sizes."""

    def __init__(self, p, multipliers, blocks, attention_levels, head_channels, groups, cell=1):
        self.p, self.multipliers, self.blocks, self.cell = p, multipliers, blocks, cell
        self.attends = range(len(multipliers) - attention_levels, len(multipliers))
        self.head_channels, self.groups = head_channels, groups

    def conv(self, name, x):
        kernel = self.p[name + ".weight"]
        return F.conv2d(x, kernel, self.p[name + ".bias"], padding=kernel.shape[2] // 2)

    def linear(self, name, x):
        return F.linear(x, self.p[name + ".weight"], self.p[name + ".bias"])

    def norm(self, name, x):
        return F.group_norm(x, self.groups, self.p[name + ".weight"], self.p[name + ".bias"])

    def residual(self, name, x, time, scale=1):
        def change(y):
            if scale == 1:
                return y
            return F.avg_pool2d(y, 2) if scale < 1 else F.interpolate(y, scale_factor=2, mode="nearest")

        h = self.conv(name + ".in_layers.2", change(F.silu(self.norm(name + ".in_layers.0", x))))
        factor, shift = self.linear(name + ".emb_layers.1", time)[:, :, None, None].chunk(2, 1)
        h = self.norm(name + ".out_layers.0", h) * (1 + factor) + shift
        h = self.conv(name + ".out_layers.3", F.silu(h))
        x = change(x)
        return (self.conv(name + ".skip_connection", x) if name + ".skip_connection.weight" in self.p else x) + h

    def attention(self, name, x):
        b, c, height, width = x.shape
        heads = c // self.head_channels
        qkv = F.conv1d(self.norm(name + ".norm", x.flatten(2)), self.p[name + ".qkv.weight"], self.p[name + ".qkv.bias"])
        q, k, v = qkv.reshape(b * heads, 3 * self.head_channels, height * width).split(self.head_channels, 1)
        weight = torch.einsum("bct,bcs->bts", q, k).div(math.sqrt(self.head_channels)).softmax(-1)
        h = torch.einsum("bts,bcs->bct", weight, v).reshape(b, c, -1)
        h = F.conv1d(h, self.p[name + ".proj_out.weight"], self.p[name + ".proj_out.bias"])
        return x + h.reshape(x.shape)

    def __call__(self, x, timesteps):
        """The prediction, the outputs of all blocks on the way down, and of all on the way up."""
        base = self.p["time_embed.0.weight"].shape[1]
        angles = timesteps[:, None].float() * torch.exp(-math.log(10000) * torch.arange(base // 2) / (base // 2))
        time = F.silu(self.linear("time_embed.0", torch.cat([angles.cos(), angles.sin()], 1)))
        time = F.silu(self.linear("time_embed.2", time))
        h = self.conv("input_blocks.0.0", F.pixel_unshuffle(x, self.cell))
        down = [h]
        for level in range(len(self.multipliers)):
            for _ in range(self.blocks):
                name = f"input_blocks.{len(down)}"
                h = self.residual(name + ".0", h, time)
                h = self.attention(name + ".1", h) if level in self.attends else h
                down.append(h)
            if level < len(self.multipliers) - 1:
                h = self.residual(f"input_blocks.{len(down)}.0", h, time, 0.5)
                down.append(h)
        h = self.attention("middle_block.1", self.residual("middle_block.0", h, time))
        h = self.residual("middle_block.2", h, time)
        skips, up = list(down), []
        for level in reversed(range(len(self.multipliers))):
            for i in range(self.blocks + 1):
                name = f"output_blocks.{len(up)}"
                h = self.residual(name + ".0", torch.cat([h, skips.pop()], 1), time)
                h = self.attention(name + ".1", h) if level in self.attends else h
                if level > 0 and i == self.blocks:
                    h = self.residual(f"{name}.{2 if level in self.attends else 1}", h, time, 2)
                up.append(h)
        return F.pixel_shuffle(self.conv("out.2", F.silu(self.norm("out.0", h))), self.cell), down, up


def resized(x, size):
    return F.interpolate(x, size=tuple(size), mode="bilinear", align_corners=False, antialias=True)


def residual_head(p, features, blocks, size):
    """All maps are concatenated at half size, then projected: what the Java one never does."""
    def linear(name, x):
        return F.linear(x, p[name + ".weight"], p[name + ".bias"])

    wide = []
    for i, f in enumerate(features):
        name, c = f"map_{i}.", f.shape[1]
        gate = torch.sigmoid(linear(name + "gate.expand", F.relu(linear(name + "gate.reduce", f.mean((2, 3))))))
        f = F.group_norm(f, math.gcd(32, c), p[name + "norm.weight"], p[name + "norm.bias"])
        wide.append(resized(f * gate[:, :, None, None], (size[0] // 2, size[1] // 2)))
    kernel = torch.cat([p[f"map_{i}.project.weight"] for i in range(len(features))], 1)
    y = F.conv2d(torch.cat(wide, 1), kernel, p["projected.bias"]).permute(0, 2, 3, 1)
    for i in range(blocks):
        name = f"block_{i}."
        h = F.layer_norm(y, y.shape[-1:], p[name + "norm.weight"], p[name + "norm.bias"])
        y = y + linear(name + "narrow", F.gelu(linear(name + "widen", h)))
    return resized(linear("to_classes", y).permute(0, 3, 1, 2), size)


def pixel_ensemble(p, features, members, size, training=False):
    """Scores (M, B H W, K) of all pixels, each by its concatenated features at full size."""
    x = torch.cat([resized(f, size) for f in features], 1).permute(0, 2, 3, 1).flatten(0, 2)
    scores = []
    for member in range(members):
        name, h = f"member_{member}.", x
        for layer in range(3):
            h = F.linear(h, p[f"{name}layer_{layer}.weight"], p[f"{name}layer_{layer}.bias"])
            if layer < 2:
                norm = f"{name}norm_{layer}"
                h = F.batch_norm(F.relu(h), p[norm + ".running_mean"].clone(), p[norm + ".running_var"].clone(),
                                 p[norm + ".weight"], p[norm + ".bias"], training)
        scores.append(h)
    return torch.stack(scores)


def disagreement(scores):
    """Jensen-Shannon divergence (P) of scores (M, P, K)."""
    likely = scores.softmax(-1)

    def entropy(q):
        return torch.distributions.Categorical(probs=q).entropy()

    return entropy(likely.mean(0)) - entropy(likely).mean(0)
