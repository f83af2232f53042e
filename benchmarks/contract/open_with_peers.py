"""Opens the published files of a dataset, as they are, with GeoPandas, datasets, PyArrow and DuckDB.

Checks what each must see in `patches` (and `pairs` where there are any): rows, CRS and outlines, a
read by bounding box, columns that decode to images with the sizes and classes the row states, row
groups, footers.

    python open_with_peers.py DATASET

Exit status: 0 when all holds, 1 at the first check that does not.
"""

import glob
import io
import json
import sys
import tempfile

import datasets
import duckdb
import geopandas
import numpy
import pandas
import PIL
import pyarrow
import pyarrow.parquet
from PIL import Image


# as docs/ARCHITECTURE.md says of files of images; Hugging Face's viewer reads whole row groups
GROUP_ROWS = 100


def check(holds, what):
    print(("ok    " if holds else "WRONG ") + what)
    if not holds:
        sys.exit(1)


def check_footers(files):
    groups, longest, codecs = [], 0, set()
    for file in files:
        metadata = pyarrow.parquet.ParquetFile(file).metadata
        sizes = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
        groups += sizes
        if len(set(sizes[:-1])) > 1:
            check(False, f"{file}: row groups of {sizes} rows")
        for i in range(metadata.num_row_groups):
            longest = max(longest, metadata.row_group(i).total_byte_size)
            codecs.add(metadata.row_group(i).column(0).compression)
    check(
        max(groups, default=0) <= GROUP_ROWS and longest < 300e6,
        f"{len(groups)} row groups of at most {max(groups, default=0)} rows and {longest / 1e6:.1f} MB, {codecs}",
    )


def check_geopandas(files, placed):
    folder = files[0].rsplit("/", 1)[0]
    frame = geopandas.read_parquet(folder)
    check(str(frame.crs) == "OGC:CRS84", f"GeoPandas reads the folder: {len(frame)} rows, {frame.crs}")
    with_outline = frame[frame.geometry.notna()]
    check(len(with_outline) == (len(frame) if placed else 0), f"{len(with_outline)} rows have an outline")
    if not placed:
        return len(frame)
    box = with_outline.geometry.iloc[0].bounds
    inside = (box[0] + 1e-9, box[1] + 1e-9, box[2] - 1e-9, box[3] - 1e-9)
    some = geopandas.read_parquet(folder, bbox=inside, columns=["scene_id", "row", "col", "geometry"])
    touched = frame.cx[inside[0] : inside[2], inside[1] : inside[3]]
    check(0 < len(some) < len(frame), f"a box read gives {len(some)} of {len(frame)} rows")
    check(len(touched) == len(some), "and those that the outlines touch")
    bounds = frame.geometry.bounds
    column = pyarrow.parquet.read_table(folder, columns=["bbox"])["bbox"]
    stated = pandas.json_normalize(column.to_pylist())
    difference = numpy.abs(bounds.to_numpy() - stated[["xmin", "ymin", "xmax", "ymax"]].to_numpy()).max()
    check(difference == 0, "bbox holds the bounds of every outline")
    return len(frame)


def check_datasets(files, rows):
    with tempfile.TemporaryDirectory() as cache:
        loaded = datasets.load_dataset("parquet", data_files=files, split="train", cache_dir=cache)
        check(len(loaded) == rows, f"datasets loads {len(loaded)} rows of {len(loaded.features)} columns")
        formats = {column: loaded[0][column + "_format"] for column in ("image", "mask")}
        for column, stored in formats.items():
            is_image = isinstance(loaded.features[column], datasets.Image)
            check(is_image == (stored == "png"), f"{column}, stored as {stored}: {loaded.features[column]}")
        for row in loaded.select(range(0, rows, max(1, rows // 200))):
            if formats["image"] == "png":
                check_quietly(row["image"].size == (row["width"], row["height"]), row)
                check_quietly(len(row["image"].getbands()) == row["bands"], row)
            if formats["mask"] == "png":
                check_quietly(row["mask"].mode == "P", row)
                counts = numpy.bincount(numpy.asarray(row["mask"]).ravel(), minlength=256)
                stated = sorted(n for n in row["class_pixels"] if n)
                check_quietly(sorted(n for n in counts if n) == stated, row)
        if "png" in formats.values():
            print("ok    every sampled image decodes to what its row states")


def check_quietly(holds, row):
    if not holds:
        check(False, f"row {row['scene_id']}/{row['row']}/{row['col']}")


def check_raw(files):
    table = pyarrow.parquet.read_table(files[0]).slice(0, 20).to_pylist()
    for row in table:
        if row["image_format"] == "raw":
            pixels = numpy.frombuffer(row["image"]["bytes"], row["dtype"])
            check_quietly(pixels.size == row["height"] * row["width"] * row["bands"], row)
        if row["mask_format"] == "raw":
            counts = numpy.bincount(numpy.frombuffer(row["mask"]["bytes"], numpy.uint8))
            check_quietly(sorted(n for n in counts if n) == sorted(n for n in row["class_pixels"] if n), row)
        if row["image_format"] == "png":
            Image.open(io.BytesIO(row["image"]["bytes"])).verify()
    print("ok    PyArrow and NumPy read the pixels of the first rows")


def main(dataset):
    versions = (geopandas, datasets, pyarrow, duckdb, pandas, PIL)
    print(", ".join(f"{module.__name__} {module.__version__}" for module in versions))
    for table in ("patches", "pairs"):
        files = sorted(glob.glob(f"{dataset}/run_id=*/{table}/*.parquet"))
        if not files:
            continue
        print(f"{table}: {len(files)} files")
        check_footers(files)
        rows = duckdb.sql(f"SELECT count(*) FROM read_parquet({files})").fetchone()[0]
        keys = pyarrow.parquet.read_schema(files[0]).metadata
        if table == "patches":
            placed = "bbox" in json.loads(keys[b"geo"])["columns"]["geometry"]
            check(check_geopandas(files, placed) == rows, f"DuckDB and GeoPandas count {rows} rows")
        check_datasets(files, rows)
        check_raw(files)
    sums = duckdb.sql(
        f"""SELECT (SELECT sum(list_sum(class_pixels)) FROM '{dataset}/run_id=*/patches/*.parquet'),
                   (SELECT sum(pixels) FROM '{dataset}/run_id=*/patch_classes/*.parquet' WHERE kept)"""
    ).fetchone()
    check(sums[0] == sums[1], f"DuckDB sums {sums[0]} pixels in patches and in patch_classes")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
