"""Airflow reads its settings when it is first imported: they are set before any test does that."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk import DAG

REPOSITORY = Path(__file__).resolve().parent.parent.parent
AIRFLOW_HOME = REPOSITORY / ".run" / "cache" / "airflow"

os.environ["AIRFLOW_HOME"] = str(AIRFLOW_HOME)
os.environ["AIRFLOW_CONFIG"] = str(REPOSITORY / "airflow.cfg")
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(REPOSITORY / "dags")


@pytest.fixture(scope="session")
def bag() -> "DagBag":
    """Every DAG file of the repository, parsed as the DAG processor parses it."""
    from airflow.dag_processing.dagbag import DagBag

    AIRFLOW_HOME.mkdir(parents=True, exist_ok=True)
    return DagBag(REPOSITORY / "dags")


@pytest.fixture(scope="session")
def nightly(bag: "DagBag") -> "DAG":
    """The nightly DAG."""
    return bag.dags["nightly"]
