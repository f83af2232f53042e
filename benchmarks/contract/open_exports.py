"""Opens exports of a dataset with the tools they are for, and compares every pixel with the dataset.

    python open_exports.py DATASET EXPORTS

EXPORTS holds one folder a format, of the format's name, made with the default `export.indices`, from
a dataset of scheme gid15. Pillow, PyArrow and NumPy are needed. pycocotools, webdataset, DuckDB, torchgeo,
mmsegmentation and GDAL's commands are used where they are; what is not there is said, and the documented layout is
checked instead.

Exit status: 0 when all that was opened holds, 1 at the first that does not.
"""

import contextlib
import glob
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

import numpy
import PIL
import pyarrow
import pyarrow.ipc
import pyarrow.parquet
from PIL import Image


def check(holds, what):
    print(("ok    " if holds else "WRONG ") + what)
    if not holds:
        sys.exit(1)


def require(holds, what):
    if not holds:
        check(False, what)


def there(module):
    found = importlib.util.find_spec(module) is not None
    if not found:
        print(f"NOT HERE {module}: its documented layout is checked instead")
    return found


def safe(scene):
    kept = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    return "".join(chr(b) if chr(b) in kept else f"~{b:02X}" for b in scene.encode())


def stored(dataset):
    """(split, image, mask, transform) by the name in exports."""
    rows = {}
    for table in ("patches", "pairs"):
        for file in sorted(glob.glob(f"{dataset}/run_id=*/{table}/*.parquet")):
            for row in pyarrow.parquet.ParquetFile(file).read().to_pylist():
                name = f"{safe(row['scene_id'])}_r{row['row']}_c{row['col']}"
                name += f"_s{row['copy']}" if table == "pairs" else ""
                require(row["image_format"] == row["mask_format"] == "png", name)
                image = numpy.asarray(Image.open(io.BytesIO(row["image"]["bytes"])))
                mask = numpy.asarray(Image.open(io.BytesIO(row["mask"]["bytes"])))
                rows[name] = (row["split"], image, mask, row.get("transform"), row.get("crs"))
    return rows


def unknown255(mask):
    """What mmsegmentation's reduce_zero_label makes of a mask."""
    reduced = mask.copy()
    reduced[reduced == 0] = 255
    reduced = reduced - 1
    reduced[reduced == 254] = 255
    return reduced


def mmsegmentation(folder, rows):
    found = {}
    for split in ("train", "val", "test"):
        # as BaseSegDataset pairs them: all of img_dir, and in ann_dir the same name
        for image in sorted(glob.glob(f"{folder}/img_dir/{split}/*.png")):
            name = os.path.basename(image)[: -len(".png")]
            found[name] = split
            require((numpy.asarray(Image.open(image)) == rows[name][1]).all(), image)
            # LoadAnnotations reads by Pillow, without a conversion
            mask = numpy.asarray(Image.open(f"{folder}/ann_dir/{split}/{name}.png"))
            require((mask == unknown255(rows[name][2])).all(), f"mask of {name}")
    check(found == {name: row[0] for name, row in rows.items()}, f"mmsegmentation: {len(found)} pairs, pixels equal")
    classes = json.load(open(f"{folder}/classes.json"))
    check(
        len(classes["classes"]) == len(classes["palette"]) == 15 and not classes["reduce_zero_label"],
        "mmsegmentation: classes and palette of 15 for its metainfo",
    )


def torchgeo(folder, rows):
    count = 0
    for split in ("train", "val", "test"):
        for image in sorted(glob.glob(os.path.join(folder, "GID", "img_dir", split, "*.tif"))):
            name = os.path.basename(image)[: -len(".tif")]
            mask = image.replace("img_dir", "ann_dir").replace(".tif", "_15label.png")
            # as GID15 of torchgeo loads them: Pillow's conversions to RGB and to gray
            require((numpy.array(Image.open(image).convert("RGB")) == rows[name][1]).all(), image)
            require((numpy.array(Image.open(mask).convert("L")) == rows[name][2]).all(), mask)
            require(rows[name][0] == split, image)
            count += 1
    check(count == len(rows), f"torchgeo: {count} pairs as its GID15 loads them, pixels equal")


def coco(folder, rows):
    known = there("pycocotools")
    images = annotations = 0
    for split in ("train", "val", "test"):
        file = f"{folder}/annotations/stuff_{split}.json"
        if not known:
            require(json.load(open(file))["images"], file)
            continue
        from pycocotools.coco import COCO

        with contextlib.redirect_stdout(None):
            opened = COCO(file)
        for number, image in opened.imgs.items():
            name = image["file_name"][: -len(".png")]
            pixels = numpy.asarray(Image.open(f"{folder}/{split}/{image['file_name']}"))
            require((pixels == rows[name][1]).all() and rows[name][0] == split, name)
            mask = numpy.zeros((image["height"], image["width"]), numpy.uint8)
            for annotation in opened.loadAnns(opened.getAnnIds(imgIds=number)):
                shown = opened.annToMask(annotation).astype(bool)
                require(not mask[shown].any() and shown.sum() == annotation["area"], name)
                x, y, width, height = annotation["bbox"]
                ys, xs = numpy.nonzero(shown)
                box = (xs.min(), ys.min(), xs.max() - xs.min() + 1, ys.max() - ys.min() + 1)
                require(box == (x, y, width, height), f"{name}: {box}")
                mask[shown] = annotation["category_id"]
                annotations += 1
            require((mask == rows[name][2]).all(), f"mask of {name}")
            images += 1
    if known:
        check(images == len(rows), f"coco: pycocotools opens {images} images, {annotations} annotations, masks equal")


def webdataset(folder, rows):
    shards = sorted(glob.glob(f"{folder}/*.tar"))
    samples = {}
    for shard in shards:
        with tarfile.open(shard) as tar:
            for member in tar:
                key, extension = member.name.split(".", 1)
                samples.setdefault(key, {})[extension] = tar.extractfile(member).read()
                require(os.path.basename(shard).startswith(rows[key][0] + "-"), key)
    for key, sample in samples.items():
        require(list(sample) == ["image.png", "mask.png", "json"], f"{key}: {list(sample)}")
        require((numpy.asarray(Image.open(io.BytesIO(sample["image.png"]))) == rows[key][1]).all(), key)
        require((numpy.asarray(Image.open(io.BytesIO(sample["mask.png"]))) == rows[key][2]).all(), key)
        require(json.loads(sample["json"])["split"] == rows[key][0], key)
    check(samples.keys() == rows.keys(), f"webdataset: tarfile reads {len(samples)} samples in {len(shards)} shards, pixels equal")
    if there("webdataset"):
        import webdataset as wds

        count = sum(1 for _ in wds.WebDataset(shards, shardshuffle=False).decode("pil"))
        check(count == len(rows), f"webdataset: webdataset reads {count} samples")


def arrow(folder, rows):
    names = set()
    files = sorted(glob.glob(f"{folder}/*.arrow"))
    for file in files:
        with pyarrow.memory_map(file) as source:
            reader = pyarrow.ipc.open_file(source)
            for row in reader.read_all().to_pylist():
                name = row["image"]["path"][: -len(".png")]
                split, image, mask, transform, crs = rows[name]
                require(row["split"] == split and row["transform"] == transform and row["crs"] == crs, name)
                require((numpy.asarray(Image.open(io.BytesIO(row["image"]["bytes"]))) == image).all(), name)
                require((numpy.asarray(Image.open(io.BytesIO(row["mask"]["bytes"]))) == mask).all(), name)
                counts = numpy.bincount(mask.ravel(), minlength=16).tolist()
                require(row["class_pixels"] == counts, name)
                names.add(name)
    check(names == rows.keys(), f"arrow: PyArrow opens {len(files)} files, {len(names)} rows, pixels equal")
    if there("duckdb"):
        import duckdb

        exported = pyarrow.concat_tables([pyarrow.ipc.open_file(file).read_all() for file in files])
        counts = duckdb.sql("SELECT count(*), sum(list_sum(class_pixels)) FROM exported").fetchone()
        pixels = sum(row[2].size for row in rows.values())
        check(counts == (len(rows), pixels), f"arrow: DuckDB counts {counts[0]} rows and {counts[1]} pixels")


def geotiff(folder, rows):
    if shutil.which("gdal_translate") is None:
        print("NOT HERE gdal_translate: the GeoTIFFs were not opened by GDAL")
        return
    placed = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name, (split, image, mask, transform, crs) in rows.items():
            for part, pixels in (("images", image), ("masks", mask)):
                file = f"{folder}/{part}/{split}/{name}.tif"
                raw = os.path.join(scratch, "raw")
                said = subprocess.run(
                    ["gdal_translate", "-q", "-of", "ENVI", "-co", "INTERLEAVE=BIP", file, raw], capture_output=True
                )
                require(said.returncode == 0 and not said.stderr, f"{file}: {said.stderr.decode()}")
                require((numpy.fromfile(raw, numpy.uint8) == pixels.ravel()).all(), file)
                told = json.loads(subprocess.run(["gdalinfo", "-json", file], capture_output=True, check=True).stdout)
                if transform is None:
                    require("geoTransform" not in told, f"{file} is placed")
                else:
                    require(numpy.allclose(told["geoTransform"], transform, rtol=0, atol=1e-9), file)
                    require(crs.split(":")[1] in told["coordinateSystem"]["wkt"], file)
                    placed += 1
                if part == "masks":
                    require(told["bands"][0]["colorInterpretation"] == "Palette", file)
                    require(told["bands"][0]["colorTable"]["entries"][1] == [200, 0, 0, 255], file)
    check(True, f"geotiff: GDAL opens {2 * len(rows)} files, {placed} placed as the patches are, pixels equal")


def main(dataset, exports):
    print(", ".join(f"{module.__name__} {module.__version__}" for module in (numpy, PIL, pyarrow)))
    if shutil.which("gdalinfo"):
        print(subprocess.run(["gdalinfo", "--version"], capture_output=True, text=True).stdout.strip())
    rows = stored(dataset)
    print(f"{len(rows)} patches and pairs")
    for tool in ("mmseg", "torchgeo"):
        there(tool)
    for open_export in (mmsegmentation, torchgeo, coco, webdataset, arrow, geotiff):
        open_export(f"{exports}/{open_export.__name__}", rows)


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2].rstrip("/"))
