"""Runs jobs of the launcher, for scripts that train and measure many models."""
import pathlib
import re
import subprocess
import sys

HOME = pathlib.Path(__file__).resolve().parents[1]


def run(job, root, options, keys):
    """Runs a job in one task on the dataset below root; the folder of the run that it made or found."""
    command = [str(HOME / "submit/landloom"), job, "--set", "master=local[1]", *options, "--set", f"output.root={root}"]
    for key in keys:
        command += ["--set", key]
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    found = re.findall(r"^  run: (\S+)", ended.stdout, re.MULTILINE)
    if ended.returncode != 0 or not found:
        sys.exit(f"{job} {' '.join(keys)} ended with {ended.returncode}:\n{ended.stdout[-3000:]}")
    return root / f"run_id={found[-1]}"
