"""Writes the resources that the tests of the measures compare with: python3 measures.py RESOURCES_DIRECTORY

Inputs go to measures.safetensors, what other libraries say of them to measures.json.
Needs numpy, scipy, scikit-learn, torch and safetensors.
"""
import json
import pathlib
import sys

import numpy as np
import scipy.linalg
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from scipy import ndimage, stats
from sklearn import decomposition, metrics, neighbors

import noise

INPUTS, EXPECTED = {}, {}


def confusion():
    """Segmentation measures, by scikit-learn. Class 3 is never predicted, class 4 never true."""
    rng = np.random.default_rng(1)
    truth = rng.choice([0, 1, 2, 3, 5], size=3000, p=[.5, .25, .1, .05, .1])  # 5 is unknown
    predicted = np.where(rng.random(3000) < .7, truth, rng.choice([0, 1, 2, 4], size=3000))
    predicted = np.where((predicted == 5) | (predicted == 3), 0, predicted)
    INPUTS["confusion.truth"] = truth.astype(np.float32)
    INPUTS["confusion.predicted"] = predicted.astype(np.float32)
    t, p = truth[truth < 5], predicted[truth < 5]
    seen, true = [0, 1, 2, 3, 4], [0, 1, 2, 3]
    ious = metrics.jaccard_score(t, p, labels=seen, average=None, zero_division=0)
    shares = np.bincount(t, minlength=5) / len(t)
    EXPECTED["confusion"] = {
        "matrix": metrics.confusion_matrix(t, p, labels=seen).ravel().tolist(),
        "iou": ious.tolist(),
        "meanIouSeen": metrics.jaccard_score(t, p, labels=seen, average="macro", zero_division=0),
        "meanIouTrue": metrics.jaccard_score(t, p, labels=true, average="macro", zero_division=0),
        "meanF1Seen": metrics.f1_score(t, p, labels=seen, average="macro", zero_division=0),
        "meanF1True": metrics.f1_score(t, p, labels=true, average="macro", zero_division=0),
        "frequencyWeightedIou": float((shares * ious).sum()),
        "weightedBySklearn": metrics.jaccard_score(t, p, labels=seen, average="weighted", zero_division=0),
        "accuracy": metrics.accuracy_score(t, p),
    }


def frechet_of(a, b):
    a, b = a.astype(np.float64), b.astype(np.float64)
    root = scipy.linalg.sqrtm(np.cov(a, rowvar=False) @ np.cov(b, rowvar=False))
    means = a.mean(0) - b.mean(0)
    return float(means @ means + np.trace(np.cov(a, rowvar=False) + np.cov(b, rowvar=False) - 2 * np.real(root)))


def vectors():
    """Distances between sets of vectors, by SciPy and scikit-learn."""
    rng = np.random.default_rng(2)
    mix = rng.normal(size=(10, 10)) / 3
    a = (rng.normal(size=(60, 10)) @ mix).astype(np.float32)
    b = (rng.normal(size=(50, 10)) @ mix * 1.2 + .3).astype(np.float32)
    few = rng.normal(size=(12, 30)).astype(np.float32)
    others = (rng.normal(size=(9, 30)) * 1.5 + .2).astype(np.float32)
    INPUTS.update({"vectors.a": a, "vectors.b": b, "vectors.few": few, "vectors.others": others})
    double_a, double_b = a.astype(np.float64), b.astype(np.float64)
    pca = decomposition.PCA(4).fit(double_a)
    scaled = (double_b - double_a.mean(0)) / double_a.std(0, ddof=1)
    per_dimension = (double_a.mean(0) - double_b.mean(0)) ** 2 + (double_a.std(0, ddof=1) - double_b.std(0, ddof=1)) ** 2
    kernel = {name: metrics.pairwise.polynomial_kernel(x, y, degree=3, gamma=1 / 10, coef0=1)
              for name, x, y in (("aa", double_a, double_a), ("bb", double_b, double_b), ("ab", double_a, double_b))}
    unbiased = ((kernel["aa"].sum() - np.trace(kernel["aa"])) / 60 / 59
                + (kernel["bb"].sum() - np.trace(kernel["bb"])) / 50 / 49 - 2 * kernel["ab"].mean())
    EXPECTED["vectors"] = {
        "frechetMany": frechet_of(a, b), "frechetFew": frechet_of(few, others),
        "perDimension": float(per_dimension.mean()),
        "principal": np.abs(pca.transform(double_b[:3])).ravel().tolist(),
        "share": float(pca.explained_variance_ratio_.sum()),
        "scaled": scaled[:3].ravel().tolist(), "kernel": float(1000 * unbiased)}
    real, fake, k = double_a[:40], double_b[:40], 5
    radii = {name: neighbors.NearestNeighbors(n_neighbors=k + 1).fit(x).kneighbors(x)[0][:, k]
             for name, x in (("real", real), ("fake", fake))}
    between = metrics.pairwise_distances(real, fake)
    EXPECTED["neighbourhoods"] = {
        "precision": float((between < radii["real"][:, None]).any(0).mean()),
        "recall": float((between < radii["fake"][None]).any(1).mean()),
        "density": float((between < radii["real"][:, None]).sum(0).mean() / k),
        "coverage": float((between.min(1) < radii["real"]).mean())}


KERNEL = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256


def laplacian(image, levels):
    """The pyramid of (H, W, bands) by SciPy's convolution; the last level is the rest."""
    pyramid, rest = [], image.astype(np.float64)
    for _ in range(levels - 1):
        halved = ndimage.convolve(rest, KERNEL[:, :, None], mode="mirror")[::2, ::2]
        sparse = np.zeros_like(rest)
        sparse[::2, ::2] = halved
        pyramid.append(rest - ndimage.convolve(sparse, 4 * KERNEL[:, :, None], mode="mirror"))
        rest = halved
    return pyramid + [rest]


def streamed(bound, words):
    return ((next(words) >> 32) * bound) >> 32


def pieces(images, level, levels, seed, name):
    rows = []
    for i, image in enumerate(images):
        cut = laplacian(image, levels)[level]
        words = noise.stream(["pieces of images", name], [seed, level, i])
        for _ in range(128):
            x, y = streamed(cut.shape[1] - 6, words), streamed(cut.shape[0] - 6, words)
            rows.append(cut[y:y + 7, x:x + 7].transpose(2, 0, 1).reshape(3, 49))
    rows = np.stack(rows)  # (N * 128, bands, 49)
    rows = (rows - rows.mean((0, 2), keepdims=True)) / rows.std((0, 2), keepdims=True)
    return rows.reshape(len(rows), -1)


def images():
    """The pyramid, the image statistics and the sliced Wasserstein distance, by SciPy."""
    rng = np.random.default_rng(3)
    sets = {}
    for name, blur in (("first", 1.0), ("second", 1.6)):
        smooth = ndimage.gaussian_filter(rng.normal(size=(6, 32, 48, 3)), (0, blur, blur, .5)) * 90 / blur + 120
        sets[name] = np.clip(np.round(smooth), 0, 255)
        INPUTS["images." + name] = sets[name]
    first = sets["first"][0]
    pyramid = laplacian(first, 4)
    EXPECTED["pyramid"] = {f"level{i}": level[:4, :5].ravel().tolist() for i, level in enumerate(pyramid)}
    colours = first.reshape(-1, 3)
    cov = np.cov(colours, rowvar=False, ddof=0)
    spread = np.sqrt(np.diag(cov) + 1 / 12)
    numbers = [*colours.mean(0), *colours.std(0), *(cov / np.outer(spread, spread))[np.triu_indices(3, 1)]]
    for level in pyramid[:3]:
        for band in range(3):
            energy = (level[..., band] ** 2).mean() + 1 / 12
            numbers += [np.log(energy), np.abs(level[..., band]).mean() / np.sqrt(energy)]
    EXPECTED["statistics"] = [float(x) for x in numbers]
    seed, distances = 11, []
    for level in range(2):  # sides of 32 and 16 pixels
        a, b = (pieces(sets[name], level, 2, seed, name) for name in ("first", "second"))
        normal = noise.normal(noise.stream(["directions of slices"], [seed, level]))
        slices = []
        for _ in range(512):
            # the stream's normals come in pairs, and a direction takes a whole number of them
            direction = np.array([next(normal) for _ in range(148)][:147])
            direction /= np.linalg.norm(direction)
            slices.append(stats.wasserstein_distance(a @ direction, b @ direction))
        distances.append(1000 * float(np.mean(slices)))
    EXPECTED["sliced"] = distances


def features():
    """Pooled vectors, the LPIPS form and its map, by PyTorch."""
    generator = torch.Generator().manual_seed(4)
    shapes = [(4, 8, 12), (6, 4, 6), (5, 2, 3)]
    maps = {name: [torch.randn(1, *shape, generator=generator).abs() for shape in shapes] for name in ("a", "b")}
    for name, layers in maps.items():
        for layer, tensor in enumerate(layers):
            INPUTS[f"features.{name}.{layer}"] = tensor[0].numpy()
    unit = {name: [x / (x.norm(dim=1, keepdim=True) + 1e-10) for x in layers] for name, layers in maps.items()}
    squares = [((x - y) ** 2).sum(1, keepdim=True) for x, y in zip(unit["a"], unit["b"])]
    enlarged = sum(F.interpolate(s, size=(16, 24), mode="bilinear", align_corners=False) for s in squares)
    style = [torch.cat([x.mean((2, 3)), x.std((2, 3), correction=0)], 1) for x in maps["a"]]
    EXPECTED["features"] = {
        "pooled": maps["a"][-1].mean((2, 3)).ravel().tolist(), "style": torch.cat(style, 1).ravel().tolist(),
        "distance": float(sum(s.mean() for s in squares)), "map": enlarged[0, 0].ravel().tolist()}
    rng = np.random.default_rng(5)
    region = ndimage.gaussian_filter(rng.normal(size=(16, 24)), 2) > .05
    INPUTS["region"] = region
    m = enlarged[0, 0].numpy()
    EXPECTED["region"] = {"inside": float(m[region].mean()), "outside": float(m[~region].mean()),
                          "away": (ndimage.distance_transform_edt(~region) ** 2).ravel().tolist()}


def scores():
    rng = np.random.default_rng(6)
    real, fake = np.round(rng.normal(.4, 1, 40), 1), np.round(rng.normal(0, 1, 30), 1)  # with ties
    INPUTS.update({"scores.real": real, "scores.fake": fake})
    EXPECTED["auc"] = metrics.roc_auc_score([1] * 40 + [0] * 30, np.concatenate([real, fake]).astype(np.float32))


def main(directory):
    for part in (confusion, vectors, images, features, scores):
        part()
    save_file({name: np.ascontiguousarray(a, dtype=np.float32) for name, a in INPUTS.items()},
              str(directory / "measures.safetensors"))
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in EXPECTED.items())
    (directory / "measures.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
