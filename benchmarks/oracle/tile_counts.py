"""Counts what tiling a folder of labelled scenes should give, without any Landloom code.

Only Pillow and NumPy: they read the files, this counts patches and pixels. Prints JSON with the
number of patches (all, kept, dropped), the pixels of each class over kept and over all patches, the
same for every scene, and the sum of the samples of the kept patches of each band.

    python tile_counts.py --images SCENES --labels LABELS --scheme ../../conf/schemes/gid15.conf \\
        --coding mtl15 --patch 224 > counts.json

Exit status: 0 with the counts, 1 with one line on what cannot be counted.
"""

import argparse
import json
import re
import sys
from pathlib import Path

import numpy as np
from PIL import Image

EXTENSIONS = {".tif", ".tiff", ".png", ".jpg", ".jpeg"}
OFF_PALETTE = -1
Image.MAX_IMAGE_PIXELS = 1 << 30


class Refused(Exception):
    """Input that cannot be counted; the message says which and why."""


class Scheme:
    """The classes of a scheme file: index, name and colours, and the numeric codings."""

    def __init__(self, path):
        text = re.sub(r"(?m)^\s*#.*$", "", Path(path).read_text(encoding="utf-8"))
        self.name = self._one(r"(?m)^name\s*=\s*\"?([\w-]+)", text, path)
        self.unknown = int(self._one(r"(?m)^unknown\s*=\s*(\d+)", text, path))
        self.classes = []
        self.index_of_color = {}
        for entry in re.findall(r"\{([^{}]*\bindex\s*=[^{}]*)\}", text):
            index = int(self._one(r"\bindex\s*=\s*(\d+)", entry, path))
            self.classes.append((index, self._one(r'\bname\s*=\s*"([^"]+)"', entry, path)))
            for color in re.findall(r"#([0-9A-Fa-f]{6})", entry):
                self.index_of_color[int(color, 16)] = index
        codings = re.search(r"(?ms)^codings\s*\{(.*)^\}", text)
        self.codings = {"index": {index: index for index, _ in self.classes}}
        for name, body in re.findall(r"(\w+)\s*\{([^{}]*)\}", codings.group(1) if codings else ""):
            pairs = re.findall(r"(\d+)\s*=\s*(\d+)", body)
            self.codings[name] = {int(code): int(index) for code, index in pairs}
        if len(self.classes) < 2:
            raise Refused(f"{path}: found {len(self.classes)} classes")

    @staticmethod
    def _one(pattern, text, path):
        found = re.search(pattern, text)
        if not found:
            raise Refused(f"{path}: nothing matches {pattern}")
        return found.group(1)


def files(folder):
    """Image files by relative path without extension; names with a leading . or _ are skipped."""
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        relative = path.relative_to(folder)
        skipped = any(part.startswith((".", "_")) for part in relative.parts)
        if skipped or path.suffix.lower() not in EXTENSIONS or not path.is_file():
            continue
        stem = relative.with_suffix("").as_posix()
        if stem in found:
            raise Refused(f"{found[stem]} and {path} are both {stem}")
        found[stem] = path
    if not found:
        raise Refused(f"{folder}: no image in it")
    return found


def samples(path):
    """(height, width, bands) of an 8-bit gray or RGB image; palettes become RGB."""
    with Image.open(path) as image:
        if image.mode not in ("L", "P", "RGB"):
            raise Refused(f"{path}: mode {image.mode}; 8-bit gray, palette and RGB are read")
        pixels = np.asarray(image.convert("RGB") if image.mode == "P" else image)
    return pixels[:, :, None] if pixels.ndim == 2 else pixels


def lossless(path):
    with Image.open(path) as image:
        return image.format != "JPEG" and image.info.get("compression") not in ("jpeg", "tiff_jpeg")


def label_indices(path, scheme, coding, off_palette):
    """(height, width) class indices of a label file."""
    with Image.open(path) as image:
        if image.format == "JPEG":
            raise Refused(f"{path}: a JPEG changes label values")
        if image.mode not in ("L", "P", "RGB"):
            raise Refused(f"{path}: mode {image.mode}; 8-bit gray, palette and RGB are read")
        colored = image.mode in ("P", "RGB")
        by_color = colored if coding == "auto" else coding == "color"
        if by_color and not colored or not by_color and image.mode == "RGB":
            raise Refused(f"{path}: mode {image.mode} does not hold labels coded by {coding}")
        if by_color:
            rgb = np.asarray(image.convert("RGB")).astype(np.int64)
            values = rgb[:, :, 0] << 16 | rgb[:, :, 1] << 8 | rgb[:, :, 2]
            known = scheme.index_of_color
        else:
            values = np.asarray(image).astype(np.int64)
            known = scheme.codings["index" if coding == "auto" else coding]
    indices = np.full(values.shape, OFF_PALETTE, dtype=np.int64)
    for value, index in known.items():
        indices[values == value] = index
    off = indices == OFF_PALETTE
    if off.any():
        if off_palette == "fail":
            strange, counts = np.unique(values[off], return_counts=True)
            most = sorted(zip(counts, strange), reverse=True)[:5]
            shown = ", ".join(f"{v:06X} x {n}" if by_color else f"{v} x {n}" for n, v in most)
            raise Refused(f"{path}: {off.sum()} pixels that {scheme.name} does not know: {shown}")
        indices[off] = scheme.unknown
    return indices


def scene_counts(image, labels, scheme, options):
    """Counts of one scene: patches that lie wholly inside it, from the upper left corner."""
    height, width = labels.shape
    size, stride = options.patch, options.stride
    counts = {"all": 0, "kept": 0}
    over_all = np.zeros(256, dtype=np.int64)
    over_kept = np.zeros(256, dtype=np.int64)
    sums = np.zeros(image.shape[2], dtype=np.int64)
    for y in range(0, height - size + 1, stride):
        for x in range(0, width - size + 1, stride):
            pixels = np.bincount(labels[y : y + size, x : x + size].ravel(), minlength=256)
            counts["all"] += 1
            over_all += pixels
            if pixels[scheme.unknown] / (size * size) <= options.max_unknown:
                counts["kept"] += 1
                over_kept += pixels
                patch = image[y : y + size, x : x + size]
                sums += patch.sum(axis=(0, 1), dtype=np.int64)
    counts["dropped"] = counts["all"] - counts["kept"]
    return counts, over_all, over_kept, sums


def count(options):
    scheme = Scheme(options.scheme)
    if options.coding not in ("auto", "color") and options.coding not in scheme.codings:
        raise Refused(f"scheme {scheme.name} has no coding {options.coding}")
    images, labels = files(options.images), files(options.labels)
    missing = sorted(set(images) - set(labels))
    if missing:
        raise Refused(f"{len(missing)} of {len(images)} scenes have no label: {missing[:3]}")

    totals = {"all": 0, "kept": 0, "dropped": 0}
    over_all = np.zeros(256, dtype=np.int64)
    over_kept = np.zeros(256, dtype=np.int64)
    sums, exact, scenes, sizes = None, True, {}, {}
    for stem, path in images.items():
        image = samples(path)
        indices = label_indices(labels[stem], scheme, options.coding, options.off_palette)
        if image.shape[:2] != indices.shape:
            raise Refused(f"{path} is {image.shape[:2]}, its label is {indices.shape}")
        counts, scene_all, scene_kept, scene_sums = scene_counts(image, indices, scheme, options)
        totals = {key: totals[key] + counts[key] for key in totals}
        over_all += scene_all
        over_kept += scene_kept
        sums = scene_sums if sums is None else sums + scene_sums
        exact = exact and lossless(path)
        size = f"{image.shape[1]} x {image.shape[0]}"
        sizes[size] = sizes.get(size, 0) + 1
        scenes[stem] = {
            "size": [image.shape[1], image.shape[0]],
            "patches": counts,
            "pixels": {
                "kept": [int(scene_kept[index]) for index, _ in scheme.classes],
                "all": [int(scene_all[index]) for index, _ in scheme.classes],
            },
        }
    return {
        "scheme": scheme.name,
        "coding": options.coding,
        "patch": options.patch,
        "stride": options.stride,
        "max_unknown": options.max_unknown,
        "scenes": len(images),
        "scenes_without_a_patch": sum(s["patches"]["all"] == 0 for s in scenes.values()),
        "sizes": dict(sorted(sizes.items(), key=lambda item: -item[1])),
        "patches": totals,
        "classes": [
            {
                "index": index,
                "name": name,
                "pixels_kept": int(over_kept[index]),
                "pixels_all": int(over_all[index]),
            }
            for index, name in scheme.classes
        ],
        "image_sums_kept": [int(value) for value in sums],
        "images_lossless": exact,
        "by_scene": scenes,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--images", required=True, help="folder of scenes")
    parser.add_argument("--labels", required=True, help="folder of labels, same relative names")
    parser.add_argument("--scheme", required=True, help="scheme file")
    parser.add_argument("--coding", default="auto", help="auto, color, index or a coding's name")
    parser.add_argument("--off-palette", default="fail", choices=["fail", "unknown"])
    parser.add_argument("--patch", type=int, default=256, help="side of a patch, in pixels")
    parser.add_argument("--stride", type=int, default=0, help="0 means --patch")
    parser.add_argument("--max-unknown", type=float, default=0.8)
    options = parser.parse_args()
    options.stride = options.stride or options.patch
    try:
        counts = count(options)
    except (Refused, OSError) as e:
        print(e, file=sys.stderr)
        return 1
    json.dump(counts, sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
