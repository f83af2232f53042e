"""What do features tell at once? probe.py DATASET [--labels SHARE] [--draws N] FEATURES_RUN...

Reads the maps that `features` wrote of a dataset's patches, takes some pixels of every patch, and reads their classes off them by
ridge regression: of the numbers themselves (linear), and with a random hidden layer between (hidden). Learns from SHARE of the patches
of train (default 1), and prints the mean IoU on those of val, the mean of N draws (default 3), for all maps of a run, for each signal
and for each block, and for all maps beside the patch's own colours (of the pixel, around it and of the patch, through a random hidden
layer). Takes seconds where a head takes minutes. The ridge is the one that is best on val, so it is for comparing models and choices,
not for results.

Needs numpy, pillow and pyarrow. The largest choice is held in memory: about 1 GB for 500 patches of 128 pixels and 12 maps of size cpu.
"""
import argparse
import io
import pathlib

import numpy
import pyarrow.parquet as parquet
from PIL import Image

PIXELS = 150  # of a patch
AROUND = 4  # pixels to each side
HIDDEN = 800
RIDGES = (1e-3, 1e-2, 1e-1)  # the best is taken, for all alike


def patches(root):
    """Split and mask of every patch, by its key."""
    found = {}
    for path in sorted(root.glob("run_id=tile-*/patches/*.parquet")):
        for row in parquet.read_table(path, columns=["scene_id", "row", "col", "split", "mask"]).to_pylist():
            key = row["scene_id"], row["row"], row["col"]
            found[key] = row["split"], numpy.array(Image.open(io.BytesIO(row["mask"]["bytes"])))
    return found


def colours(root, chosen):
    """A random hidden layer (pixels, HIDDEN) over the colours of the chosen pixels, around them and of their patches."""
    found = {}
    for path in sorted(root.glob("run_id=tile-*/patches/*.parquet")):
        for row in parquet.read_table(path, columns=["scene_id", "row", "col", "image"]).to_pylist():
            key = row["scene_id"], row["row"], row["col"]
            image = numpy.array(Image.open(io.BytesIO(row["image"]["bytes"])), dtype=float)
            _, rows, columns, _ = chosen[key]
            wide = numpy.pad(image, ((AROUND, AROUND), (AROUND, AROUND), (0, 0)), mode="edge")
            window = range(2 * AROUND + 1)
            around = sum(wide[rows + y, columns + x] for y in window for x in window) / len(window) ** 2
            patch = numpy.repeat(image.mean((0, 1))[None], len(rows), 0)
            found[key] = numpy.concatenate([image[rows, columns], around, patch], 1)
    every = numpy.concatenate(list(found.values()))
    random = numpy.random.default_rng(1)
    weights = 1.5 * random.standard_normal((every.shape[1], HIDDEN)) / numpy.sqrt(every.shape[1])
    shift = random.standard_normal(HIDDEN)
    mean, deviation = every.mean(0), every.std(0)
    return {key: numpy.maximum((x - mean) / deviation @ weights + shift, 0) for key, x in found.items()}


def places(shape, rows, columns):
    """The corners of a map that lie around pixels of a mask, and what share of a pixel each has."""
    height, width, size = shape

    def along(pixels, cells):
        centre = numpy.clip((pixels + 0.5) * cells / size - 0.5, 0, cells - 1)
        low = centre.astype(int)
        return low, numpy.minimum(low + 1, cells - 1), centre - low

    top, bottom, down = along(rows, height)
    left, right, across = along(columns, width)
    return [
        (top, left, (1 - down) * (1 - across)),
        (top, right, (1 - down) * across),
        (bottom, left, down * (1 - across)),
        (bottom, right, down * across),
    ]


def features(run, chosen):
    """Features (pixels, channels) of the chosen pixels, by signal and block, by the key of their patch."""
    found = {}
    for path in sorted(run.glob("features/*.parquet")):
        for batch in parquet.ParquetFile(path).iter_batches(batch_size=64):
            for row in batch.to_pylist():
                key = row["scene_id"], row["row"], row["col"]
                _, rows, columns, size = chosen[key]
                shape = row["channels"], row["height"], row["width"]
                cells = numpy.frombuffer(row["values"], dtype=row["dtype"]).reshape(shape).astype(numpy.float32)
                values = sum(cells[:, y, x] * share for y, x, share in places((*shape[1:], size), rows, columns))
                found.setdefault(key, {})[round(row["signal"], 3), row["block"]] = values.T.astype(numpy.float32)
    return found


def intersection_over_union(truth, read):
    both = [(truth == k) & (read == k) for k in numpy.unique(truth)]
    either = [(truth == k) | (read == k) for k in numpy.unique(truth)]
    return numpy.mean([b.sum() / e.sum() for b, e in zip(both, either)])


def readout(learnt, classes, asked, truth):
    """The mean IoU of the best ridge."""
    learnt, asked = (numpy.concatenate([x, numpy.ones((len(x), 1))], 1) for x in (learnt, asked))
    squares, targets = learnt.T @ learnt, learnt.T @ (classes[:, None] == numpy.unique(classes))
    ious = []
    for ridge in RIDGES:
        weights = numpy.linalg.solve(squares + ridge * len(learnt) * numpy.eye(len(squares)), targets)
        ious.append(intersection_over_union(truth, numpy.unique(classes)[(asked @ weights).argmax(1)]))
    return max(ious)


def probe(maps, choice, chosen, splits, share, draw):
    """Mean IoU on val by what is learnt from a share of train, linear and with a hidden layer."""
    random = numpy.random.default_rng(draw)
    train = [key for key in maps if splits[key] == "train"]
    train = [train[i] for i in random.permutation(len(train))[: max(1, round(share * len(train)))]]

    def together(keys):
        values = numpy.concatenate([numpy.concatenate([maps[key][c] for c in choice], 1) for key in keys])
        classes = numpy.concatenate([chosen[key][0] for key in keys])
        return values[classes != 255], classes[classes != 255]

    learnt, classes = together(train)
    asked, truth = together([key for key in maps if splits[key] == "val"])
    mean, deviation = learnt.mean(0), learnt.std(0) + 1e-6
    learnt, asked = (learnt - mean) / deviation, (asked - mean) / deviation
    weights = 1.5 * random.standard_normal((learnt.shape[1], HIDDEN)) / numpy.sqrt(learnt.shape[1])
    shift = random.standard_normal(HIDDEN)
    wide = [numpy.concatenate([x, numpy.maximum(x @ weights + shift, 0)], 1) for x in (learnt, asked)]
    return readout(learnt, classes, asked, truth), readout(wide[0], classes, wide[1], truth)


def main(root, runs, share, draws):
    found = patches(root)
    random = numpy.random.default_rng(1)
    chosen, splits = {}, {}
    for key, (split, mask) in found.items():
        rows, columns = numpy.divmod(random.choice(mask.size, PIXELS, replace=False), mask.shape[1])
        chosen[key] = mask[rows, columns], rows, columns, len(mask)
        splits[key] = split
    own = colours(root, chosen)
    for name in runs:
        maps = features(root / f"run_id={name}", chosen)
        all_maps = sorted(next(iter(maps.values())))
        choices = {"all": all_maps}
        for signal in sorted({s for s, _ in all_maps}):
            choices[f"signal {signal}"] = [m for m in all_maps if m[0] == signal]
        for block in sorted({b for _, b in all_maps}):
            choices[f"block {block}"] = [m for m in all_maps if m[1] == block]
        for key in maps:
            maps[key]["colours"] = own[key]
        choices["colours alone"] = ["colours"]
        choices["all and colours"] = [*all_maps, "colours"]
        for what, choice in choices.items():
            ious = numpy.mean([probe(maps, choice, chosen, splits, share, draw) for draw in range(1, draws + 1)], 0)
            print(f"{name} {what}: linear {ious[0]:.3f}, hidden {ious[1]:.3f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("dataset", type=pathlib.Path)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--labels", type=float, default=1)
    parser.add_argument("--draws", type=int, default=3)
    given = parser.parse_args()
    main(given.dataset, given.runs, given.labels, given.draws)
