"""Writes what `evaluate` measured of a generator into its card: card.py RESULTS.json BUNDLE

The digest of a bundle is of weights and form, so that it stays the same.
"""
import json
import pathlib
import sys


def metrics(tables, name):
    ratios = tables["Distance over that of real images"][name]
    found = {f"{measure} ratio": ratios[measure] for measure in ("FD-Seg", "FD-style", "FD-stat", "SWD")}
    found["C2ST AUC"] = tables["Distance to other real images"][name]["C2ST AUC"]
    found["consistency ratio"] = tables["Seg-consistency"][name]["mIoU ratio"]
    found["D-LPIPS ratio"] = tables["Diversity"][name]["ratio to real"]
    redrawn = [row["selectivity"] for row in tables["One class drawn anew"].values()]
    found["least selectivity"] = min(value for value in redrawn if isinstance(value, (int, float)))
    return found


def main(results, bundle):
    measured = json.loads(results.read_text())
    path = bundle / "card.json"
    card = json.loads(path.read_text())
    digest = measured["facts"]["model"].rsplit(" ", 1)[-1]
    card["training"]["metrics"] = metrics(measured["tables"], card["name"])
    path.write_text(json.dumps(card, indent=4, sort_keys=True, separators=(",", " : "), ensure_ascii=False) + "\n")
    print(f"{path}: measured of {digest}: {card['training']['metrics']}")


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:]))
