"""A night whose tasks run on a Celery worker ends like any other."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.dags.test_recovery import aso, wait_for
from tests.postgres_server import stoppable_postgres
from transforms.night.airflow_api import FINISHED, AirflowApi
from transforms.night.executors import CELERY, WORKER
from transforms.night.services import NEEDED, AirflowServices, free_port, session_members

REDIS = shutil.which("redis-server")
NIGHT = "2026-03-05"

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.slow,
    pytest.mark.skipif(REDIS is None, reason="needs redis-server (apt: redis-server)"),
]


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A broker on the loopback address that keeps nothing; yields its URL."""
    port = free_port()
    command = [str(REDIS), "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir"]
    with subprocess.Popen([*command, str(folder)], stdout=subprocess.DEVNULL) as server:
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def test_a_night_on_a_celery_worker_comes_to_the_known_answers(tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    arguments = ("--night", NIGHT, "--employers", "2", "--members", "60", "--claims", "200")
    aso("sample", str(folder), *arguments)
    with stoppable_postgres() as server, redis_server(tmp_path) as broker:
        with psycopg.connect(server.url, autocommit=True) as session:
            session.execute("create database airflow")
        metadata = server.url.replace("postgresql://", "postgresql+psycopg://")
        settings = {
            "ASO_HOME": str(tmp_path / "state"),
            "ASO_CONFIGURATION": str(folder / "config"),
            "ASO_DROPS": str(folder / "drops"),
            "ASO_WAREHOUSE": server.url,
            "ASO_EXECUTOR": CELERY,
            "ASO_BROKER": broker,
            "ASO_AIRFLOW_DATABASE": f"{metadata.rpartition('/')[0]}/airflow",
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
        }
        with AirflowServices(tmp_path / "airflow", settings) as services:
            services.migrate()
            services.start(*NEEDED, *WORKER)
            api = AirflowApi.of(services)
            wait_for("Airflow", api.is_ready, services)
            wait_for("the DAG", lambda: api.has_dag("nightly"), services)
            api.set_pool("warehouse", 1, "one writer")
            run_id = api.trigger("nightly", {"night": NIGHT})
            wait_for(
                "the end of the run",
                lambda: api.run_state("nightly", run_id) in FINISHED,
                services,
            )
            assert api.run_state("nightly", run_id) == "success"
            worker = services.log_path("celery-worker").read_text(errors="replace")
            assert "execute_workload" in worker  # the tasks ran there, not in the scheduler
            workers = session_members(services.pid("celery-worker"))
            assert len(workers) > 1
        deadline = time.monotonic() + 30
        while any(Path(f"/proc/{pid}").exists() for pid in workers):
            assert time.monotonic() < deadline, "a worker was left behind"
            time.sleep(0.1)
        aso("night", "compare", str(folder / "answers"), **settings)
