"""What the DAG uses of Airflow, as Airflow's documentation describes it; for checking it without.

A run is one call of `DAG.run`: tasks in their order, arguments rendered, retries without their delay.
"""

from __future__ import annotations

from airflow.exceptions import AirflowException, AirflowFailException

_open = []


class DAG:
    """The documented arguments that the DAG uses, and no other."""

    def __init__(
        self,
        dag_id,
        *,
        description=None,
        schedule=None,
        start_date=None,
        max_active_runs=16,
        catchup=True,
        params=None,
        tags=None,
    ):
        self.dag_id = dag_id
        self.description = description
        self.schedule = schedule
        self.start_date = start_date
        self.max_active_runs = max_active_runs
        self.catchup = catchup
        self.params = params or {}
        self.tags = tags or []
        self.tasks = []

    def __enter__(self):
        _open.append(self)
        return self

    def __exit__(self, *_):
        _open.pop()

    def order(self):
        """The tasks, each after those it waits for."""
        done, left = [], list(self.tasks)
        while left:
            ready = [task for task in left if all(up in done for up in task.upstream)]
            if not ready:
                raise AirflowException(f"{self.dag_id} has a cycle")
            done += ready
            left = [task for task in left if task not in ready]
        return done

    def run(self, start, end, params=None):
        """Runs the tasks for a data interval; gives the tries of each, up to the first that fails."""
        tries = {}
        for task in self.order():
            count, failure = task.tries(self.context(start, end, params))
            tries[task.task_id] = count
            if failure is not None:
                return tries, failure
        return tries, None

    def context(self, start, end, params=None):
        """What templates see."""
        return {
            "params": {**self.params, **(params or {})},
            "data_interval_start": start,
            "data_interval_end": end,
        }


class BaseOperator:
    """The documented arguments of every operator that the DAG uses, and no other."""

    template_fields = ()

    def __init__(
        self,
        *,
        task_id,
        retries=0,
        retry_delay=None,
        retry_exponential_backoff=False,
        max_retry_delay=None,
        execution_timeout=None,
    ):
        self.task_id = task_id
        self.retries = retries
        self.retry_delay = retry_delay
        self.retry_exponential_backoff = retry_exponential_backoff
        self.max_retry_delay = max_retry_delay
        self.execution_timeout = execution_timeout
        self.upstream = []
        self.dag = _open[-1]
        self.dag.tasks.append(self)

    def __rshift__(self, other):
        other.upstream.append(self)
        return other

    def execute(self, context):
        raise NotImplementedError

    def on_kill(self):
        """Called when the task is stopped from outside."""

    def tries(self, context):
        """How often it was tried, and the exception of the last try if it failed."""
        for count in range(1, self.retries + 2):
            plain = {name: getattr(self, name) for name in self.template_fields}
            for name, value in plain.items():
                setattr(self, name, rendered(value, context))
            try:
                self.execute(context)
                return count, None
            except AirflowFailException as failure:
                return count, failure
            except AirflowException as failure:
                last = failure
            finally:
                for name, value in plain.items():
                    setattr(self, name, value)
        return count, last


def rendered(value, context):
    """A template's value: names with dots, and the filter `ts_nodash`."""
    if isinstance(value, (list, tuple)):
        return [rendered(part, context) for part in value]
    if isinstance(value, dict):
        return {key: rendered(part, context) for key, part in value.items()}
    if not isinstance(value, str):
        return value
    parts = value.split("{{")
    text = parts[0]
    for part in parts[1:]:
        expression, rest = part.split("}}", 1)
        name, *filters = [piece.strip() for piece in expression.split("|")]
        found = context
        for key in name.split("."):
            found = found[key]
        for one in filters:
            found = {"ts_nodash": lambda moment: moment.strftime("%Y%m%dT%H%M%S")}[one](found)
        text += str(found) + rest
    return text
