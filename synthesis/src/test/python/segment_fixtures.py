"""Writes the resource that SegmentParityTest compares with: python3 segment_fixtures.py RESOURCES_DIRECTORY

Needs torch, numpy and safetensors.
"""
import math
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

import csebgan
import segment

BANDS, CLASSES, SIZE, BATCH, WIDTH, BLOCKS = 4, 3, 32, 2, 8, 2


def normal(*shape, sd=0.1):
    return torch.randn(*shape) * sd


def feature_net():
    p = {}

    def convolution(name, channels_in, channels, size):
        p[name + ".conv.weight"] = normal(channels, channels_in, size, size, sd=math.sqrt(2 / channels_in) / size)
        p[name + ".norm.weight"] = 1 + normal(channels)
        p[name + ".norm.bias"] = normal(channels)

    channels = [WIDTH // 2, WIDTH, 2 * WIDTH, 4 * WIDTH, 8 * WIDTH]
    convolution("stem", BANDS, channels[0], 3)
    for stage in range(1, 5):
        for block in range(BLOCKS):
            name, fan = f"stage_{stage}.block_{block}", channels[stage - 1 if block == 0 else stage]
            convolution(name + ".first", fan, channels[stage], 3)
            convolution(name + ".second", channels[stage], channels[stage], 3)
            if block == 0:
                convolution(name + ".shortcut", fan, channels[stage], 1)
    for level in range(5):
        p[f"lateral_{level}.weight"] = normal(WIDTH, channels[level], 1, 1, sd=math.sqrt(2 / channels[level]))
        convolution(f"merged_{level}", WIDTH, WIDTH, 1 if level == 0 else 3)
    p["to_classes.weight"], p["to_classes.bias"] = normal(CLASSES, WIDTH, 1, 1, sd=0.5), normal(CLASSES)
    p["rotation.weight"], p["rotation.bias"] = normal(4, channels[4]), normal(4)
    return p


def u_net():
    p = {}

    def pair(name, channels_in, channels):
        for i, fan in enumerate((channels_in, channels)):
            p[f"{name}.conv_{i}.weight"] = normal(channels, fan, 3, 3, sd=math.sqrt(2 / 9 / fan))
            norm = f"{name}.norm_{i}"
            p[norm + ".weight"], p[norm + ".bias"] = 1 + normal(channels), normal(channels)
            p[norm + ".running_mean"], p[norm + ".running_var"] = normal(channels), 0.5 + torch.rand(channels)

    widths = [1, 2, 4, 8, 16]
    for level in range(5):
        pair(f"down_{level}", BANDS if level == 0 else widths[level - 1], widths[level])
    for level in range(3, -1, -1):
        pair(f"up_{level}", widths[level + 1] + widths[level], widths[level])
    p["to_classes.weight"], p["to_classes.bias"] = normal(CLASSES, 1, 1, 1, sd=1), normal(CLASSES)
    return p


def main(directory):
    torch.manual_seed(20251120)
    nets = {"features": feature_net(), "segmenter": u_net()}
    nets = {net: {name: t.half().float() for name, t in p.items()} for net, p in nets.items()}  # stored as halves
    mask = torch.randint(0, CLASSES + 1, (BATCH, SIZE // 4, SIZE // 4))  # CLASSES is unknown
    coarse = torch.rand(2 * BATCH, BANDS, SIZE // 4, SIZE // 4) * 2 - 1
    both = coarse.repeat_interleave(4, 2).repeat_interleave(4, 3)
    both = (both + torch.linspace(-0.2, 0.2, SIZE)[None, None, None, :]).clamp(-1, 1)
    target = torch.where(mask == CLASSES, 255, mask).repeat_interleave(4, 1).repeat_interleave(4, 2)
    turns = torch.tensor([3, -1])
    out = {f"{net}.{name}": t.half() for net, p in nets.items() for name, t in p.items()}
    out |= {"in.coarse": coarse, "in.mask": mask.float()}

    features = nets["features"]
    with torch.no_grad():
        plain = both[:BATCH]
        for stride, found in zip((1, 2, 4, 8, 16), segment.maps(features, plain, BLOCKS)):
            step = max(1, 4 // stride)
            out[f"out.map_{stride}"] = found[:, :, ::step, ::step].clone()
        logits = segment.logits(features, segment.maps(features, plain, BLOCKS))
        out["out.logits"] = logits[:, :, ::4, ::4].clone()
        running = csebgan.conductor(nets["segmenter"], plain, training=False)
        out["out.segmenter"] = running[:, :, ::4, ::4].clone()

    for p in nets.values():
        for name, tensor in p.items():
            tensor.requires_grad_(not name.endswith((".running_mean", ".running_var")))
    image = both.clone().requires_grad_()
    losses = segment.losses(features, image, target, turns, BLOCKS)
    out["out.losses"] = torch.stack(losses).detach()
    (losses[0] + 0.3 * losses[1] + 0.7 * losses[2]).backward()
    out["gradient.image"] = image.grad[:, :, ::4, ::4].clone()
    for name in ("stem.conv.weight", "stage_2.block_0.shortcut.conv.weight", "stage_4.block_1.second.norm.weight",
                 "merged_0.norm.bias", "rotation.weight"):
        out["gradient." + name] = features[name].grad

    # two steps of Adam on the segmenter's running and batch statistics
    trained = nets["segmenter"]
    adam = torch.optim.Adam([t for t in trained.values() if t.requires_grad], lr=0.01)
    steps = []
    for _ in range(2):
        adam.zero_grad()
        loss = F.cross_entropy(csebgan.conductor(trained, plain), target, ignore_index=255)
        loss.backward()
        adam.step()
        steps.append(loss.detach())
    out["out.segmenter_losses"] = torch.stack(steps)
    save_file({name: t.detach().contiguous() for name, t in out.items()}, str(directory / "segment.safetensors"))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
