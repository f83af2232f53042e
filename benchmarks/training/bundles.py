"""Everything that a measured CSEBGAN for patches of 128 pixels needs, from scenes to figures: bundles.py OUT -- LAUNCHER_OPTIONS...

Tiles the scenes that the options name, trains the net of the perceptual loss, then, on two cores side by side, the generator
(conf/cpu-128.conf) and the networks that measure (conf/evaluator-128.conf), evaluates, and writes the figures into the card. OUT is the
dataset's folder; a log of each job lies in OUT/_logs. Jobs know what they have made: started again, it goes on where it was stopped.

    bundles.py mbrsc -- --conf mbrsc.conf --set train.data="MBRSC, train split" --set train.licence="CC0 1.0"

where mbrsc.conf holds scheme, input.scenes, input.labels and split. Two to three hours on two cores.
"""
import concurrent.futures
import pathlib
import re
import subprocess
import sys

import card

HOME = pathlib.Path(__file__).resolve().parents[2]


class Dataset:
    """Jobs on one dataset, each on one core."""

    def __init__(self, root, options):
        self.root = root
        self.options = options
        self.logs = root / "_logs"
        self.logs.mkdir(parents=True, exist_ok=True)

    def run(self, name, job, *options):
        """Runs a job; the folder of the run it made or found."""
        command = [str(HOME / "submit/landloom"), job, *options, *self.options, "--set", "master=local[1]"]
        log = self.logs / f"{name}.txt"
        with log.open("ab") as out:
            code = subprocess.run([*command, "--set", f"output.root={self.root}"], stdout=out, stderr=subprocess.STDOUT).returncode
        found = re.findall(r"^  run: (\S+)", log.read_text(), re.MULTILINE)
        if code != 0 or not found:
            raise SystemExit(f"{job} ended with {code}: see {log}")
        print(f"{name}: {found[-1]}", flush=True)
        return self.root / f"run_id={found[-1]}"

    def train(self, name, model, conf, *keys):
        options = [option for key in (f"model={model}", f"train.name={name}", *keys) for option in ("--set", key)]
        return self.run(name, "train", "--conf", str(HOME / "conf" / conf), *options) / "bundle"


def main(root, options):
    dataset = Dataset(root, options)
    name = root.name
    dataset.run("tile", "tile", "--conf", str(HOME / "conf/cpu-128.conf"))
    perceptual = dataset.train(f"perceptual-{name}", "features", "perceptual-128.conf")

    def generator():
        return dataset.train(f"csebgan-{name}", "csebgan", "cpu-128.conf", f"csebgan.perceptual.net={perceptual}")

    def evaluators():
        return (dataset.train(f"segmenter-{name}", "segmenter", "evaluator-128.conf"),
                dataset.train(f"features-{name}", "features", "evaluator-128.conf"))

    with concurrent.futures.ThreadPoolExecutor(2) as cores:
        model, others = cores.submit(generator), cores.submit(evaluators)
        segmenter, features = others.result()
        keys = [f"model={model.result()}", f"evaluate.segmenter={segmenter}", f"evaluate.features={features}"]
    evaluated = dataset.run("evaluate", "evaluate", "--conf", str(HOME / "conf/cpu-128.conf"),
                            *[option for key in keys for option in ("--set", key)])
    card.main(evaluated / "results.json", model.result())
    print(f"bundle: {model.result()}\nfigures: {evaluated / 'results.md'}")


if __name__ == "__main__":
    split = sys.argv.index("--")
    main(pathlib.Path(sys.argv[1]).resolve(), sys.argv[split + 1:])
