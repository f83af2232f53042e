"""CSEBGAN's networks in plain PyTorch, written from the same description as the Java ones.

Parameters are looked up by the names of the weights file, so that nothing of the Java code's
structure decides how they are wired here.
"""
import torch
import torch.nn.functional as F

BLOCKS = [
    ("head", 16, 16),
    ("mid_0", 16, 16),
    ("mid_1", 16, 16),
    ("up_0", 16, 8),
    ("up_1", 8, 4),
    ("up_2", 4, 2),
    ("up_3", 2, 1),
]


def resized(mask, size):
    """mask (B, H, W) of positions, nearest pixel."""
    return F.interpolate(mask[:, None].float(), size=(size, size), mode="nearest")[:, 0].long()


def layer(p, name, x):
    weight, bias = p[name + ".weight"], p[name + ".bias"]
    if weight.dim() > 2:  # a layer of its own for every class
        return torch.einsum("bki,koi->bko", x, weight) + bias
    return F.linear(x, weight, bias)


def mlp(p, name, x):
    return layer(p, name + ".2", F.relu(layer(p, name + ".0", x)))


def convolution(p, name, x, mask, padding, own):
    """One kernel for all classes, or a set for each: then a pixel takes what its own class's gives."""
    x = F.conv2d(x, kernel(p, name), p.get(name + ".bias"), padding=padding)
    if not own:
        return x
    classes = p["embedding.gamma.mean"].shape[0]
    batch, channels, height, width = x.shape
    planes = x.view(batch, classes, channels // classes, height, width)
    index = resized(mask, height)[:, None, None].expand(-1, 1, channels // classes, -1, -1)
    return planes.gather(1, index)[:, 0]


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


def generator(p, z, noise_gamma, noise_beta, mask, training=False, sixth=False, own=False, pixels=None):
    """pixels: noise (B, 1, s, s) by size s, where the blocks take any."""
    def embedding(kind, noise):
        return noise * torch.exp(p[f"embedding.{kind}.log_variance"] / 2) + p[f"embedding.{kind}.mean"]

    gamma, beta = embedding("gamma", noise_gamma), embedding("beta", noise_beta)
    doubled = [name for name, _, _ in BLOCKS if name not in ({"head"} if sixth else {"head", "mid_1"})]
    size = mask.shape[1] >> len(doubled)
    if p["start.weight"].dim() > 2:  # from the coarse mask
        one_hot = F.one_hot(resized(mask, size), gamma.shape[1]).permute(0, 3, 1, 2).to(z.dtype)
        x = F.conv2d(one_hot, p["start.weight"], p["start.bias"], padding=1)
    else:
        x = F.linear(z, p["start.weight"], p["start.bias"]).view(len(z), -1, size, size)
    for name, units_in, units_out in BLOCKS:
        if name in doubled:
            x = F.interpolate(x, scale_factor=2, mode="nearest")
        dx = F.leaky_relu(modulated(p, name + ".norm_0", x, gamma, beta, mask, training), 0.2)
        dx = convolution(p, name + ".conv_0", dx, mask, 1, own)
        if name + ".pixel_noise" in p:
            dx = dx + p[name + ".pixel_noise"][:, None, None] * pixels[dx.shape[2]]
        dx = F.leaky_relu(modulated(p, name + ".norm_1", dx, gamma, beta, mask, training), 0.2)
        dx = convolution(p, name + ".conv_1", dx, mask, 1, own)
        if units_in != units_out:
            x = modulated(p, name + ".norm_s", x, gamma, beta, mask, training)
            x = convolution(p, name + ".conv_s", x, mask, 0, own)
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


def perceptual_loss(real, fake, deep_only):
    weights = (0, 0, 0, 1 / 4, 1) if deep_only else (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1)
    return sum(w * F.l1_loss(f, r.detach()) for w, r, f in zip(weights, real, fake))
