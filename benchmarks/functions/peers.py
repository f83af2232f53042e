"""Computes what the SQL functions do in Python and in DuckDB, on the same Parquet files, and prints all rates beside each other.

    python peers.py FOLDER RESULTS SCHEME.conf

FOLDER holds the tables that SqlFunctions made, RESULTS its rates. Rates are rows a second of CPU, of one thread, the best of three
rounds; DuckDB's are with its reading of the file, as Spark's are, and Pillow's and NumPy's without.
"""

import collections
import io
import re
import sys
import time

import duckdb
import numpy
import PIL
import pyarrow.parquet
from PIL import Image

ROUNDS = 3


def best(rows, work):
    work()
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return rows / min(seconds)


def pixels(png):
    return numpy.bincount(numpy.asarray(Image.open(io.BytesIO(png))).ravel(), minlength=256)


def png(image):
    out = io.BytesIO()
    image.save(out, "png", compress_level=1)
    return out.getvalue()


def color(mask):
    return png(Image.open(io.BytesIO(mask)).convert("RGB"))


def bands(image):
    red, green, blue = Image.open(io.BytesIO(image)).split()
    return png(Image.merge("RGB", (blue, green, red)))


def of_python(folder):
    table = pyarrow.parquet.read_table(f"{folder}/masks", columns=["mask", "image"]).slice(0, 500).to_pylist()
    masks = [row["mask"]["bytes"] for row in table]
    images = [row["image"]["bytes"] for row in table]
    rates = {
        "class_pixels": best(len(masks), lambda: [pixels(mask) for mask in masks]),
        "class_histogram of masks": best(len(masks), lambda: sum(pixels(mask) for mask in masks)),
        "mask_color": best(len(masks), lambda: [color(mask) for mask in masks]),
        "image_png of bands": best(len(images), lambda: [bands(image) for image in images]),
    }
    return rates


def of_duckdb(folder, names):
    connection = duckdb.connect(config={"threads": 1})
    counts = f"'{folder}/counts/*.parquet'"
    rows = connection.sql(f"SELECT count(*) FROM {counts}").fetchone()[0]
    # unknown is first in gid15
    shares = "list_transform(class_pixels[2:], lambda n: n / list_sum(class_pixels[2:]))"
    connection.sql(f"CREATE TABLE shares AS SELECT {shares} AS p FROM {counts}")
    classes = len(names) - 1
    error = f"100 * list_sum(list_transform(p, lambda x: abs(x - {1 / classes}))) / {classes}"
    sums = ", ".join(f"sum(class_pixels[{k + 1}])" for k in range(len(names)))
    called = "[" + ", ".join("'" + name.replace("'", "''") + "'" for name in names) + "]"

    def ask(query):
        return lambda: connection.sql(f"CREATE OR REPLACE TEMP TABLE answer AS {query}")

    return {
        "class_proportions": best(rows, ask(f"SELECT {shares} AS p FROM {counts}")),
        "class_histogram of counts": best(rows, ask(f"SELECT {sums} FROM {counts}")),
        "proportion_error": best(rows, ask(f"SELECT {error} AS e FROM shares")),
        "mcpe": best(rows, ask(f"SELECT avg({error}) AS e FROM shares")),
        "class_name": best(rows, ask(f"SELECT {called}[row % {classes} + 1] AS name FROM {counts}")),
    }


def main(folder, results, scheme):
    print(f"numpy {numpy.__version__}, Pillow {PIL.__version__}, duckdb {duckdb.__version__}")
    rates = collections.defaultdict(dict)
    for line in open(results):
        who, what, rate = line.rstrip("\n").split("\t")
        rates[what][who] = float(rate)
    names = re.findall(r'name\s*[=:]\s*"?([^",}\n]+?)"?\s*,\s*color', open(scheme).read())
    for who, found in (("Pillow", of_python(folder)), ("DuckDB", of_duckdb(folder, names))):
        for what, rate in found.items():
            rates[what]["peer"], rates[what]["name"] = rate, who
    print(f"{'':26} {'Spark SQL':>11} {'plain Java':>11} {'ratio':>6}  {'Python':>11} {'ratio':>6}  rows a second of CPU")
    for what, found in rates.items():
        line = f"{what:26} {found['spark']:11,.0f}"
        for who in ("java", "peer"):
            line += f" {found[who]:11,.0f} {found['spark'] / found[who]:6.2f} " if who in found else f" {'':>11} {'':>6} "
        print((line + " " + found.get("name", "")).rstrip())


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2], sys.argv[3])
