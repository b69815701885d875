"""The search for people's values finds what is planted, where it is planted."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.soak.phi import files_of_airflow, planted_values, told_of

DROP = (
    "NM1*IL*1*QUIRKELBY*ANN****MI*E20000077~DMG*D8*19800117*F~CLM*A0000000077*154~HI*ABK:S83241A~"
    "NM1*85*2*LAKESHORE CLINIC*****XX*1234010001~"
)


@pytest.fixture
def values(tmp_path: Path) -> frozenset[str]:
    (tmp_path / "drop.x12").write_text(DROP)
    return planted_values(tmp_path)


def test_what_is_said_of_people_is_known_and_what_is_said_of_providers_is_not_it(
    values: frozenset[str],
) -> None:
    assert values == {"QUIRKELBY", "E20000077", "19800117", "1980-01-17", "A0000000077", "S83241A"}


@pytest.mark.parametrize(
    "text", ["member quirkelby", "born 1980-01-17,", "id=E20000077", '"S83241A"']
)
def test_a_value_is_found_in_whatever_it_stands(values: frozenset[str], text: str) -> None:
    assert len(told_of(values, [("here", text)])) == 1
    assert told_of(values, [("here", "nothing of it, XE20000077X neither")]) == []


def test_logs_their_names_and_every_table_are_looked_through(
    tmp_path: Path, values: frozenset[str]
) -> None:
    task = tmp_path / "logs" / "task_id=QUIRKELBY"
    task.mkdir(parents=True)
    (task / "attempt=1.log").write_text("ValueError: E20000077")
    with closing(sqlite3.connect(tmp_path / "airflow.db")) as database, database:
        database.execute("create table xcom (key text, value blob)")
        database.execute("insert into xcom values ('return_value', ?)", [b'"A0000000077"'])
    found = told_of(values, files_of_airflow(tmp_path))
    assert any(line.startswith("the name logs/task_id=QUIRKELBY") for line in found)
    assert "logs/task_id=QUIRKELBY/attempt=1.log tells E20000077" in found
    assert "table xcom tells A0000000077" in found
