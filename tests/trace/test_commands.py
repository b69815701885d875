"""`aso trace` and `aso report` on a published warehouse."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.report.night_money import NIGHT
from tests.report.night_rows import believable_night, write_raw
from transforms.cli import report, trace
from transforms.plan.loader import load_configuration

ROOT = Path(__file__).resolve().parents[2]
CYCLE = f"ACME-CLAIMS:{NIGHT}:REGULAR"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A running system after the night: raw files and the published copy."""
    home = tmp_path_factory.mktemp("state")
    connection, rows, _ = believable_night(load_configuration(ROOT), claims_per_cycle=8)
    write_raw(rows, home)
    connection.execute(f"attach '{home / 'published.duckdb'}' as published")
    connection.execute("copy from database memory to published")
    connection.close()
    return home


def run(app: object, home: Path, *arguments: str) -> Result:
    environment = {"ASO_CONFIGURATION": str(ROOT), "ASO_HOME": "/nonexistent", "COLUMNS": "160"}
    command = [*arguments, "--home", str(home)]
    return CliRunner().invoke(app, command, env=environment)  # type: ignore[arg-type]


def test_trace_shows_the_bytes_of_each_line_and_says_that_it_adds_up(home: Path) -> None:
    result = run(trace.app, home, f"{CYCLE}#1", "--show-bytes", "--limit", "3")
    assert result.exit_code == 0, result.output
    assert result.output.count("SV1*HC:") == 3
    assert "adds up to the cent" in result.output


def test_trace_as_json_is_one_object_a_line(home: Path) -> None:
    result = run(trace.app, home, f"{CYCLE}#1", "--json", "--limit", "0")
    values = [json.loads(text) for text in result.output.splitlines()]
    paid = sum(Decimal(value["row"]["paid_usd"]) for value in values[1:-1])
    assert Decimal(values[0]["subject"]["amount_usd"]) == paid > 0
    assert values[-1]["total"]["rows_shown"] == values[-1]["total"]["line_count"]


def test_trace_of_nothing_is_an_error_in_words(home: Path) -> None:
    result = run(trace.app, home, "TPA999")
    assert result.exit_code == 1
    assert "TPA999 is no funding line" in result.output


def test_report_writes_the_folder_and_shows_the_verdict(home: Path) -> None:
    result = run(report.app, home, str(NIGHT))
    assert result.exit_code == 0, result.output
    assert "everything adds up" in result.output
    assert (home / "reports" / str(NIGHT) / "summary.html").exists()


def test_report_refuses_a_night_that_is_no_date(home: Path) -> None:
    result = run(report.app, home, "yesterday")
    assert result.exit_code == 2
