"""Landloom every night: tile -> plan -> synthesize -> verify -> summarize -> report.

Put this file into Airflow's DAG folder. It needs apache-airflow-providers-apache-spark, spark-submit
on the workers, and a Spark connection `landloom` whose host is `yarn`.

    LANDLOOM_JAR         the application jar, on the workers or on HDFS
    LANDLOOM_PROPERTIES  one of submit/spark-defaults/*.conf, on the workers
    LANDLOOM_CONF        a file of Landloom's keys, on the workers; may be left out

What a job is asked to do is in the run's parameters, so that a run can be started by hand with others.
A failed job is tried again only if its own outcome says that the cluster failed, or if it died
before it could say anything: wrong configuration, refused data and defects end the same way again.
Stopping a task kills its application (the operator's `on_kill`), and the next try goes on from the
buckets that are staged.
"""

from __future__ import annotations

import json
import os
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

from airflow import DAG
from airflow.exceptions import AirflowException, AirflowFailException
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

JAR = os.environ.get("LANDLOOM_JAR", "/opt/landloom/landloom-app.jar")
PROPERTIES = os.environ.get("LANDLOOM_PROPERTIES")
CONF = os.environ.get("LANDLOOM_CONF")

JOBS = ("tile", "plan", "synthesize", "verify", "summarize", "report")

# kinds of failure that come back however often the job is tried; see OPERATIONS.md
FINAL = {"USER", "BUG", "DATA"}

JAVA_OPTIONS = (
    "-Dai.djl.offline=true -DOPT_OUT_TRACKING=true -Dai.djl.pytorch.num_threads=1"
    " -Dai.djl.pytorch.num_interop_threads=1 -Djava.awt.headless=true"
)

SPARK = {
    "spark.driver.extraJavaOptions": JAVA_OPTIONS,
    "spark.executor.extraJavaOptions": JAVA_OPTIONS,
    "spark.executorEnv.DJL_CACHE_DIR": "./djl",
    "spark.executorEnv.OMP_NUM_THREADS": "1",
    "spark.executorEnv.MALLOC_ARENA_MAX": "2",
    "spark.speculation": "false",
    "spark.yarn.maxAppAttempts": "1",
    "spark.yarn.submit.waitAppCompletion": "true",
}

# libtorch's memory is not of the heap
OVERHEAD = {"synthesize": "2g"}

# keys that each run is given; all others are in LANDLOOM_CONF, or keep their defaults
KEYS = {
    "output.root": "{{ params.root }}",
    "input.scenes": "{{ params.scenes }}",
    "input.labels": "{{ params.labels }}",
    "scheme": "{{ params.scheme }}",
    "model": "{{ params.model }}",
    "run.interval": "{{ data_interval_start | ts_nodash }}-{{ data_interval_end | ts_nodash }}",
}

PARAMETERS = {
    "root": "hdfs:///landloom/gid15",
    "scenes": "hdfs:///data/gid15/images",
    "labels": "hdfs:///data/gid15/labels",
    "scheme": "gid15",
    "model": "csebgan-demo",
}


class LandloomOperator(SparkSubmitOperator):
    """A job of Landloom, which is tried again only where that can help."""

    template_fields = (*SparkSubmitOperator.template_fields, "root")

    def __init__(self, *, job: str, root: str, **kwargs):
        super().__init__(**kwargs)
        self.job = job
        self.root = root

    def execute(self, context):
        before = outcome(self.root, self.job)
        try:
            return super().execute(context)
        except AirflowFailException:
            raise
        except AirflowException as failure:
            after = outcome(self.root, self.job)
            if after is None or after == before:
                raise  # it died before it could say why
            said = json.loads(after)
            message = f"{self.job}: {said['kind']}: {said['message']}"
            if said["kind"] in FINAL:
                raise AirflowFailException(message) from failure
            raise AirflowException(message) from failure


def outcome(root: str, job: str) -> str | None:
    """What the last run of a job left below the dataset, or None."""
    path = f"{root}/_outcomes/{job}.json"
    if "://" not in path or path.startswith("file:"):
        local = Path(path.removeprefix("file://").removeprefix("file:"))
        return local.read_text() if local.is_file() else None
    found = subprocess.run(
        ["hdfs", "dfs", "-cat", path], capture_output=True, text=True, timeout=300, check=False
    )
    return found.stdout if found.returncode == 0 else None


def arguments(job: str) -> list[str]:
    """The job's command line; Airflow renders it for each run."""
    line = [job, "--set", "master=yarn"]
    if CONF:
        line += ["--conf", Path(CONF).name]  # where the driver starts, beside the shipped files
    for key, value in KEYS.items():
        line += ["--set", f"{key}={value}"]
    return line


def operator(job: str) -> LandloomOperator:
    """A task that runs a job."""
    conf = dict(SPARK)
    if job in OVERHEAD:
        conf["spark.executor.memoryOverhead"] = OVERHEAD[job]
    return LandloomOperator(
        task_id=job,
        job=job,
        root="{{ params.root }}",
        conn_id="landloom",
        deploy_mode="cluster",
        name=f"landloom {job}",
        application=JAR,
        java_class="io.landloom.jobs.Main",
        application_args=arguments(job),
        conf=conf,
        files=CONF,
        properties_file=PROPERTIES,
        driver_memory="3g",
        retries=3,
        retry_delay=timedelta(minutes=5),
        retry_exponential_backoff=True,
        max_retry_delay=timedelta(hours=1),
        execution_timeout=timedelta(hours=20),
    )


with DAG(
    dag_id="landloom_nightly",
    description="tile, plan, synthesize, verify, summarize, report",
    schedule="0 22 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    # a night that takes longer than a day must not meet the next one
    max_active_runs=1,
    catchup=False,
    params=PARAMETERS,
    tags=["landloom"],
) as dag:
    tasks = [operator(job) for job in JOBS]
    for first, then in zip(tasks, tasks[1:]):
        first >> then
