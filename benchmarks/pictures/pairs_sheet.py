#!/usr/bin/env python3
"""Draws rows of a dataset as one PNG: real | mask | synthetic, or mask and all that was drawn for it.

    pairs_sheet.py DATASET OUT.png CONDITION...            e.g. landloom-demo pairs.png scene-0000/7/5
    pairs_sheet.py --copies DATASET OUT.png CONDITION...

Needs duckdb and pillow.
"""
import io
import sys

import duckdb
from PIL import Image

GAP = 6


def decode(png):
    return Image.open(io.BytesIO(png)).convert("RGB")


def rows(dataset, conditions):
    query = f"""
        SELECT q.condition, p.image.bytes, q.mask.bytes, q.image.bytes
        FROM read_parquet('{dataset}/run_id=*/pairs/*.parquet') q
        JOIN read_parquet('{dataset}/run_id=*/patches/*.parquet') p USING (scene_id, "row", col)
        WHERE q.copy = 0"""
    found = {row[0]: [decode(png) for png in row[1:]] for row in duckdb.sql(query).fetchall()}
    return [found[condition] for condition in conditions]


def copies(dataset, conditions):
    query = f"""
        SELECT condition, mask.bytes, image.bytes FROM read_parquet('{dataset}/run_id=*/pairs/*.parquet')
        ORDER BY condition, copy"""
    found = {}
    for condition, mask, image in duckdb.sql(query).fetchall():
        found.setdefault(condition, [decode(mask)]).append(decode(image))
    return [found[condition] for condition in conditions]


def sheet(groups, across):
    size = groups[0][0].width
    each = len(groups[0])
    down = -(-len(groups) // across)
    width = across * (each * (size + GAP) - GAP) + (across - 1) * 4 * GAP
    image = Image.new("RGB", (width, down * size + (down - 1) * GAP), "white")
    for i, group in enumerate(groups):
        for k, picture in enumerate(group):
            x = (i % across) * (each * (size + GAP) + 3 * GAP) + k * (size + GAP)
            image.paste(picture, (x, (i // across) * (size + GAP)))
    return image


if __name__ == "__main__":
    arguments = [one for one in sys.argv[1:] if one != "--copies"]
    if len(arguments) < 3:
        sys.exit(__doc__)
    dataset, out, *conditions = arguments
    groups = (copies if "--copies" in sys.argv else rows)(dataset, conditions)
    sheet(groups, 2).save(out, optimize=True)
