"""Does the loss of proportions lower the errors of shares? proportions.py DATASET SEEDS OUT.md -- LAUNCHER_OPTIONS...

Trains denoisers of masks for the same steps with and without it, on every seed, and writes what their cards measured on
masks of validation: errors of shares (mCPE, percentage points) and how unlike real masks they are, as drawn, cleaned, and
cleaned with exact shares. The options (--conf FILE, --set key=value) name scheme and profile:

    proportions.py gid 1,2,3 proportions.md -- --conf gid.conf --conf conf/diffusion-cpu-128.conf

`train` knows what it has made: started again, it goes on where it was stopped. One training at a time, on one core.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import jobs  # noqa: E402

ROWS = {"without": ["denoiser.proportion.weight=0"], "with": []}
MEASURES = [
    measure + finish
    for measure in ("mCPE", "adjacency", "areas", "regions", "boundary", "C2ST", "novelty", "novelty least")
    for finish in ("", " cleaned", " exact")
]


def measured(row, seed, root, options):
    keys = [*ROWS[row], f"denoiser.seed={seed}", "model=denoiser", f"train.name=masks-{row}-{seed}", "train.sheetSteps=1000"]
    card = json.loads((jobs.run("train", root, options, keys) / "bundle" / "card.json").read_text())
    return {name: card["training"]["metrics"].get(name, float("nan")) for name in MEASURES}


def mean_and_spread(numbers):
    return f"{sum(numbers) / len(numbers):.3g} ({min(numbers):.3g} to {max(numbers):.3g})"


def main(root, seeds, out, options):
    columns = {}
    for row in ROWS:
        found = []
        for seed in seeds:
            found.append(measured(row, seed, root, options))
            print(row, "seed", seed, found[-1], flush=True)
        columns[row] = found
        lines = ["| | " + " | ".join(f"{name} the loss" for name in columns) + " |", "|---|" + "---:|" * len(columns)]
        for name in MEASURES:
            cells = [mean_and_spread([one[name] for one in column]) for column in columns.values()]
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
        out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    split = sys.argv.index("--")
    root, seeds, out = sys.argv[1:split]
    main(pathlib.Path(root), [int(seed) for seed in seeds.split(",")], pathlib.Path(out), sys.argv[split + 1:])
