"""Writes the resources that NetworkParityTest compares with: python3 fixtures.py RESOURCES_DIRECTORY

Needs torch, numpy and safetensors.
"""
import copy
import math
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

import csebgan

NF, NDF, WIDTH, EMBEDDING, HIDDEN, Z = 1, 2, 1, 4, 6, 8
CLASSES, SIZE, BATCH, BANDS = 4, 64, 2, 3
SEEDS = 60


def normal(*shape, sd=0.1):
    return torch.randn(*shape) * sd


def generator_parameters(variant=False):
    """With `variant` that of all departures at once: from the mask, six doublings, own kernels and layers, noise."""
    p = {}
    sets = CLASSES if variant else 1
    own = (CLASSES,) if variant else ()
    for kind in ("gamma", "beta"):
        p[f"embedding.{kind}.mean"] = normal(CLASSES, EMBEDDING, sd=1)
        p[f"embedding.{kind}.log_variance"] = normal(CLASSES, EMBEDDING, sd=0.5)
    if variant:
        p["start.weight"] = normal(16 * NF, CLASSES, 3, 3, sd=0.5)
        p["start.bias"] = normal(16 * NF)
    else:
        p["start.weight"] = normal(16 * NF * (SIZE // 32) ** 2, Z, sd=0.5)
        p["start.bias"] = normal(16 * NF * (SIZE // 32) ** 2)
    for block, units_in, units_out in csebgan.BLOCKS:
        units = {"0": (units_in, min(units_in, units_out), 3), "1": (min(units_in, units_out), units_out, 3)}
        if units_in != units_out:
            units["s"] = (units_in, units_out, 1)
        for i, (channels_in, channels_out, kernel) in units.items():
            norm, conv = f"{block}.norm_{i}", f"{block}.conv_{i}"
            for kind in ("gamma", "beta"):
                p[f"{norm}.{kind}.0.weight"] = normal(*own, HIDDEN, EMBEDDING, sd=0.7)
                p[f"{norm}.{kind}.0.bias"] = normal(*own, HIDDEN)
                p[f"{norm}.{kind}.2.weight"] = normal(*own, channels_in * NF, HIDDEN, sd=0.3)
                p[f"{norm}.{kind}.2.bias"] = normal(*own, channels_in * NF) + (kind == "gamma")
            p[norm + ".running_mean"] = normal(channels_in * NF)
            p[norm + ".running_var"] = 0.5 + torch.rand(channels_in * NF)
            fan = channels_in * NF * kernel * kernel
            p[conv + ".weight"] = normal(sets * channels_out * NF, channels_in * NF, kernel, kernel, sd=math.sqrt(0.5 / fan))
            if kernel == 3:
                p[conv + ".bias"] = normal(sets * channels_out * NF)
            p[conv + ".left"] = F.normalize(normal(sets * channels_out * NF), dim=0)
        if variant:
            p[block + ".pixel_noise"] = normal(min(units_in, units_out) * NF, sd=0.5)
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


class Features(torch.nn.Module):
    """A small stand-in for VGG19: five maps, each with half the cells of the one before."""

    def __init__(self):
        super().__init__()
        widths = [BANDS, 4, 6, 8, 8, 8]
        self.convolutions = torch.nn.ModuleList(
            torch.nn.Conv2d(widths[i], widths[i + 1], 3, stride=1 if i == 0 else 2, padding=1) for i in range(5))
        for convolution in self.convolutions:
            torch.nn.init.kaiming_normal_(convolution.weight)

    def forward(self, x):
        maps = []
        for convolution in self.convolutions:
            x = torch.tanh(convolution(x))
            maps.append(x)
        return maps[0], maps[1], maps[2], maps[3], maps[4]


def trainable(p):
    for name, tensor in p.items():
        tensor.requires_grad_(not name.endswith((".left", ".running_mean", ".running_var")))


def exact(p):
    """The same numbers in double precision: what is saved has no rounding of PyTorch's in it."""
    return {name: tensor.double() for name, tensor in p.items()}


def trained(p):
    return {name: tensor for name, tensor in p.items() if tensor.requires_grad}


def adam(p, rate):
    return torch.optim.Adam(trained(p).values(), lr=rate, betas=(0.0, 0.9))


def halves(judgements):
    real = [([f[:BATCH] for f in features], score[:BATCH]) for features, score in judgements]
    fake = [([f[BATCH:] for f in features], score[BATCH:]) for features, score in judgements]
    return real, fake


def keep(out, net, p, names):
    for name in names:
        out[f"after.{net}.{name}"] = p[name].detach().clone()


def keep_gradients(out, net, p):
    for name, tensor in trained(p).items():
        out[f"gradient.{net}.{name}"] = tensor.grad.clone()


def whole_step(nets, features, inputs):
    """One training step as methods say: G once, D first, then G and C by one backward pass."""
    out = {}
    mask, real = inputs["mask"], inputs["real"]
    fake = csebgan.generator(nets["generator"], inputs["z"], inputs["gamma"], inputs["beta"], mask, training=True)
    out["out.training"] = fake.detach()[:, :, ::2, ::2]
    one_hot = F.one_hot(mask, CLASSES).permute(0, 3, 1, 2).to(real.dtype)
    maps = torch.cat([one_hot, one_hot])

    # each phase normalises the kernels once, so real and fake images go through one call
    judged = csebgan.discriminator(nets["discriminator"], torch.cat([real, fake.detach()]), maps)
    for scale in range(2):
        out[f"out.score_{scale}"] = judged[scale][1].detach()[:BATCH]
    hinge = csebgan.discriminator_loss(*halves(judged))
    hinge.backward()
    keep_gradients(out, "discriminator", nets["discriminator"])
    adam(nets["discriminator"], 4e-4).step()
    for tensor in trained(nets["discriminator"]).values():
        tensor.requires_grad_(False)

    on_real, on_fake = halves(csebgan.discriminator(nets["discriminator"], torch.cat([real, fake]), maps))
    adversarial, deep = csebgan.generator_losses(on_real, on_fake, True)
    _, full = csebgan.generator_losses(on_real, on_fake, False)
    maps_real, maps_fake = features(real), features(fake)
    perceptual = csebgan.perceptual_loss(maps_real, maps_fake, True)
    perceptual_full = csebgan.perceptual_loss(maps_real, maps_fake, False)
    target = torch.where(mask == CLASSES - 1, 255, mask)
    logits = csebgan.conductor(nets["conductor"], real)
    out["out.logits"] = logits.detach()[:, :, ::2, ::2]
    conductor_real = F.cross_entropy(logits, target, ignore_index=255)
    conductor_fake = F.cross_entropy(csebgan.conductor(nets["conductor"], fake), target, ignore_index=255)
    losses = [hinge, adversarial, deep, perceptual, conductor_real, conductor_fake, full, perceptual_full]
    out["out.losses"] = torch.stack(losses).detach()
    (adversarial + 10 * deep + 2 * perceptual + conductor_fake + conductor_real).backward()
    for net, rate in (("generator", 1e-4), ("conductor", 1e-4)):
        keep_gradients(out, net, nets[net])
        adam(nets[net], rate).step()
    keep(out, "generator", nets["generator"], (
        "embedding.gamma.mean", "head.conv_0.weight", "head.conv_0.left",
        "up_3.norm_0.running_mean", "up_3.norm_0.running_var"))
    keep(out, "discriminator", nets["discriminator"], (
        "scale_0.conv_0.weight", "scale_1.conv_3.weight", "scale_1.conv_3.left"))
    keep(out, "conductor", nets["conductor"], ("up_0.conv_1.weight", "down_4.norm_1.running_mean", "up_0.norm_0.running_var"))
    return out


def inputs(size=SIZE):
    mask = torch.randint(0, CLASSES, (BATCH, size // 4, size // 4))
    mask = mask.repeat_interleave(4, 1).repeat_interleave(4, 2)
    real = torch.rand(BATCH, BANDS, size // 8, size // 8).repeat_interleave(8, 2).repeat_interleave(8, 3) * 2 - 1
    return {"mask": mask, "z": torch.randn(BATCH, Z), "gamma": torch.randn(BATCH, CLASSES, EMBEDDING),
            "beta": torch.randn(BATCH, CLASSES, EMBEDDING), "real": real}


def pixel_noise(size):
    """Noise (B, 1, s, s) for every size of a block; cells of pixels share a number, so that it can be saved small."""
    sizes = [2 << i for i in range(12) if 2 << i <= size]
    return {s: torch.rand(BATCH, 1, min(s, 16), min(s, 16)) * 2 - 1 for s in sizes}


def spread(noise):
    return {s: n.repeat_interleave(s // n.shape[2], 2).repeat_interleave(s // n.shape[2], 3) for s, n in noise.items()}


def save(path, out):
    save_file({name: t.detach().float().contiguous() for name, t in out.items()}, str(path))


def coarse(given):
    return {"in." + name: tensor for name, tensor in given.items()} | {
        "in.mask": given["mask"][:, ::4, ::4], "in.real": given["real"][:, :, ::8, ::8]}


def wide(given):
    return {name: tensor.double() if tensor.is_floating_point() else tensor for name, tensor in given.items()}


def copies(p):
    return {name: tensor.clone() for name, tensor in p.items()}


class Step:
    """Networks, inputs and features of one seed, and what a step makes of them."""

    def __init__(self, seed):
        torch.manual_seed(seed)
        self.nets = {"generator": generator_parameters(), "discriminator": discriminator_parameters(),
                     "conductor": conductor_parameters()}
        self.given = inputs()
        self.features = Features().requires_grad_(False).eval()

    def run(self, double):
        nets = {net: exact(p) if double else copies(p) for net, p in self.nets.items()}
        given = wide(self.given) if double else self.given
        out = {}
        with torch.no_grad():
            shipped = {name: t for name, t in nets["generator"].items() if not name.endswith(".left")}
            out["out.running"] = csebgan.generator(
                shipped, given["z"], given["gamma"], given["beta"], given["mask"])[:, :, ::2, ::2]
        for p in nets.values():
            trainable(p)
        return out | whole_step(nets, copy.deepcopy(self.features).double() if double else self.features, given)

    def save(self, directory):
        torch.jit.script(self.features).save(str(directory / "features.pt"))
        out = {f"{net}.{name}": tensor for net, p in self.nets.items() for name, tensor in p.items()}
        save(directory / "parity.safetensors", out | coarse(self.given) | self.run(double=True))


class Variant:
    """A generator of all variants, of one seed."""

    def __init__(self, seed):
        torch.manual_seed(seed)
        self.parameters = generator_parameters(variant=True)
        self.given = inputs(2 * SIZE)
        self.noise = pixel_noise(2 * SIZE)

    def run(self, double):
        p = exact(self.parameters) if double else copies(self.parameters)
        given = wide(self.given) if double else self.given
        trainable(p)
        pixels = spread({size: n.double() if double else n for size, n in self.noise.items()})
        drawn = csebgan.generator(
            p, given["z"], given["gamma"], given["gamma"], given["mask"], training=True, sixth=True, own=True,
            pixels=pixels)
        out = {"out.training": drawn.detach()[:, :, ::4, ::4]}
        (drawn * given["real"]).mean().backward()
        for name in ("start.weight", "head.norm_0.gamma.0.weight", "mid_1.conv_1.weight", "up_3.conv_s.weight",
                     "up_3.norm_1.beta.2.bias", "head.pixel_noise", "up_3.pixel_noise"):
            out["gradient.generator." + name] = p[name].grad
        return out

    def save(self, directory):
        out = {f"generator.{name}": tensor for name, tensor in self.parameters.items()}
        noise = {f"in.pixels_{size}": n for size, n in self.noise.items()}
        save(directory / "variant.safetensors", out | coarse(self.given) | noise | self.run(double=True))


def rounding(case):
    """How far single precision is from double, in parts of what the test allows."""
    exactly, rounded = case.run(double=True), case.run(double=False)
    nets = {}
    for name, tensor in exactly.items():
        if name.startswith("gradient."):
            net = name.split(".")[1]
            nets[net] = max(nets.get(net, 0), tensor.abs().max().item())
    worst = 0
    for name, tensor in exactly.items():
        difference, largest = (rounded[name] - tensor).abs().max().item(), tensor.abs().max().item()
        if name.startswith("gradient."):
            worst = max(worst, difference / max(largest, 1e-3 * nets[name.split(".")[1]]) / 1e-4)
        elif name.startswith("out."):
            worst = max(worst, difference / max(largest, 1) / 1e-5)
    return worst


def main(directory):
    """Of some seeds the one whose networks magnify rounding least: what differs is then the code."""
    for kind in (Step, Variant):
        cases = {seed: rounding(kind(seed)) for seed in range(20230713, 20230713 + SEEDS)}
        best = min(cases, key=cases.get)
        print(f"{kind.__name__}: seed {best}, single precision takes {cases[best]:.2f} of what is allowed; "
              f"of the worst seed {max(cases.values()):.2f}")
        kind(best).save(directory)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
