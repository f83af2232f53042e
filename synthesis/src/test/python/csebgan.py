"""CSEBGAN's networks in plain PyTorch, written from the same description as the Java ones.

Parameters are looked up by the names of the weights file, so that nothing of the Java code's
structure decides how they are wired here.
"""
import torch
import torch.nn.functional as F

BLOCKS = [
    ("head", 16, 16, False),
    ("mid_0", 16, 16, True),
    ("mid_1", 16, 16, False),
    ("up_0", 16, 8, True),
    ("up_1", 8, 4, True),
    ("up_2", 4, 2, True),
    ("up_3", 2, 1, True),
]


def resized(mask, size):
    """mask (B, H, W) of positions, nearest pixel."""
    return F.interpolate(mask[:, None].float(), size=(size, size), mode="nearest")[:, 0].long()


def mlp(p, name, x):
    hidden = F.relu(F.linear(x, p[name + ".0.weight"], p[name + ".0.bias"]))
    return F.linear(hidden, p[name + ".2.weight"], p[name + ".2.bias"])


def kernel(p, name):
    weight = p[name + ".weight"]
    if name + ".left" not in p:
        return weight
    matrix = weight.flatten(1)
    with torch.no_grad():
        right = F.normalize(matrix.t() @ p[name + ".left"], dim=0, eps=1e-12)
        left = F.normalize(matrix @ right, dim=0, eps=1e-12)
        p[name + ".left"].copy_(left)
    return weight / torch.dot(left, matrix @ right)


def modulated(p, name, x, gamma, beta, mask, training):
    h = F.batch_norm(x, p[name + ".running_mean"], p[name + ".running_var"], training=training)
    mask = resized(mask, x.shape[2])
    batch = torch.arange(len(mask))[:, None, None]
    scale = mlp(p, name + ".gamma", gamma)[batch, mask].permute(0, 3, 1, 2)
    shift = mlp(p, name + ".beta", beta)[batch, mask].permute(0, 3, 1, 2)
    return h * scale + shift


def generator(p, z, noise_gamma, noise_beta, mask, training=False):
    def embedding(kind, noise):
        return noise * torch.exp(p[f"embedding.{kind}.log_variance"] / 2) + p[f"embedding.{kind}.mean"]

    gamma, beta = embedding("gamma", noise_gamma), embedding("beta", noise_beta)
    size = mask.shape[1] // 32
    x = F.linear(z, p["start.weight"], p["start.bias"]).view(len(z), -1, size, size)
    for name, units_in, units_out, doubled in BLOCKS:
        if doubled:
            x = F.interpolate(x, scale_factor=2, mode="nearest")
        dx = F.leaky_relu(modulated(p, name + ".norm_0", x, gamma, beta, mask, training), 0.2)
        dx = F.conv2d(dx, kernel(p, name + ".conv_0"), p[name + ".conv_0.bias"], padding=1)
        dx = F.leaky_relu(modulated(p, name + ".norm_1", dx, gamma, beta, mask, training), 0.2)
        dx = F.conv2d(dx, kernel(p, name + ".conv_1"), p[name + ".conv_1.bias"], padding=1)
        if units_in != units_out:
            x = modulated(p, name + ".norm_s", x, gamma, beta, mask, training)
            x = F.conv2d(x, kernel(p, name + ".conv_s"))
        x = x + dx
    return torch.tanh(F.conv2d(F.leaky_relu(x, 0.2), p["to_image.weight"], p["to_image.bias"], padding=1))


def discriminator(p, image, one_hot):
    x = torch.cat([image, one_hot], 1)
    judgements = []
    for scale in range(2):
        h, features = x, []
        for layer, stride in enumerate([2, 2, 2, 1]):
            name = f"scale_{scale}.conv_{layer}"
            h = F.conv2d(h, kernel(p, name), p.get(name + ".bias"), stride=stride, padding=2)
            if layer > 0:
                h = F.instance_norm(h)
            h = F.leaky_relu(h, 0.2)
            features.append(h)
        name = f"scale_{scale}.conv_4"
        judgements.append((features, F.conv2d(h, p[name + ".weight"], p[name + ".bias"], padding=2)))
        x = F.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False)
    return judgements


def conductor(p, image, training=True):
    def pair(name, x):
        for i in range(2):
            norm = f"{name}.norm_{i}"
            x = F.conv2d(x, p[f"{name}.conv_{i}.weight"], padding=1)
            x = F.batch_norm(
                x, p[norm + ".running_mean"], p[norm + ".running_var"],
                p[norm + ".weight"], p[norm + ".bias"], training=training)
            x = F.relu(x)
        return x

    skips = [pair("down_0", image)]
    for level in range(1, 5):
        skips.append(pair(f"down_{level}", F.max_pool2d(skips[-1], 2)))
    x = skips.pop()
    for level in range(3, -1, -1):
        x = pair(f"up_{level}", torch.cat([F.interpolate(x, scale_factor=2, mode="nearest"), skips.pop()], 1))
    return F.conv2d(x, p["to_classes.weight"], p["to_classes.bias"])


def discriminator_loss(real, fake):
    return sum(F.relu(1 - r[1]).mean() + F.relu(1 + f[1]).mean() for r, f in zip(real, fake)) / 2


def generator_losses(real, fake, deep_only):
    adversarial = sum(-f[1].mean() for f in fake) / 2
    first = 3 if deep_only else 0
    matching = sum(
        F.l1_loss(f[0][i], r[0][i].detach()) for r, f in zip(real, fake) for i in range(first, 4)) / 2
    return adversarial, matching
