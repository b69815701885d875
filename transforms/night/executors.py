"""Where tasks run: in processes of this machine, or on Celery workers.

Celery workers are many processes on many machines, so everything they share must be a server: the
warehouse and Airflow's own tables on PostgreSQL, and a broker. What is missing is said at the start,
not at the first task.
"""

from collections.abc import Mapping
from importlib.util import find_spec

LOCAL = "LocalExecutor"
CELERY = "CeleryExecutor"
WORKER = {"celery-worker": ["celery", "worker", "--skip-serve-logs", "--without-mingle"]}


class ExecutorError(RuntimeError):
    """The executor cannot work with the settings given; the message names each that is missing."""


def executor_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Return Airflow's settings for the executor that `ASO_EXECUTOR` names; empty for the default.

    Args:
        settings: `ASO_EXECUTOR`, and for Celery `ASO_WAREHOUSE`, `ASO_AIRFLOW_DATABASE` (both
            PostgreSQL) and `ASO_BROKER` (Redis).

    Raises:
        ExecutorError: The executor is unknown, or something it needs is not there.
    """
    executor = settings.get("ASO_EXECUTOR", LOCAL)
    if executor == LOCAL:
        return {}
    if executor != CELERY:
        raise ExecutorError(f"ASO_EXECUTOR is {executor!r}: use {LOCAL} or {CELERY}")
    database = settings.get("ASO_AIRFLOW_DATABASE", "")
    broker = settings.get("ASO_BROKER", "")
    wanting = [
        said
        for said, is_there in (
            (
                "ASO_WAREHOUSE=postgresql://...: a DuckDB file serves one process at a time",
                settings.get("ASO_WAREHOUSE", "").startswith("postgresql"),
            ),
            (
                "ASO_AIRFLOW_DATABASE=postgresql+psycopg://...: SQLite serves one machine",
                database.startswith("postgresql"),
            ),
            (
                "ASO_BROKER=redis://...: workers take their tasks from it",
                broker.startswith("redis"),
            ),
            (
                "the package apache-airflow-providers-celery[redis]",
                find_spec("celery") is not None and find_spec("redis") is not None,
            ),
        )
        if not is_there
    ]
    if wanting:
        raise ExecutorError(f"{CELERY} needs:\n" + "\n".join(f"  {said}" for said in wanting))
    return {
        "AIRFLOW__CORE__EXECUTOR": CELERY,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
        # psycopg serves both ways; by itself Airflow looks for another driver that is not installed.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": database,
        "AIRFLOW__CELERY__BROKER_URL": broker,
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{database}",
        "AIRFLOW__CELERY__WORKER_CONCURRENCY": settings.get("ASO_WORKER_TASKS", "2"),
    }
