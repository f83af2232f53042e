#!/usr/bin/env python3
"""Shows whether windows of `segment` leave seams: scene | labels without overlap | labels | uncertainty, as one PNG.

    seams_sheet.py SCENE LABELS_WITHOUT_OVERLAP LABELS OUT.png [LEFT,TOP,RIGHT,BOTTOM]

The labels are what `segment` writes of the scene, with segment.overlap = 0 and with its default; the uncertainty is that of the
latter, stretched from black, where it is least in the scene, to white, where it is most. Needs pillow.
"""
import pathlib
import sys

from PIL import Image, ImageOps

GAP = 6


def label(path):
    return Image.open(path).convert("RGB")


def main(scene, alone, blended, out, part=None):
    blended = pathlib.Path(blended)
    uncertainty = ImageOps.autocontrast(Image.open(blended.parent / "_uncertainty" / blended.name).convert("L"))
    columns = [Image.open(scene).convert("RGB"), label(alone), label(blended), uncertainty.convert("RGB")]
    if part:
        columns = [column.crop(tuple(map(int, part.split(",")))) for column in columns]
    width, height = columns[0].size
    sheet = Image.new("RGB", (len(columns) * (width + GAP) - GAP, height), "white")
    for i, column in enumerate(columns):
        sheet.paste(column, (i * (width + GAP), 0))
    sheet.save(out, optimize=True)


if __name__ == "__main__":
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    main(*sys.argv[1:])
