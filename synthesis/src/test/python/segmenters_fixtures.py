"""Writes the resource that SegmenterArchitecturesTest compares with: python3 segmenters_fixtures.py RESOURCES_DIRECTORY

Needs torch and safetensors.
"""
import math
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

import segmenters

BANDS, CLASSES, BATCH, HEIGHT, WIDTH, CELL = 4, 3, 2, 96, 160, 8


class Tensors(dict):
    def conv(self, name, channels_in, channels, size):
        self[name + ".conv.weight"] = torch.randn(channels, channels_in, size, size) * math.sqrt(2 / channels_in) / size
        self.norm(name + ".norm", channels)
        self[name + ".norm.running_mean"] = torch.randn(channels) * 0.1
        self[name + ".norm.running_var"] = 0.5 + torch.rand(channels)

    def norm(self, name, channels):
        self[name + ".weight"], self[name + ".bias"] = 1 + torch.randn(channels) * 0.1, torch.randn(channels) * 0.1

    def biased(self, name, *shape):
        fan = math.prod(shape[1:])
        self[name + ".weight"], self[name + ".bias"] = torch.randn(*shape) / math.sqrt(fan), torch.randn(shape[0]) * 0.1

    def stages(self, width):
        self.conv("backbone.stem", BANDS, width, 7)
        channels = width
        for stage in range(4):
            for block in range(2):
                name, out = f"backbone.stage_{stage}.block_{block}", width << stage
                self.conv(name + ".first", channels, out, 3)
                self.conv(name + ".second", out, out, 3)
                if channels != out:
                    self.conv(name + ".shortcut", channels, out, 1)
                channels = out


def pspnet(width=2):
    p = Tensors()
    p.stages(width)
    for cells in (1, 2, 3, 6):
        p.conv(f"pyramid_{cells}", 8 * width, 2 * width, 1)
    p.conv("merged", 16 * width, 2 * width, 3)
    p.biased("to_classes", CLASSES, 2 * width, 1, 1)
    return p


def deeplabv3plus(width=4):
    p = Tensors()
    p.stages(width)
    for name, size in (("seen_1", 1), ("seen_6", 3), ("seen_12", 3), ("seen_18", 3), ("image", 1)):
        p.conv(name, 8 * width, 4 * width, size)
    p.conv("joined", 20 * width, 4 * width, 1)
    p.conv("shallow", width, 3 * width // 4, 1)
    p.conv("refined_0", 4 * width + 3 * width // 4, 4 * width, 3)
    p.conv("refined_1", 4 * width, 4 * width, 3)
    p.biased("to_classes", CLASSES, 4 * width, 1, 1)
    return p


def segformer(width=3):
    p, channels, joined = Tensors(), BANDS, 8 * width
    for stage, (heads, reduction) in enumerate(zip(segmenters.HEADS, segmenters.REDUCTIONS)):
        s, c = f"stage_{stage}.", width * heads
        size = 7 if stage == 0 else 3
        p.biased(s + "patches", c, channels, size, size)
        p.norm(s + "patches_norm", c)
        for block in range(2):
            name = f"{s}block_{block}"
            p.norm(name + ".attention_norm", c)
            for part in ("query", "key", "value", "out"):
                p.biased(f"{name}.attention.{part}", c, c)
            if reduction > 1:
                p.biased(name + ".reduced", c, c, reduction, reduction)
                p.norm(name + ".reduced_norm", c)
            p.norm(name + ".mixing_norm", c)
            p.biased(name + ".mixing.widen", 4 * c, c)
            p.biased(name + ".mixing.depthwise", 4 * c, 1, 3, 3)
            p.biased(name + ".mixing.narrow", c, 4 * c)
        p.norm(s + "norm", c)
        p.biased(s + "joined", joined, c)
        channels = c
    p.conv("fused", 4 * joined, joined, 1)
    p.biased("to_classes", CLASSES, joined, 1, 1)
    return p


def main(directory):
    torch.manual_seed(20261128)
    coarse = torch.rand(BATCH, BANDS, HEIGHT // CELL, WIDTH // CELL) * 2 - 1
    image = coarse.repeat_interleave(CELL, 2).repeat_interleave(CELL, 3)
    image = (image + torch.linspace(-0.2, 0.2, WIDTH)[None, None, None, :]).clamp(-1, 1)
    mask = torch.randint(0, CLASSES + 1, (BATCH, HEIGHT // CELL, WIDTH // CELL))  # CLASSES is unknown
    target = torch.where(mask == CLASSES, 255, mask).repeat_interleave(CELL, 1).repeat_interleave(CELL, 2)
    weights = torch.tensor([0.5, 1.0, 4.0])
    out = {"in.coarse": coarse, "in.mask": mask.float(), "in.weights": weights}
    for name, make in (("pspnet", pspnet), ("deeplabv3plus", deeplabv3plus), ("segformer", segformer)):
        p = {key: tensor.half().float() for key, tensor in make().items()}  # stored as halves
        out |= {f"{name}.{key}": tensor.half() for key, tensor in p.items()}
        net = getattr(segmenters, name)
        with torch.no_grad():
            out[f"out.{name}.running"] = net(p, image, False)[:, :, ::8, ::8]
            out[f"out.{name}.batch"] = net(p, image, True)[:, :, ::8, ::8]
        first = "stage_0.block_0.mixing.depthwise.weight" if name == "segformer" else "backbone.stem.conv.weight"
        p[first].requires_grad_()
        loss = F.cross_entropy(net(p, image, True), target, weight=weights, ignore_index=255)
        loss.backward()
        out[f"out.{name}.loss"], out[f"gradient.{name}"] = loss.detach()[None], p[first].grad
    save_file({key: t.detach().contiguous() for key, t in out.items()}, str(directory / "segmenters.safetensors"))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
