"""Compares the tables of a dataset with the counts of tile_counts.py, exactly.

Reads `patch_classes` and `patches` as an analyst would (DuckDB and PyArrow), decodes every stored
image and mask with Pillow, and opens every table with pandas and DuckDB. Sums of the image samples
are compared where the scenes are lossless: two JPEG decoders may differ by a level or two.

    python compare_tables.py DATASET counts.json

Exit status: 0 when all agree, 1 with the differences marked.
"""

import argparse
import io
import json
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from PIL import Image


class Comparison:
    """Prints each figure of both sides and remembers whether one differed."""

    def __init__(self):
        self.differences = 0

    def row(self, what, tables, oracle):
        same = tables == oracle
        self.differences += not same
        print(f"{what:<44} {tables!s:>20} {oracle!s:>20}  {'' if same else '<-- differs'}")


def table_files(dataset, name):
    return sorted(str(path) for path in dataset.glob(f"run_id=*/{name}/*.parquet"))


def compare_patch_classes(dataset, oracle, comparison):
    db = duckdb.connect()
    files = table_files(dataset, "patch_classes")
    db.execute(f"CREATE VIEW classes AS SELECT * FROM read_parquet({files!r})")
    patches = db.execute(
        """
        SELECT count(*), count(*) FILTER (kept), count(*) FILTER (NOT kept)
        FROM (SELECT DISTINCT scene_id, "row", col, kept FROM classes)
        """
    ).fetchone()
    for key, count in zip(("all", "kept", "dropped"), patches):
        comparison.row(f"patch_classes: patches {key}", count, oracle["patches"][key])
    pixels = {
        index: (name, int(kept), int(every))
        for index, name, kept, every in db.execute(
            """
            SELECT class_index, class_name,
                   coalesce(sum(pixels) FILTER (kept), 0), sum(pixels)
            FROM classes GROUP BY ALL
            """
        ).fetchall()
    }
    comparison.row("patch_classes: classes", len(pixels), len(oracle["classes"]))
    for entry in oracle["classes"]:
        name, kept, every = pixels.get(entry["index"], (None, None, None))
        what = f"patch_classes: {entry['index']} {entry['name']}"
        if name != entry["name"]:
            comparison.row(f"{what}, name", name, entry["name"])
        comparison.row(f"{what}, kept", kept, entry["pixels_kept"])
        comparison.row(f"{what}, all", every, entry["pixels_all"])
    compare_scenes(db, oracle, comparison)


def compare_scenes(db, oracle, comparison):
    found = {}
    for scene, index, every, kept in db.execute(
        """
        SELECT scene_id, class_index, sum(pixels)::BIGINT,
               coalesce(sum(pixels) FILTER (kept), 0)::BIGINT
        FROM classes GROUP BY ALL
        """
    ).fetchall():
        found.setdefault(scene, {})[index] = (every, kept)
    order = [entry["index"] for entry in oracle["classes"]]
    wrong = []
    for scene, counts in oracle["by_scene"].items():
        if counts["patches"]["all"] == 0:
            expected = None
        else:
            pairs = zip(counts["pixels"]["all"], counts["pixels"]["kept"])
            expected = dict(zip(order, pairs))
        if found.pop(scene, None) != expected:
            wrong.append(scene)
    comparison.row("patch_classes: scenes that differ", len(wrong), 0)
    comparison.row("patch_classes: scenes only there", len(found), 0)
    for scene in (wrong + list(found))[:5]:
        print(f"  {scene}")


def compare_patches(dataset, oracle, comparison):
    order = [entry["index"] for entry in oracle["classes"]]
    columns = ["scene_id", "row", "col", "image", "mask", "class_pixels", "width", "height"]
    rows, keys, sums = 0, set(), 0
    stated = np.zeros(len(order), dtype=np.int64)
    decoded = np.zeros(256, dtype=np.int64)
    disagreeing, odd_sizes = 0, 0
    for path in table_files(dataset, "patches"):
        for batch in pq.ParquetFile(path).iter_batches(batch_size=64, columns=columns):
            for row in batch.to_pylist():
                rows += 1
                keys.add((row["scene_id"], row["row"], row["col"]))
                mask = np.asarray(Image.open(io.BytesIO(row["mask"]["bytes"])))
                image = np.asarray(Image.open(io.BytesIO(row["image"]["bytes"])))
                image = image[:, :, None] if image.ndim == 2 else image
                pixels = np.bincount(mask.ravel(), minlength=256)
                decoded += pixels
                stated += np.array(row["class_pixels"])
                disagreeing += [int(pixels[i]) for i in order] != row["class_pixels"]
                side = (oracle["patch"], oracle["patch"])
                stated_side = (row["height"], row["width"])
                odd_sizes += not (mask.shape == image.shape[:2] == stated_side == side)
                sums = sums + image.sum(axis=(0, 1), dtype=np.int64)
    comparison.row("patches: rows", rows, oracle["patches"]["kept"])
    comparison.row("patches: different keys", len(keys), oracle["patches"]["kept"])
    comparison.row("patches: masks unlike their class_pixels", disagreeing, 0)
    comparison.row("patches: sizes unlike the patch size", odd_sizes, 0)
    for position, entry in enumerate(oracle["classes"]):
        what = f"patches: {entry['index']} {entry['name']}"
        comparison.row(f"{what}, class_pixels", int(stated[position]), entry["pixels_kept"])
        comparison.row(f"{what}, masks", int(decoded[entry["index"]]), entry["pixels_kept"])
    compare_sums(np.atleast_1d(sums), oracle, comparison)


def compare_sums(sums, oracle, comparison):
    samples = oracle["patches"]["kept"] * oracle["patch"] ** 2
    for band, expected in enumerate(oracle["image_sums_kept"]):
        found = int(sums[band]) if band < len(sums) else None
        if oracle["images_lossless"] or found is None:
            comparison.row(f"patches: sum of band {band}", found, expected)
        else:
            mean = (found - expected) / max(1, samples)
            print(f"patches: band {band} of JPEG scenes, {mean:+.5f} levels from the oracle's mean")


def open_every_table(dataset, comparison):
    for folder in sorted(path for path in dataset.glob("run_id=*/*") if path.is_dir()):
        files = sorted(folder.glob("*.parquet"))
        if not files:
            continue
        by_pandas = sum(len(pd.read_parquet(file)) for file in files)
        names = [str(file) for file in files]
        by_duckdb = len(duckdb.sql(f"SELECT * FROM read_parquet({names!r})").fetchall())
        what = f"{folder.parent.name}/{folder.name}"
        print(f"{what}: pandas {pd.__version__} reads {by_pandas} rows,", end=" ")
        print(f"DuckDB {duckdb.__version__} {by_duckdb} rows, of {len(files)} files")
        if by_pandas != by_duckdb:
            comparison.row("rows by pandas and by DuckDB", by_pandas, by_duckdb)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dataset", type=Path, help="an output.root")
    parser.add_argument("counts", type=Path, help="JSON of tile_counts.py")
    options = parser.parse_args()
    for name in ("patches", "patch_classes"):
        if not table_files(options.dataset, name):
            print(f"{options.dataset}: no run_id=*/{name}/*.parquet", file=sys.stderr)
            return 1
    oracle = json.loads(options.counts.read_text(encoding="utf-8"))
    comparison = Comparison()
    print(f"{'':<44} {'tables':>20} {'oracle':>20}")
    compare_patch_classes(options.dataset, oracle, comparison)
    compare_patches(options.dataset, oracle, comparison)
    open_every_table(options.dataset, comparison)
    print("all agree" if comparison.differences == 0 else f"{comparison.differences} differences")
    return 0 if comparison.differences == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
