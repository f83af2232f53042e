"""Writes the resources that the tests of the measures compare with: python3 measures.py RESOURCES_DIRECTORY

Inputs go to measures.safetensors, what other libraries say of them to measures.json.
Needs numpy, scipy, scikit-learn, scikit-image, torch and safetensors.
"""
import json
import pathlib
import sys

import numpy as np
from safetensors.numpy import save_file
from sklearn import metrics

INPUTS, EXPECTED = {}, {}


def confusion():
    """Segmentation measures, by scikit-learn. Class 3 is never predicted, class 4 never true."""
    rng = np.random.default_rng(1)
    truth = rng.choice([0, 1, 2, 3, 5], size=3000, p=[.5, .25, .1, .05, .1])  # 5 is unknown
    predicted = np.where(rng.random(3000) < .7, truth, rng.choice([0, 1, 2, 4], size=3000))
    predicted = np.where((predicted == 5) | (predicted == 3), 0, predicted)
    INPUTS["confusion.truth"] = truth.astype(np.float32)
    INPUTS["confusion.predicted"] = predicted.astype(np.float32)
    t, p = truth[truth < 5], predicted[truth < 5]
    seen, true = [0, 1, 2, 3, 4], [0, 1, 2, 3]
    ious = metrics.jaccard_score(t, p, labels=seen, average=None, zero_division=0)
    shares = np.bincount(t, minlength=5) / len(t)
    EXPECTED["confusion"] = {
        "matrix": metrics.confusion_matrix(t, p, labels=seen).ravel().tolist(),
        "iou": ious.tolist(),
        "meanIouSeen": metrics.jaccard_score(t, p, labels=seen, average="macro", zero_division=0),
        "meanIouTrue": metrics.jaccard_score(t, p, labels=true, average="macro", zero_division=0),
        "meanF1Seen": metrics.f1_score(t, p, labels=seen, average="macro", zero_division=0),
        "meanF1True": metrics.f1_score(t, p, labels=true, average="macro", zero_division=0),
        "frequencyWeightedIou": float((shares * ious).sum()),
        "weightedBySklearn": metrics.jaccard_score(t, p, labels=seen, average="weighted", zero_division=0),
        "accuracy": metrics.accuracy_score(t, p),
    }


def main(directory):
    confusion()
    save_file({name: np.ascontiguousarray(a, dtype=np.float32) for name, a in INPUTS.items()},
              str(directory / "measures.safetensors"))
    (directory / "measures.json").write_text(json.dumps(EXPECTED, indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
