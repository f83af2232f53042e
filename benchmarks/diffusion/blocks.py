"""How much of an image's colour the principal components of blocks of pixels hold: blocks.py TILE_RUN [EDGE]

Components are of the training patches of a run of `tile`, errors of its validation patches: what a linear autoencoder with so many
latent channels would be off. Needs numpy, pyarrow, Pillow.
"""

import io
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
from PIL import Image


def patches(run):
    """Images of the splits, in the order of the files' names."""
    images = {"train": [], "val": []}
    for file in sorted(Path(run, "patches").glob("*.parquet")):
        table = parquet.read_table(file, columns=["split", "image"])
        for split, image in zip(table["split"].to_pylist(), table["image"].to_pylist()):
            if split in images:
                images[split].append(np.array(Image.open(io.BytesIO(image["bytes"]))))
    return {split: np.stack(some) for split, some in images.items()}


def blocks(images, edge):
    """(N, H, W, B) to (blocks, pixels times bands)."""
    count, rows, columns, bands = images.shape
    cut = images.astype(np.float64).reshape(count, rows // edge, edge, columns // edge, edge, bands)
    return cut.transpose(0, 1, 3, 2, 4, 5).reshape(-1, edge * edge * bands)


def colours(rows, bands):
    """Differences of the bands from their mean."""
    pixels = rows.reshape(-1, bands)
    return (pixels - pixels.mean(1, keepdims=True)).ravel()


def main(run, edge=4):
    images = patches(run)
    bands = images["val"].shape[3]
    some = np.random.default_rng(0).permutation(len(images["train"]))[:200]
    learnt = blocks(images["train"][some], edge)
    shown = blocks(images["val"][:200], edge)
    mean = learnt.mean(0)
    variances, axes = np.linalg.eigh(np.cov((learnt - mean).T))
    variances, axes = variances[::-1], axes[:, ::-1]
    real = colours(shown, bands)
    print("bands differ from their mean by %.2f grey levels" % np.abs(real).mean())
    print("components  share of variance  grey levels off  colours correlate")
    for count in (1, 2, 3, 4, 5, 6, 8, 12, 16):
        axis = axes[:, :count]
        back = (shown - mean) @ axis @ axis.T + mean
        correlation = np.corrcoef(colours(back, bands), real)[0, 1]
        share = variances[:count].sum() / variances.sum()
        print("%10d  %17.3f  %15.2f  %17.2f" % (count, share, np.abs(back - shown).mean(), correlation))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
