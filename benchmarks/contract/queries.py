"""Asks the README's queries of a dataset in Spark SQL, DuckDB and pandas, and compares every number.

    python queries.py DATASET README.md SPARK_RESULTS

The queries are the README's own ``sql`` blocks on the tables. DuckDB runs them as they are. SPARK_RESULTS is a folder of
JSON lines, one file a query, which `check-queries` had Spark write. For pandas each query is written
out here by hand. Rounded numbers are compared as they are printed, binary columns by their bytes' SHA-256.

Exit status: 0 when all agree, 1 at the first that does not.
"""

import base64
import glob
import hashlib
import json
import os
import re
import sys

import duckdb
import pandas
import pyarrow.parquet


def fail(what):
    print("WRONG " + what)
    sys.exit(1)


def queries(readme, dataset):
    """The README's queries on tables of the demo, by the table that they are first of."""
    found = {}
    for block in re.findall(r"```sql\n(.*?)```", readme, re.DOTALL):
        table = re.search(r"'landloom-demo/run_id=\*/(\w+)/\*\.parquet'", block)
        if table:
            name = table.group(1)
            while name in found:
                name += "_again"
            found[name] = block.replace("landloom-demo", dataset).rstrip().rstrip(";")
    return found


def table(dataset, name, columns=None):
    frames = []
    for file in sorted(glob.glob(f"{dataset}/run_id=*/{name}/*.parquet")):
        rows = pyarrow.parquet.ParquetFile(file).read(columns=columns).to_pylist()
        frame = pandas.DataFrame(rows)
        frame["run_id"] = file.split("run_id=")[1].split("/")[0]
        frames.append(frame)
    return pandas.concat(frames, ignore_index=True)


def in_pandas(dataset):
    """Each query again, by hand, as lists of rows."""
    shares = table(dataset, "class_proportions")
    shares["percent"] = (100 * shares["proportion"]).round(2)
    all_scenes = shares[(shares["split"] == "train") & shares["scene_id"].isna()]
    first = all_scenes[all_scenes["scope"] == "real"].sort_values("proportion", ascending=False, na_position="last")
    patches = table(dataset, "patches", ["scene_id", "row", "col", "split", "unknown_fraction", "image"])
    kept = patches.groupby(["run_id", "split"], as_index=False).agg(
        patches=("row", "size"), unknown=("unknown_fraction", "mean")
    )
    kept["unknown"] = kept["unknown"].round(3)
    classes = table(dataset, "patch_classes")
    dropped = classes.assign(
        k=classes["pixels"].where(classes["kept"]), d=classes["pixels"].where(~classes["kept"].astype(bool))
    )
    dropped = dropped.groupby("class_name", as_index=False).agg(
        kept=("k", lambda column: column.sum(min_count=1)), dropped=("d", lambda column: column.sum(min_count=1))
    )
    plan = table(dataset, "synthesis_plan")
    plan = plan.groupby(["run_id", "reason"], as_index=False).agg(masks=("copies", "size"), pairs=("copies", "sum"))
    pairs = table(dataset, "pairs", ["condition", "copy", "synthesizer", "patches_run", "scene_id", "row", "col", "image"])
    beside = pairs.merge(
        patches,
        left_on=["patches_run", "scene_id", "row", "col"],
        right_on=["run_id", "scene_id", "row", "col"],
        suffixes=("", "_real"),
    )
    beside["synthetic"] = beside["image"].map(lambda image: image["bytes"])
    beside["real"] = beside["image_real"].map(lambda image: image["bytes"])
    gates = table(dataset, "gate_decisions")
    gates = gates.groupby(["gate", "measure"], as_index=False).agg(
        draws=("accepted", "size"), rejected=("accepted", lambda column: int((~column.astype(bool)).sum())), least=("value", "min")
    )
    gates["least"] = gates["least"].round(3)
    drift = all_scenes.dropna(subset=["proportion"]).pivot(
        index=["class_index", "class_name"], columns="scope", values="proportion").reset_index()
    drift["drift"] = (100 * (drift["mixed"] - drift["real"])).round(2)
    drift[["real", "mixed"]] = (100 * drift[["real", "mixed"]]).round(2)
    by_run = table(dataset, "run_proportions")
    by_run = by_run[(by_run["split"] == "train") & by_run["proportion"].notna()]
    by_run = by_run.assign(percent=(100 * by_run["proportion"].astype(float)).round(2))
    # the table's own shares, subtracted again
    moved = table(dataset, "class_drift")
    moved = moved[(moved["split"] == "train") & moved["from_proportion"].notna() & moved["to_proportion"].notna()]
    was, became = 100 * moved["from_proportion"].astype(float), 100 * moved["to_proportion"].astype(float)
    moved = moved.assign(was=was.round(2), became=became.round(2), points=(became - was).round(2) + 0.0)
    return {
        "class_proportions": first[["class_name", "pixels", "percent", "patches_with_class"]],
        "patches": kept[["run_id", "split", "patches", "unknown"]],
        "patch_classes": dropped[["class_name", "kept", "dropped"]],
        "synthesis_plan": plan[["run_id", "reason", "masks", "pairs"]],
        "pairs": beside[["condition", "copy", "synthesizer", "synthetic", "real"]],
        "gate_decisions": gates[["gate", "measure", "draws", "rejected", "least"]],
        "class_proportions_again": all_scenes[["scope", "class_name", "patches", "percent"]],
        "class_proportions_again_again": drift[["class_name", "real", "mixed", "drift"]],
        "run_proportions": by_run[["scope", "source_run", "class_name", "patches", "pixels", "percent"]],
        "class_drift": moved[["from_scope", "from_run", "to_scope", "to_run", "class_name", "was", "became", "points"]],
    }


def plain(value):
    if value is None or value is pandas.NA or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, (bytes, bytearray)):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, (int, float)) or hasattr(value, "item"):
        return round(float(value), 9)
    return str(value)


def rows(values):
    """Rows in an order of their own: what the query leaves open must not decide."""
    return sorted((tuple(plain(value) for value in row) for row in values), key=repr)


def main(dataset, readme, spark):
    print(", ".join(f"{module.__name__} {module.__version__}" for module in (duckdb, pandas)))
    asked = queries(open(readme).read(), dataset)
    by_hand = in_pandas(dataset)
    if asked.keys() != by_hand.keys():
        fail(f"the README asks {list(asked)}, this script {list(by_hand)}")
    for name, query in asked.items():
        relation = duckdb.sql(query)
        columns = relation.columns
        from_duckdb = rows(relation.fetchall())
        from_pandas = rows(by_hand[name].itertuples(index=False))
        lines = []
        for file in sorted(glob.glob(os.path.join(spark, name, "*.json"))):
            lines += [json.loads(line) for line in open(file)]
        binary = {column for column, type in zip(columns, relation.types) if str(type) == "BLOB"}
        from_spark = rows(
            [base64.b64decode(line[column]) if column in binary else line.get(column) for column in columns]
            for line in lines
        )
        for other, answer in (("pandas", from_pandas), ("Spark SQL", from_spark)):
            if answer != from_duckdb:
                different = [pair for pair in zip(from_duckdb, answer) if pair[0] != pair[1]][:1]
                fail(f"{name}: DuckDB gives {len(from_duckdb)} rows, {other} {len(answer)}: {different}")
        print(f"ok    {name}: {len(from_duckdb)} rows x {len(columns)} columns, the same in DuckDB, pandas and Spark SQL")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2], sys.argv[3])
