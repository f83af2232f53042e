"""The operator's documented arguments that the DAG uses; it runs the application on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from airflow import BaseOperator
from airflow.exceptions import AirflowException


class SparkSubmitOperator(BaseOperator):
    """Runs the command in $LANDLOOM_STANDIN with the application's arguments, as a cluster would.

    Files are beside the driver, and of its exit code nothing is left but whether it was 0.
    """

    template_fields = ("application", "conf", "files", "name", "application_args")

    def __init__(
        self,
        *,
        application="",
        conf=None,
        conn_id="spark_default",
        files=None,
        java_class=None,
        driver_memory=None,
        name="arrow-spark",
        application_args=None,
        properties_file=None,
        deploy_mode=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.application = application
        self.conf = conf
        self.conn_id = conn_id
        self.files = files
        self.java_class = java_class
        self.driver_memory = driver_memory
        self.name = name
        self.application_args = application_args
        self.properties_file = properties_file
        self.deploy_mode = deploy_mode
        self.driver = None
        self.after_start = None

    def execute(self, context):
        arguments = [
            "master=local[2]" if argument == "master=yarn" else argument
            for argument in self.application_args
        ]
        with tempfile.TemporaryDirectory() as folder:
            for file in filter(None, (self.files or "").split(",")):
                shutil.copy(file, folder)
            log = Path(os.environ["LANDLOOM_STANDIN_LOG"])
            with log.open("ab") as out:
                self.driver = subprocess.Popen(
                    [os.environ["LANDLOOM_STANDIN"], *arguments],
                    cwd=folder,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                )
                if self.after_start is not None:
                    self.after_start(self)
                code = self.driver.wait()
        if code != 0:
            raise AirflowException(f"{self.name}: the application failed")

    def on_kill(self):
        self.driver.kill()
