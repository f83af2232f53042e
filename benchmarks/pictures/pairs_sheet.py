#!/usr/bin/env python3
"""Draws real | mask | synthetic rows of a dataset as one PNG.

    pairs_sheet.py DATASET OUT.png CONDITION...   e.g. landloom-demo pairs.png scene-0000/7/5

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


def sheet(triples, across):
    size = triples[0][0].width
    down = -(-len(triples) // across)
    width = across * (3 * size + 2 * GAP) + (across - 1) * 4 * GAP
    image = Image.new("RGB", (width, down * size + (down - 1) * GAP), "white")
    for i, triple in enumerate(triples):
        for k, picture in enumerate(triple):
            x = (i % across) * (3 * size + 6 * GAP) + k * (size + GAP)
            image.paste(picture, (x, (i // across) * (size + GAP)))
    return image


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sheet(rows(sys.argv[1], sys.argv[3:]), 2).save(sys.argv[2], optimize=True)
