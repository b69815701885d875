"""The documented sample file from bytes to spans, and posting to the warehouse once and again."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from edi import read_to_parquet
from tests.enrollment.enrollment_files import (
    Nights,
    coverage,
    example_configuration,
    member,
    with_plans,
)
from transforms.enrollment import post_enrollment, waiting_records
from transforms.intake.files import InputFile
from transforms.warehouse import Connection, Warehouse

SAMPLE = Path(__file__).resolve().parents[1] / "fixtures" / "domain" / "834_change.edi"


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    root = tmp_path / "nights"
    root.mkdir()
    return Nights(root, with_plans(example_configuration(), ACME_DEN="DEN"))


@pytest.fixture
def sample(tmp_path: Path) -> InputFile:
    folder = tmp_path / "read"
    folder.mkdir()
    read_to_parquet(SAMPLE, folder)
    return InputFile(
        file_id="sample",
        folder=folder,
        partner_id="acmehr",
        remote_name="834_change.edi",
        received_date=date(2026, 1, 12),
    )


def test_the_sample_adds_a_family_and_ends_an_employee(nights: Nights, sample: InputFile) -> None:
    kim = member(
        "E100009", "KIM", coverage("021", "2025-12-01"), last_name="LEE", born="1980-01-01"
    )
    nights.send(kim, received="2025-12-05")
    nights.apply(sample)
    assert nights.outcomes() == [("APPLIED", "")] * 4
    assert nights.spans("JANE", "ACME-PPO") == ["2026-01-01..open FAM"]
    assert nights.spans("JANE", "ACME-DEN") == ["2026-01-01..open FAM"]
    assert nights.spans("SAM") == ["2026-01-01..2041-06-30 FAM"]  # month of the 26th birthday
    assert nights.spans("KIM") == ["2025-12-01..2025-12-31 EE"]


def test_an_employee_nobody_knew_is_not_written_down_by_leaving(
    nights: Nights, sample: InputFile
) -> None:
    nights.apply(sample)
    assert nights.outcomes()[-1] == ("NO_CHANGE", "E-834-NOCOV")
    assert sorted(row["first_name"] for row in nights.rows("member")) == ["JANE", "SAM"]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    warehouse = Warehouse(f"duckdb:///{tmp_path}/warehouse.duckdb")
    warehouse.migrate()
    return warehouse


TABLES = ("member", "eligibility_span", "member_transaction", "enrollment_file", "member_identity")


def content(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    with warehouse.transaction() as connection:
        return {
            table: connection.execute(f"select * from {table} order by all").fetchall()
            for table in TABLES
        }


def current(connection: Connection) -> Iterator[tuple[Any, ...]]:
    yield from connection.execute(
        "select begin_date, end_date, coverage_tier from eligibility_span"
        " where valid_to_event is null order by all"
    ).fetchall()


def test_posting_twice_is_posting_once(nights: Nights, warehouse: Warehouse) -> None:
    first = nights.send(
        member("E1", "JANE", coverage("021", "2026-01-01"), ssn="999001111"), received="2026-01-12"
    )
    second = nights.send(
        member("E1", "JANE", coverage("001", "2026-02-01", level="FAM")), received="2026-02-12"
    )
    states = []
    for folder, event in ((first, 1), (second, 2), (second, 2)):
        with warehouse.transaction() as connection:
            post_enrollment(connection, folder, event)
        states.append(content(warehouse))
    assert states[1] == states[2]
    assert len(states[0]["member_identity"]) == 1
    with warehouse.transaction() as connection:
        assert list(current(connection)) == [
            (date(2026, 1, 1), date(2026, 1, 31), "EE"),
            (date(2026, 2, 1), None, "FAM"),
        ]
    closed = [row for row in states[2]["eligibility_span"] if row[-1] is not None]
    assert [row[-2:] for row in closed] == [(1, 2)]  # opened by event 1, closed by event 2


def test_posting_another_result_of_the_same_event_takes_the_first_back(
    nights: Nights, warehouse: Warehouse, tmp_path: Path
) -> None:
    jane = member("E1", "JANE", coverage("021", "2026-01-01"))
    first = nights.send(jane, received="2026-01-12")
    with warehouse.transaction() as connection:
        post_enrollment(connection, first, 1)
    other = Nights(tmp_path / "other", nights.configuration)
    other.root.mkdir()
    again = other.send(
        member("E1", "JANE", coverage("021", "2026-01-05")),
        received="2026-01-12",
        file_id="file-read-0",
    )
    with warehouse.transaction() as connection:
        post_enrollment(connection, again, 1)
        assert [row[0] for row in current(connection)] == [date(2026, 1, 5)]


def test_records_that_wait_for_their_subscriber_are_found_again(
    nights: Nights, warehouse: Warehouse
) -> None:
    child = member("E1", "SAM", coverage("021", "2026-01-01"), relationship="19", born="2015-06-20")
    lost = member("E2", "NIL", coverage("021", "2026-01-01", plan="GOLD"))
    folder = nights.send(lost, child, received="2026-01-12")
    with warehouse.transaction() as connection:
        post_enrollment(connection, folder, 1)
        assert waiting_records(connection, "ACME") == {"file-read-0": frozenset({1})}
        assert waiting_records(connection, "OTHER") == {}
