"""PSPNet, DeepLabV3+ and SegFormer in plain PyTorch, written from the same description as the Java ones.

Parameters are looked up by the names of the weights file; `training` takes the batch's statistics.
"""
import torch
import torch.nn.functional as F


class Net:
    def __init__(self, p, training):
        self.p, self.training = p, training

    def norm(self, name, x):
        p, norm = self.p, name + ".norm"
        mean, var = p[norm + ".running_mean"], p[norm + ".running_var"]
        return F.batch_norm(x, mean.clone(), var.clone(), p[norm + ".weight"], p[norm + ".bias"], self.training)

    def conv(self, name, x, stride=1, dilation=1):
        kernel = self.p[name + ".conv.weight"]
        padding = dilation * (kernel.shape[2] // 2)
        return self.norm(name, F.conv2d(x, kernel, None, stride, padding, dilation))

    def rectified(self, name, x, dilation=1):
        return F.relu(self.conv(name, x, dilation=dilation))

    def scores(self, x, size):
        return resized(F.conv2d(x, self.p["to_classes.weight"], self.p["to_classes.bias"]), size)

    def stages(self, image, stride):
        x = F.max_pool2d(F.relu(self.conv("backbone.stem", image, 2)), 3, 2, 1)
        found, reached, dilation = [], 4, 1
        for stage in range(4):
            halves = stage > 0 and reached < stride
            reached *= 2 if halves else 1
            dilation *= 2 if stage > 0 and not halves else 1
            for block in range(2):
                name, step = f"backbone.stage_{stage}.block_{block}", 2 if halves and block == 0 else 1
                first = self.conv(name + ".first", x, step, 1 if step == 2 else dilation)
                second = self.conv(name + ".second", F.relu(first), 1, dilation)
                kept = self.conv(name + ".shortcut", x, step) if name + ".shortcut.conv.weight" in self.p else x
                x = F.relu(kept + second)
            found.append(x)
        return found


def resized(x, size):
    return F.interpolate(x, size=tuple(size), mode="bilinear", align_corners=False)


def pspnet(p, image, training):
    net = Net(p, training)
    deep = net.stages(image, 8)[-1]
    pyramid = [net.rectified(f"pyramid_{n}", F.adaptive_avg_pool2d(deep, n)) for n in (1, 2, 3, 6)]
    x = net.rectified("merged", torch.cat([deep] + [resized(x, deep.shape[2:]) for x in pyramid], 1))
    return net.scores(x, image.shape[2:])


def deeplabv3plus(p, image, training):
    net = Net(p, training)
    found = net.stages(image, 16)
    shallow, deep = found[0], found[-1]
    seen = [net.rectified("seen_1", deep)] + [net.rectified(f"seen_{d}", deep, d) for d in (6, 12, 18)]
    seen.append(resized(net.rectified("image", F.adaptive_avg_pool2d(deep, 1)), deep.shape[2:]))
    x = resized(net.rectified("joined", torch.cat(seen, 1)), shallow.shape[2:])
    x = net.rectified("refined_0", torch.cat([x, net.rectified("shallow", shallow)], 1))
    return net.scores(net.rectified("refined_1", x), image.shape[2:])


HEADS, REDUCTIONS = (1, 2, 5, 8), (8, 4, 2, 1)


def segformer(p, image, training):
    def linear(name, x):
        return F.linear(x, p[name + ".weight"], p[name + ".bias"])

    def norm(name, x):
        return F.layer_norm(x, x.shape[-1:], p[name + ".weight"], p[name + ".bias"], 1e-6)

    def conv(name, x, **more):
        return F.conv2d(x, p[name + ".weight"], p[name + ".bias"], **more)

    def tokens(x):
        return x.flatten(2).transpose(1, 2)

    x, read = image, []
    for stage in range(4):
        s = f"stage_{stage}."
        x = conv(s + "patches", x, stride=4 if stage == 0 else 2, padding=3 if stage == 0 else 1)
        (b, c, h, w), heads = x.shape, HEADS[stage]
        x = norm(s + "patches_norm", tokens(x))
        for block in range(2):
            name = f"{s}block_{block}"
            query = seen = norm(name + ".attention_norm", x)
            if REDUCTIONS[stage] > 1:
                coarse = conv(name + ".reduced", seen.transpose(1, 2).reshape(b, c, h, w), stride=REDUCTIONS[stage])
                seen = norm(name + ".reduced_norm", tokens(coarse))
            q, k, v = (linear(f"{name}.attention.{part}", y).reshape(b, -1, heads, c // heads).transpose(1, 2)
                       for part, y in (("query", query), ("key", seen), ("value", seen)))
            attended = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, -1, c)
            x = x + linear(name + ".attention.out", attended)
            wide = linear(name + ".mixing.widen", norm(name + ".mixing_norm", x))
            wide = conv(name + ".mixing.depthwise", wide.transpose(1, 2).reshape(b, 4 * c, h, w), padding=1, groups=4 * c)
            x = x + linear(name + ".mixing.narrow", F.gelu(tokens(wide)))
        x = norm(s + "norm", x)
        narrow = linear(s + "joined", x).transpose(1, 2).reshape(b, -1, h, w)
        x = x.transpose(1, 2).reshape(b, c, h, w)
        read.insert(0, narrow if stage == 0 else resized(narrow, read[-1].shape[2:]))
    net = Net(p, training)
    return net.scores(net.rectified("fused", torch.cat(read, 1)), image.shape[2:])
