"""The feature net in plain PyTorch, written from the same description as the Java one.

Parameters are looked up by the names of the weights file. The U-Net is csebgan.conductor.
"""
import torch
import torch.nn.functional as F


def normalized(p, name, x, stride=1):
    kernel = p[name + ".conv.weight"]
    x = F.conv2d(x, kernel, stride=stride, padding=kernel.shape[2] // 2)
    return F.group_norm(x, min(32, x.shape[1] // 4), p[name + ".norm.weight"], p[name + ".norm.bias"])


def maps(p, image, blocks):
    x = F.relu(normalized(p, "stem", image))
    found = [x]
    for stage in range(1, 5):
        for block in range(blocks):
            name, stride = f"stage_{stage}.block_{block}", 2 if block == 0 else 1
            dx = normalized(p, name + ".second", F.relu(normalized(p, name + ".first", x, stride)))
            x = F.relu(dx + (normalized(p, name + ".shortcut", x, 2) if block == 0 else x))
        found.append(x)
    return found


def logits(p, found):
    x = None
    for level in range(4, -1, -1):
        side = F.conv2d(found[level], p[f"lateral_{level}.weight"])
        x = side if x is None else side + F.interpolate(x, scale_factor=2, mode="nearest")
        x = F.relu(normalized(p, f"merged_{level}", x))
    return F.conv2d(x, p["to_classes.weight"], p["to_classes.bias"])


def losses(p, both, target, turns, blocks):
    """both (2B, bands, S, S); target (B, S, S), 255 where unknown; turns (B), -1 where mirrored."""
    found = maps(p, both, blocks)
    cross_entropy = F.cross_entropy(logits(p, found), torch.cat([target, target]), ignore_index=255)
    plain, other = found[-1].mean((2, 3)).chunk(2)
    scores = F.linear(plain, p["rotation.weight"], p["rotation.bias"])
    rotation = F.cross_entropy(scores, turns, ignore_index=-1)
    consistency = 1 - F.cosine_similarity(plain, other, dim=1).mean()
    return cross_entropy, rotation, consistency
