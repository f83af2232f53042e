"""Runs the DAG on simulated scenes, without Airflow; called by submit/check-airflow."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "standin"), str(HERE)]

import landloom_nightly as nightly  # noqa: E402
from airflow.exceptions import AirflowFailException  # noqa: E402

NIGHT = datetime(2026, 11, 19, 22, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def check(what: str, true: bool, found: object = "") -> None:
    """Says what was checked; stops at what is not so."""
    print(("ok    " if true else "WRONG ") + what, found if not true else "", flush=True)
    if not true:
        sys.exit(1)


def structure() -> None:
    dag = nightly.dag
    order = [task.task_id for task in dag.order()]
    check("six jobs, one after the other", order == list(nightly.JOBS), order)
    for first, then in zip(dag.tasks, dag.tasks[1:]):
        check(f"{then.task_id} waits for {first.task_id}", then.upstream == [first])
    check("nights do not overlap", dag.max_active_runs == 1 and not dag.catchup)
    for task in dag.tasks:
        check(f"{task.task_id} is tried again, later and later", task.retries == 3
              and task.retry_delay == timedelta(minutes=5) and task.retry_exponential_backoff)
        check(f"{task.task_id} runs on the cluster", task.deploy_mode == "cluster"
              and task.java_class == "io.landloom.jobs.Main")
    context = dag.context(NIGHT, NIGHT + DAY, {"root": "file:///d"})
    from airflow import rendered
    line = rendered(dag.tasks[0].application_args, context)
    check("parameters and data interval are arguments",
          "output.root=file:///d" in line
          and "run.interval=20261119T220000-20261120T220000" in line, line)


def runs(root: str) -> set[str]:
    return {path.name for path in Path(root).glob("run_id=*")}


def nights(params: dict) -> None:
    dag = nightly.dag
    root = params["root"]
    tries, failure = dag.run(NIGHT, NIGHT + DAY, params)
    check("a night runs through at the first try",
          failure is None and set(tries.values()) == {1}, (tries, failure))
    first = runs(root)
    check("and publishes a run a job",
          {name.split("=")[1].split("-")[0] for name in first}
          >= {"tile", "plan", "synthesize", "summarize", "report"}, first)
    tries, failure = dag.run(NIGHT, NIGHT + DAY, params)
    check("the same night again makes nothing", failure is None and runs(root) == first,
          (tries, failure, runs(root) - first))


def refused(params: dict) -> None:
    dag = nightly.dag
    tries, failure = dag.run(NIGHT, NIGHT + DAY, {**params, "scenes": params["scenes"] + "-gone"})
    check("a missing folder is not tried again",
          tries == {"tile": 1} and isinstance(failure, AirflowFailException), (tries, failure))
    check("and the task says why", "tile: USER: input.scenes" in str(failure), failure)


def killed(params: dict) -> None:
    """A driver that is killed says nothing, so it is tried again, whatever an older outcome says."""
    dag = nightly.dag
    tile = dag.tasks[0]
    kills = []

    def kill(task) -> None:
        if not kills:
            kills.append(task.driver.pid)
            time.sleep(3)
            task.on_kill()

    tile.after_start = kill
    try:
        tries, failure = dag.run(NIGHT + DAY, NIGHT + 2 * DAY, params)
    finally:
        tile.after_start = None
    check("a killed driver is tried again", failure is None and tries["tile"] == 2,
          (tries, failure))
    check("and leaves no staging", not (Path(params["root"]) / "_staging").exists())


def main() -> None:
    structure()
    if os.environ.get("LANDLOOM_STANDIN") is None:
        print("structure only: LANDLOOM_STANDIN is not set")
        return
    work = Path(sys.argv[1])
    params = {
        "root": str(work / "dataset"),
        "scenes": str(work / "scenes/images"),
        "labels": str(work / "scenes/labels"),
        "scheme": "gid15",
        "model": "csebgan-demo",
    }
    nights(params)
    refused(params)
    killed({**params, "root": str(work / "killed")})
    outcome = json.loads(nightly.outcome(params["root"], "tile"))
    check("the outcome of the refused night is kept", outcome["kind"] == "USER", outcome)


main()
