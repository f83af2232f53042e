"""Compares plans for targets with a linear program of its own over the same masks.

    plan_targets.py DATASET TARGETS

TARGETS is the file that PlannedTargets planned: a line a plan, its keys with tabs between. For each,
masks and counts are read from `patches`, and SciPy's HiGHS says whether the target can be met within
plan.eps by fractions of pairs. Then the published plan is counted: its pairs, its masks (labelled,
of the training split, at most plan.maxReuse times), the shares that real patches and planned pairs
have together, and its verdict. Shares no code with Landloom. Ends with 1 when a verdict or a count
differs, or a target that can be met is missed by more than a point on average.
"""

import glob
import json
import os
import sys

import numpy as np
import pandas as pd
from scipy.optimize import linprog

DEFAULTS = {"plan.eps": 0.01, "plan.maxReuse": 8, "mix.mode": "ratio"}


def masks_of(dataset):
    frames = []
    for file in sorted(glob.glob(f"{dataset}/run_id=tile-*/patches/*.parquet")):
        columns = ["scene_id", "row", "col", "split", "mask_source", "class_pixels"]
        frames.append(pd.read_parquet(file, columns=columns, partitioning=None))
    patches = pd.concat(frames)
    patches["condition"] = (
        patches.scene_id + "/" + patches.row.astype(str) + "/" + patches.col.astype(str)
    )
    train = patches[(patches.split == "train") & patches.mask_source.notna()]
    return patches, train.reset_index(drop=True)


def goal_of(text, names, real):
    """Wanted shares (NaN where free) and numbers of patches."""
    shares = np.full(len(names), np.nan)
    patches = np.zeros(len(names))
    shown = real > 0
    power = {"uniform": 0, "real": 1, "inverse-frequency": -1}
    if text in power:
        weights = real[shown].astype(float) ** power[text]
        shares[shown] = weights / weights.sum()
        return shares, patches
    for entry in text.split(","):
        if ">=" in entry:
            name, number = entry.split(">=")
            patches[names.index(name.strip())] = float(number)
        else:
            name, number = entry.split("=")
            shares[names.index(name.strip())] = float(number)
    return shares, patches


def program(counts, shares, patches, eps, reuse, pairs):
    """(least violation, pairs): of the linear program; without a number of pairs, the fewest."""
    n, classes = counts.shape
    valid = counts.sum(axis=1)
    real, total = counts.sum(axis=0), valid.sum()
    rows, bounds = [], []
    scale = total + (0 if pairs is None else pairs * valid.mean())
    for k in range(classes):
        if not np.isnan(shares[k]):
            there = real[k] - shares[k] * total
            each = counts[:, k] - shares[k] * valid
            for sign in (1, -1):
                rows.append((sign * each - eps * valid) / scale)
                bounds.append((eps * total - sign * there) / scale)
        if patches[k] > 0:
            rows.append(-(counts[:, k] > 0).astype(float) / patches[k])
            bounds.append((counts[:, k] > 0).sum() / patches[k] - 1)
    matrix = np.column_stack([np.array(rows), -np.ones(len(rows))])
    limits = [(0, reuse)] * n + [(0, None)]
    equal = {}
    if pairs is not None:
        equal = {"A_eq": np.array([[1.0] * n + [0.0]]), "b_eq": [pairs]}
    cost = np.zeros(n + 1)
    cost[-1] = 1
    first = linprog(cost, matrix, bounds, bounds=limits, method="highs", **equal)
    assert first.status == 0, first.message
    if pairs is not None or first.fun > 1e-7:
        return first.fun, first.x[:-1].sum()
    second = linprog(
        np.ones(n), matrix[:, :-1], bounds, bounds=[(0, reuse)] * n, method="highs"
    )
    assert second.status == 0, second.message
    return first.fun, second.fun


def published(dataset, keys):
    for file in glob.glob(f"{dataset}/run_id=plan-*/run.json"):
        run = json.load(open(file))
        config = run["config"]
        wanted = {"plan.alpha": None, "plan.count": None, **DEFAULTS, **keys}
        given = {**config["plan"], "mode": config["mix"]["mode"]}
        if all(
            str(given[key.split(".")[1]]) == str(value)
            or (value is not None and given[key.split(".")[1]] is not None and key not in
                ("plan.target", "mix.mode")
                and float(given[key.split(".")[1]]) == float(value))
            for key, value in wanted.items()
            if key.split(".")[1] in given
        ):
            return run, os.path.dirname(file)
    return None, None


def main(dataset, targets):
    patches, train = masks_of(dataset)
    scheme_order = json.load(open(glob.glob(f"{dataset}/run_id=plan-*/run.json")[0]))
    names = scheme_order["preview"]["classes"]
    classes = pd.concat(
        pd.read_parquet(f, columns=["class_index", "class_name"], partitioning=None)
        for f in glob.glob(f"{dataset}/run_id=tile-*/patch_classes/*.parquet")[:1]
    )
    order = list(dict.fromkeys(classes.class_name))
    places = [order.index(name) for name in names]
    counts = np.stack(train.class_pixels.to_numpy())[:, places].astype(float)
    print(f"{len(train)} training masks, {len(names)} classes")
    print(f"{'target':58} {'pairs':>6} {'LP':>10} {'plan':>10} {'worst':>6} {'mean':>6} {'LP worst':>8}")
    wrong = 0
    for line in open(targets):
        if not line.strip():
            continue
        keys = dict(part.split("=", 1) for part in line.rstrip("\n").split("\t"))
        eps = float(keys.get("plan.eps", DEFAULTS["plan.eps"]))
        reuse = int(keys.get("plan.maxReuse", DEFAULTS["plan.maxReuse"]))
        shares, least = goal_of(keys["plan.target"], names, counts.sum(axis=0))
        pairs = None
        if "plan.alpha" in keys:
            alpha = float(keys["plan.alpha"])
            alpha = alpha / (1 - alpha) if keys.get("mix.mode") == "share" else alpha
            pairs = int(np.floor(alpha * len(train) + 0.5))
        if "plan.count" in keys:
            pairs = int(keys["plan.count"])
        violation, fewest = program(counts, shares, least, eps, reuse, pairs)
        feasible = violation <= 1e-5
        run, folder = published(dataset, keys)
        if run is None:
            says, ok = False, pairs is None and not feasible
            shown = ("-", float("nan"), float("nan"))
        else:
            rows = pd.concat(
                pd.read_parquet(f, partitioning=None)
                for f in glob.glob(f"{folder}/synthesis_plan/*.parquet")
            )
            at = train.set_index("condition").index.get_indexer(rows.condition)
            used = np.zeros(len(train))
            used[at] = rows.copies
            mixed = counts.sum(axis=0) + used @ counts
            mixed = mixed / mixed.sum()
            there = (counts > 0).sum(axis=0) + used @ (counts > 0)
            wanted = ~np.isnan(shares)
            miss = np.abs(mixed - shares)[wanted] if wanted.any() else np.zeros(1)
            says = run["target"]["feasible"]
            ok = (
                (at >= 0).all()
                and rows.condition.is_unique
                and rows.copies.between(1, reuse).all()
                and np.allclose(mixed, run["preview"]["mixed"], atol=1e-12, rtol=0)
                and (pairs is None or used.sum() == pairs)
                and says == feasible
                and (not feasible or (miss.mean() <= 0.01 and (there >= least).all()))
            )
            shown = (f"{int(used.sum())}", 100 * miss.max(), 100 * miss.mean())
        wrong += not ok
        print(
            f"{' '.join(v if k == 'plan.target' else f'{k[k.index(chr(46)) + 1:]}={v}' for k, v in keys.items()):58}"
            f" {shown[0]:>6} {'feasible' if feasible else 'not':>10}"
            f" {'feasible' if says else 'not':>10} {shown[1]:6.2f} {shown[2]:6.2f}"
            f" {100 * (eps + violation):8.2f}"
            + (f" fewest {fewest:.1f}" if pairs is None and feasible else "")
            + ("" if ok else "  DIFFERS")
        )
    print("all verdicts and counts agree" if not wrong else f"{wrong} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
