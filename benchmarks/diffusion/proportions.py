"""Does the loss of proportions lower the errors of shares? proportions.py DATASET SEEDS OUT.md -- LAUNCHER_OPTIONS...

Trains denoisers of masks for the same steps with and without it, on every seed, and writes what `evaluate` measures on masks
of validation: errors of shares (mCPE, percentage points) and how unlike real masks they are, as drawn, cleaned, and cleaned
with exact shares. The options (--conf FILE, --set key=value) name scheme, profile, and how many masks are measured:

    proportions.py gid 1,2,3 proportions.md -- --conf gid.conf --conf conf/diffusion-cpu-128.conf --set evaluate.images=96

`train` and `evaluate` know what they have made: started again, it goes on where it was stopped. One job at a time, on one core.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import jobs  # noqa: E402

COLUMNS = {"without the loss": ["denoiser.proportion.weight=0"], "with the loss": []}
FINISHES = ("as drawn", "cleaned", "exact")
REAL = "real, left out"
UNLIKE = ("adjacency", "areas", "regions", "boundary", "C2ST", "novelty", "novelty least")


def trained(name, keys, seed, root, options):
    keys = [*keys, f"denoiser.seed={seed}", "model=denoiser", f"train.name=masks-{name.split()[0]}-{seed}", "train.sheetSteps=1000"]
    return jobs.run("train", root, options, keys) / "bundle"


def measured(bundle, root, options):
    """Numbers of a bundle by name, such as `adjacency exact`, and those of real masks that were left out."""
    tables = json.loads((jobs.run("evaluate", root, options, [f"model={bundle}"]) / "results.json").read_text())["tables"]
    shares, unlike = tables["Errors of shares"], tables["Unlikeness to real masks"]
    found = {f"mCPE {finish}": shares[finish]["mCPE"] for finish in FINISHES}
    for measure in UNLIKE:
        found |= {f"{measure} {row}": unlike[row][measure] for row in (*FINISHES, REAL)}
        if "novelty" not in measure:
            found[f"{measure} exact over cleaned"] = unlike["exact"][measure] / unlike["cleaned"][measure]
    return found


def mean_and_spread(numbers):
    return f"{sum(numbers) / len(numbers):.3g} ({min(numbers):.3g} to {max(numbers):.3g})"


def table(columns):
    """Lines of Markdown: mean, least and most of the models of every column."""
    lines = ["| | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
    for name in next(iter(columns.values()))[0]:
        cells = [mean_and_spread([one[name] for one in column]) for column in columns.values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main(root, seeds, out, options):
    columns = {}
    for name, keys in COLUMNS.items():
        columns[name] = []
        for seed in seeds:
            found = measured(trained(name, keys, seed, root, options), root, options)
            print(name, "seed", seed, found, flush=True)
            columns[name].append(found)
        out.write_text(table(columns))


if __name__ == "__main__":
    split = sys.argv.index("--")
    root, seeds, out = sys.argv[1:split]
    main(pathlib.Path(root), [int(seed) for seed in seeds.split(",")], pathlib.Path(out), sys.argv[split + 1:])
