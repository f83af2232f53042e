"""The paper's ablations by keys alone: ablation.py DATASET STEPS SEEDS OUT.md -- LAUNCHER_OPTIONS...

Trains every row of the table for the same steps and seeds on one dataset, measures each with `evaluate`, and writes the
means over the seeds with the smallest and the largest. The options (--conf FILE, --set key=value) name the scheme, the
profile and the evaluators:

    ablation.py gid 1000 1,2 ablation.md -- --conf gid.conf --conf conf/cpu-128.conf \\
      --set evaluate.segmenter=BUNDLE --set evaluate.features=BUNDLE

Both jobs know what they have made: started again, it goes on where it was stopped. One training at a time, on one core.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import jobs  # noqa: E402

ROWS = {
    "whole": [],
    "without sharing": ["perClassMlp=true", "perClassConvolutions=true"],
    "without conductor": ["conductor.mode=none"],
    "frozen conductor": ["conductor.mode=frozen"],
    "without real": ["conductor.learnOnReal=false"],
    "without discriminator": ["discriminator.scales=0"],
}
# of which table of results.json, which column
MEASURES = {
    "mIoU ratio": ("Seg-consistency", "mIoU ratio"),
    "FWIoU": ("Seg-consistency", "FWIoU"),
    "acc": ("Seg-consistency", "acc"),
    "FD-style ratio": ("Distance over that of real images", "FD-style"),
    "FD-stat ratio": ("Distance over that of real images", "FD-stat"),
    "SWD ratio": ("Distance over that of real images", "SWD"),
    "C2ST AUC": ("Distance to other real images", "C2ST AUC"),
    "D-LPIPS": ("Diversity", "D-LPIPS"),
}


def measured(row, seed, steps, root, options):
    ahead = steps // 5 if row == "frozen conductor" else 0
    keys = [f"csebgan.{key}" for key in ROWS[row]]
    keys += [f"csebgan.steps={steps + ahead}", f"csebgan.seed={seed}", f"csebgan.conductor.pretrainSteps={max(1, ahead)}"]
    keys += ["model=csebgan", f"train.name={row.replace(' ', '-')}", "train.sheetSteps=0"]
    bundle = jobs.run("train", root, options, keys) / "bundle"
    keys = [f"model={bundle}", "evaluate.regressionSteps=0"]
    tables = json.loads((jobs.run("evaluate", root, options, keys) / "results.json").read_text())["tables"]
    own = row.replace(" ", "-")
    return {name: tables[table][own][column] for name, (table, column) in MEASURES.items()}


def mean_and_spread(numbers):
    mean = sum(numbers) / len(numbers)
    return f"{mean:.3g} ({min(numbers):.3g} to {max(numbers):.3g})"


def main(root, steps, seeds, out, options):
    lines = ["| | " + " | ".join(MEASURES) + " |", "|---|" + "---:|" * len(MEASURES)]
    for row in ROWS:
        found = []
        for seed in seeds:
            found.append(measured(row, seed, steps, root, options))
            print(row, "seed", seed, found[-1], flush=True)
        lines.append(f"| {row} | " + " | ".join(mean_and_spread([one[name] for one in found]) for name in MEASURES) + " |")
        out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    split = sys.argv.index("--")
    root, steps, seeds, out = sys.argv[1:split]
    main(pathlib.Path(root), int(steps), [int(seed) for seed in seeds.split(",")], pathlib.Path(out), sys.argv[split + 1:])
