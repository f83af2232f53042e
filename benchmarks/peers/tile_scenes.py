"""Tiles scenes as a Python programmer in a hurry for speed would, and prints what it cost.

    tile_scenes.py READER STORE SCENES LABELS SCHEME OUT

READER is `rasterio` or `tifffile`, or `floor`: reads the files' bytes, copies them once and writes
nothing. STORE says how image and mask are kept in Parquet: `raw` (pixels as they are, zstd level 1),
`png1` (Pillow, level 1) or `huffman` (images with Pillow's Huffman-only strategy, that is Deflate without
a search for repetitions; masks at level 1, which is smaller and faster for them).

SCENES and LABELS are folders of GeoTIFFs of the same names, RGB and 8 bits, SCHEME is a scheme file
of Landloom. One process, one thread. The last line of output is JSON: CPU seconds of the work alone
(imports and the making of tables left out), patches and pixels by class.
"""

import io
import json
import os
import re
import resource
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.lib.stride_tricks import as_strided
from PIL import Image

SIDE = 256
PIXELS = SIDE * SIDE
GROUP = 100  # patches a row group
MOST_UNKNOWN = 0.8
OFF_PALETTE = 255
HUFFMAN_ONLY = 2  # zlib's number, as Pillow takes it

IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
PATCHES = pa.schema(
    [("scene_id", pa.string()), ("row", pa.int32()), ("col", pa.int32()),
     ("image", IMAGE), ("mask", IMAGE), ("class_pixels", pa.list_(pa.int64())),
     ("unknown_fraction", pa.float64())])
CLASSES = pa.schema(
    [("scene_id", pa.string()), ("row", pa.int32()), ("col", pa.int32()),
     ("class_index", pa.int32()), ("class_name", pa.string()), ("pixels", pa.int64()),
     ("proportion", pa.float64()), ("kept", pa.bool_())])


def scheme(file):
    """Class names and colours in the order of a scheme file whose unknown class is index 0."""
    entry = re.compile(r'index\s*=\s*(\d+)\s*,\s*name\s*=\s*"?([^",]+)"?\s*,\s*color\s*=\s*"?#([0-9A-Fa-f]{6})')
    found = [(int(i), name.strip(), int(color, 16)) for i, name, color in entry.findall(open(file).read())]
    if [index for index, _, _ in found] != list(range(len(found))) or not found:
        raise SystemExit(f"{file}: expected classes 0, 1, ... with name and color, found {found}")
    return [name for _, name, _ in found], [color for _, _, color in found]


class Decoder:
    """Colours to class indices by a table of all colours; strict."""

    def __init__(self, colors):
        # a pixel and the byte behind it are read as one little-endian number: 0x??BBGGRR
        self.table = np.full(1 << 24, OFF_PALETTE, np.uint8)
        for index, color in enumerate(colors):
            r, g, b = color >> 16, color >> 8 & 255, color & 255
            self.table[b << 16 | g << 8 | r] = index

    def __call__(self, flat, target):
        """flat: bytes of RGB pixels, with at least one more behind the last."""
        colors = as_strided(flat[:4].view("<u4"), (target.size,), (3,)) & 0xFFFFFF
        np.take(self.table, colors, out=target, mode="clip")
        if target.max() == OFF_PALETTE:
            raise SystemExit("a label holds colours that the scheme does not know")


def rows_rasterio(file):
    """Rows of patches (SIDE, width, 3); GDAL's own interleaving is slower than this."""
    import rasterio
    from rasterio.windows import Window
    with rasterio.open(file) as source:
        bands = np.empty((3, SIDE, source.width), np.uint8)
        for y in range(0, source.height - SIDE + 1, SIDE):
            source.read(window=Window(0, y, source.width, SIDE), out=bands)
            yield np.ascontiguousarray(bands.transpose(1, 2, 0))


def rows_tifffile(file):
    import tifffile
    image = tifffile.imread(file, maxworkers=1)
    for y in range(0, image.shape[0] - SIDE + 1, SIDE):
        yield image[y:y + SIDE]


def png(pixels, palette, **how):
    target = io.BytesIO()
    image = Image.fromarray(pixels)
    if palette is not None:
        image.putpalette(palette)
    image.save(target, "PNG", **how)
    return target.getvalue()


class Patches:
    """The patches file of one scene, a row group at a time."""

    def __init__(self, file, store, palette):
        self.store, self.palette = store, palette
        self.how = {"png1": {"compress_level": 1}, "huffman": {"compress_type": HUFFMAN_ONLY}}.get(store)
        self.writer = pq.ParquetWriter(
            file, PATCHES, compression="zstd" if store == "raw" else "none",
            compression_level=1 if store == "raw" else None,
            use_dictionary=["scene_id"], write_statistics=False)
        self.images = np.empty((GROUP, SIDE, SIDE, 3), np.uint8)
        self.masks = np.empty((GROUP, SIDE, SIDE), np.uint8)
        self.rows, self.encoded = [], []

    def add(self, scene, row, col, image, mask, counts, unknown):
        at = len(self.rows)
        self.rows.append((scene, row, col, counts, unknown))
        if self.store == "raw":
            self.images[at] = image
            self.masks[at] = mask
        else:
            self.encoded.append((png(image, None, **self.how), png(mask, self.palette, compress_level=1)))
        if at + 1 == GROUP:
            self.flush()

    def column(self, which, suffix):
        paths = pa.array([f"{s}/{r}/{c}{suffix}" for s, r, c, _, _ in self.rows], pa.string())
        if self.store == "raw":
            pixels = (self.images, self.masks)[which]
            count = len(self.rows)
            offsets = np.arange(count + 1, dtype=np.int32) * np.int32(pixels[0].size)
            content = pa.Array.from_buffers(
                pa.binary(), count, [None, pa.py_buffer(offsets), pa.py_buffer(pixels)])
        else:
            content = pa.array([pair[which] for pair in self.encoded], pa.binary())
        return pa.StructArray.from_arrays([content, paths], fields=list(IMAGE))

    def flush(self):
        if not self.rows:
            return
        scenes, rows, cols, counts, unknown = zip(*self.rows)
        table = pa.Table.from_arrays(
            [pa.array(scenes), pa.array(rows, pa.int32()), pa.array(cols, pa.int32()),
             self.column(0, ".png"), self.column(1, "_mask.png"),
             pa.array([c.tolist() for c in counts], pa.list_(pa.int64())),
             pa.array(unknown, pa.float64())], schema=PATCHES)
        self.writer.write_table(table, row_group_size=GROUP)
        self.rows, self.encoded = [], []

    def close(self):
        self.flush()
        self.writer.close()


def tile(scene, reader, store, scenes, labels, names, colors, decoder, out):
    rows = {"rasterio": rows_rasterio, "tifffile": rows_tifffile}[reader]
    palette = b"".join(color.to_bytes(3, "big") for color in colors)
    classes = len(names)
    patches = Patches(f"{out}/patches/{scene}.parquet", store, palette)
    counted, keys, total = [], [], np.zeros(classes, np.int64)
    flat = np.zeros(PIXELS * 3 + 1, np.uint8)
    mask = np.empty(PIXELS, np.uint8)
    bands = zip(rows(f"{scenes}/{scene}.tif"), rows(f"{labels}/{scene}.tif"))
    for row, (image, label) in enumerate(bands):
        for col in range(image.shape[1] // SIDE):
            x = col * SIDE
            flat[:-1].reshape(SIDE, SIDE, 3)[:] = label[:, x:x + SIDE]
            decoder(flat, mask)
            counts = np.bincount(mask, minlength=classes)
            unknown = counts[0] / PIXELS
            kept = unknown <= MOST_UNKNOWN
            counted.append(counts)
            keys.append((row, col, kept))
            if kept:
                total += counts
                patches.add(scene, row, col, image[:, x:x + SIDE], mask.reshape(SIDE, SIDE), counts, unknown)
    patches.close()
    write_classes(scene, np.array(counted), keys, names, f"{out}/patch_classes/{scene}.parquet")
    return sum(kept for _, _, kept in keys), total


def write_classes(scene, counts, keys, names, file):
    patches, classes = counts.shape
    valid = counts[:, 1:].sum(1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where((np.arange(classes) > 0) & (valid > 0), counts / valid, np.nan)
    rows, cols, kept = (np.repeat(np.array(part), classes) for part in zip(*keys))
    table = pa.Table.from_arrays(
        [pa.array([scene] * (patches * classes)), pa.array(rows, pa.int32()),
         pa.array(cols, pa.int32()), pa.array(np.tile(np.arange(classes), patches), pa.int32()),
         pa.array(names * patches), pa.array(counts.ravel(), pa.int64()),
         pa.array(shares.ravel(), pa.float64(), from_pandas=True), pa.array(kept, pa.bool_())],
        schema=CLASSES)
    pq.write_table(table, file, compression="zstd", compression_level=1)


def floor(folders, files):
    for folder in folders:
        for file in files:
            with open(f"{folder}/{file}", "rb") as source:
                held = np.fromfile(source, np.uint8)
            held.copy()


def cpu():
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def main(reader, store, scenes, labels, scheme_file, out):
    names, colors = scheme(scheme_file)
    decoder = Decoder(colors)
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    if reader != "floor":
        __import__(reader)
    for table in "patches", "patch_classes":
        os.makedirs(f"{out}/{table}")
    files = sorted(name for name in os.listdir(scenes) if name.endswith(".tif"))
    wall, spent = time.perf_counter(), cpu()
    if reader == "floor":
        floor((scenes, labels), files)
        results = []
    else:
        results = [tile(name[:-4], reader, store, scenes, labels, names, colors, decoder, out) for name in files]
    spent, wall = cpu() - spent, time.perf_counter() - wall
    written = sum(os.path.getsize(f"{folder}/{name}") for folder, _, found in os.walk(out) for name in found)
    print(json.dumps({
        "cpu": round(spent, 3), "wall": round(wall, 3), "scenes": len(files), "bytes": written,
        "kept": sum(int(kept) for kept, _ in results),
        "class_pixels": sum((total for _, total in results), np.zeros(len(names), np.int64)).tolist()}))


if __name__ == "__main__":
    if len(sys.argv) != 7:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
