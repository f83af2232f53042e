"""What is a few labels worth? labels.py DATASET FRACTIONS DRAWS OUT.md -- LAUNCHER_OPTIONS...

Pre-trains a diffusion model of pixels on a dataset's images, unless the options name a trained one (--set
head.backbone.model=BUNDLE), then trains on each share of the labels and each draw of them: a head on the model, the same
head on a network of random weights, and a U-Net from scratch, all for their profile's steps.
Writes the mIoU on validation that their cards have, means over the draws with a 95 % interval (Student's t). The
options (--conf FILE, --set key=value) name scheme and profile:

    labels.py gid 0.05,0.1,0.25,1 1,2,3 labels.md -- --conf gid.conf --conf conf/few-labels-128.conf

`train` knows what it has made: started again, it goes on where it was stopped. One training at a time, on one core.
"""
import json
import math
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import jobs  # noqa: E402

ROWS = {
    "head on the pre-trained network": ["model=head", "head.backbone.mode=frozen"],
    "the same on a random network": ["model=head", "head.backbone.mode=random"],
    "U-Net from scratch": ["model=segmenter"],
}
BACKBONE = "head.backbone.model="
# 97.5 % quantiles of Student's t with n - 1 degrees of freedom
STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}


def trained(root, options, keys):
    """The bundle of a training that is made or found."""
    return jobs.run("train", root, options, keys) / "bundle"


def measured(row, fraction, draw, backbone, root, options):
    keys = list(ROWS[row])
    system = keys[0].removeprefix("model=")
    if system == "head":
        keys.append(BACKBONE + str(backbone))
    keys += [f"{system}.labels.fraction={fraction}", f"{system}.labels.draw={draw}", f"{system}.seed={draw}"]
    keys += [f"train.name={system}-{fraction}-{draw}", "train.sheetSteps=0"]
    card = json.loads((trained(root, options, keys) / "card.json").read_text())
    return card["training"]["metrics"]["mIoU"]


def cell(numbers):
    mean = statistics.mean(numbers)
    if len(numbers) not in STUDENT:
        return f"{mean:.3f} ({min(numbers):.3f} to {max(numbers):.3f})"
    half = STUDENT[len(numbers)] * statistics.stdev(numbers) / math.sqrt(len(numbers))
    return f"{mean:.3f} ± {half:.3f}"


def main(root, fractions, draws, out, options):
    given = [option for option in options if option.startswith(BACKBONE)]
    ddpm = ["model=ddpm", "train.name=ddpm", "train.sheetSteps=1000"]
    backbone = given[-1].removeprefix(BACKBONE) if given else trained(root, options, ddpm)
    print("pre-trained", backbone, flush=True)
    lines = ["| | " + " | ".join(f"{100 * float(fraction):g} %" for fraction in fractions) + " |"]
    lines.append("|---|" + "---:|" * len(fractions))
    for row in ROWS:
        cells = []
        for fraction in fractions:
            numbers = []
            for draw in draws:
                numbers.append(measured(row, fraction, draw, backbone, root, options))
                print(row, fraction, "draw", draw, f"mIoU {numbers[-1]:.4f}", flush=True)
            cells.append(cell(numbers))
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
        out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    split = sys.argv.index("--")
    root, fractions, draws, out = sys.argv[1:split]
    main(pathlib.Path(root), fractions.split(","), draws.split(","), pathlib.Path(out), sys.argv[split + 1:])
