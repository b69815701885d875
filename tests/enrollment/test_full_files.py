"""Full and audit files: the difference to what is known, the guard, absence."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.enrollment.enrollment_files import (
    Nights,
    Record,
    coverage,
    example_configuration,
    member,
    with_plans,
    with_rules,
)
from transforms.enrollment import HeldFile


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def employees(first: int, last: int, begin: str = "2026-01-01") -> Iterator[Record]:
    for number in range(first, last):
        yield member(f"E{number:04}", f"N{number}", coverage("021", begin))


def full(
    nights: Nights, records: list[Record], *, dated: str = "2026-04-01", **options: Any
) -> Path:
    return nights.send(*records, received=dated, action="RX", **options)


@pytest.fixture
def five_hundred(nights: Nights) -> Nights:
    full(nights, list(employees(0, 500)), dated="2026-01-10")
    assert nights.summary()["outcomes"] == {"APPLIED": 500}
    return nights


def test_thirty_of_five_hundred_missing_is_six_percent_and_holds_the_file(
    five_hundred: Nights,
) -> None:
    nights = five_hundred
    records = [*employees(0, 470), *employees(500, 506, "2026-04-01")]
    full(nights, records)
    assert set(nights.outcomes()) == {("HELD", "E-834-GUARD")}
    (file,) = nights.rows("enrollment_file")
    assert (file["open_count"], file["add_count"], file["term_count"]) == (500, 6, 30)
    assert nights.spans() == ["2026-01-01..open EE"] * 500


def test_twenty_of_five_hundred_missing_is_four_percent_and_is_applied(
    five_hundred: Nights,
) -> None:
    nights = five_hundred
    full(nights, [*employees(0, 480), *employees(500, 506, "2026-04-01")])
    assert nights.spans().count("2026-01-01..2026-03-31 EE") == 20
    assert nights.spans().count("2026-01-01..open EE") == 480
    assert nights.spans().count("2026-04-01..open EE") == 6
    assert nights.summary()["outcomes"] == {"APPLIED": 26, "NO_CHANGE": 480}
    absent = [row for row in nights.rows("member_transaction") if row["coverage_index"] < 0]
    assert len(absent) == 20
    assert {row["maintenance_type_code"] for row in absent} == {"024"}


def test_five_percent_exactly_is_allowed(five_hundred: Nights) -> None:
    full(five_hundred, list(employees(0, 475)))
    assert five_hundred.summary()["held_files"] == 0


def test_too_many_additions_hold_the_file_too(five_hundred: Nights) -> None:
    full(five_hundred, list(employees(0, 551)))
    assert set(five_hundred.outcomes()) == {("HELD", "E-834-GUARD")}


def test_a_held_full_file_is_applied_when_a_person_approves(five_hundred: Nights) -> None:
    nights = five_hundred
    file = nights.file(list(employees(0, 470)), received="2026-04-01", action="RX")
    nights.apply(file)
    assert nights.spans() == ["2026-01-01..open EE"] * 500
    nights.apply(held=[HeldFile(file=file, coverage_indexes=None, is_approved=True)])
    assert nights.spans().count("2026-01-01..2026-03-31 EE") == 30


def test_the_first_full_file_knows_no_limits(nights: Nights) -> None:
    full(nights, list(employees(0, 3, begin="2020-01-01")))
    assert nights.outcomes() == [("APPLIED", "")] * 3
    assert nights.rows("retro_change") == []
    full(nights, [*employees(0, 3, begin="2020-01-01"), *employees(3, 4, begin="2020-01-01")])
    assert nights.outcomes()[-1] == ("HELD", "E-834-GUARD")  # 1 of 3 is more than 10 percent


@pytest.mark.parametrize(
    ("rule", "last_day"),
    [
        ("LAST_DAY_PRIOR_MONTH", "2026-03-31"),
        ("DAY_BEFORE_FILE_DATE", "2026-04-14"),
        ("END_OF_FILE_MONTH", "2026-04-30"),
    ],
)
def test_absence_ends_coverage_on_the_agreed_day(tmp_path: Path, rule: str, last_day: str) -> None:
    configuration = with_rules(
        example_configuration(), absence_term_date=rule, max_term_percent=100
    )
    nights = Nights(tmp_path, configuration)
    full(nights, list(employees(0, 2)), dated="2026-01-10")
    full(nights, list(employees(0, 1)), dated="2026-04-15")
    assert nights.spans("N0") == ["2026-01-01..open EE"]
    assert nights.spans("N1") == [f"2026-01-01..{last_day} EE"]


def test_cobra_members_and_newborns_are_not_ended_by_absence(tmp_path: Path) -> None:
    nights = Nights(tmp_path, with_rules(example_configuration(), max_term_percent=100))
    jane = member("E1", "JANE", coverage("021", "2026-01-01", level="FAM"))
    cobra = member("E2", "CLEO", coverage("021", "2026-01-01"), benefit_status_code="C")
    born = {"relationship": "19", "born": "2026-03-20"}
    baby = member("E1", "BABY", coverage("021", "2026-03-20", level="FAM"), **born)
    child = member(
        "E1",
        "SAM",
        coverage("021", "2026-01-01", level="FAM"),
        relationship="19",
        born="2015-06-20",
    )
    full(nights, [jane, cobra, child], dated="2026-01-10")
    nights.send(baby, received="2026-03-25")
    full(nights, [jane])
    assert nights.spans("CLEO") == ["2026-01-01..open EE"]
    assert nights.spans("BABY") == ["2026-03-20..2052-03-31 FAM"]
    assert nights.spans("SAM") == ["2026-01-01..2026-03-31 FAM"]


def test_a_record_that_is_held_still_says_the_member_is_there(tmp_path: Path) -> None:
    nights = Nights(tmp_path, with_rules(example_configuration(), max_term_percent=100))
    full(nights, list(employees(0, 2)), dated="2026-01-10")
    full(
        nights,
        [*employees(0, 1), member("E0001", "N1", coverage("021", "2026-01-01", plan="GOLD"))],
    )
    assert nights.outcomes() == [("NO_CHANGE", ""), ("HELD", "E-834-PLAN")]
    assert nights.spans() == ["2026-01-01..open EE"] * 2


def test_a_full_file_may_tell_a_future_end_and_take_it_back(nights: Nights) -> None:
    full(nights, list(employees(0, 2)), dated="2026-01-10")
    ending = member("E0001", "N1", coverage("021", "2026-01-01", "2026-06-30"))
    full(nights, [*employees(0, 1), ending])
    assert sorted(nights.spans()) == ["2026-01-01..2026-06-30 EE", "2026-01-01..open EE"]
    full(nights, list(employees(0, 2)), dated="2026-05-01")
    assert nights.spans() == ["2026-01-01..open EE"] * 2


def test_a_tier_change_splits_the_span(nights: Nights) -> None:
    full(nights, list(employees(0, 1)), dated="2026-01-10")
    full(nights, [member("E0000", "N0", coverage("021", "2026-03-01", level="ESP"))])
    assert nights.spans() == ["2026-01-01..2026-02-28 EE", "2026-03-01..open ES"]


def test_a_change_of_plan_follows_the_new_begin_not_the_absence(tmp_path: Path) -> None:
    configuration = with_plans(
        with_rules(example_configuration(), max_term_percent=100, max_add_percent=100),
        ACME_HMO="MED",
    )
    nights = Nights(tmp_path, configuration)
    full(nights, list(employees(0, 1)), dated="2026-01-10")
    full(
        nights,
        [member("E0000", "N0", coverage("021", "2026-04-15", plan="ACME-HMO"))],
        dated="2026-04-20",
    )
    assert nights.spans(plan_id="ACME-PPO") == ["2026-01-01..2026-04-14 EE"]
    assert nights.spans(plan_id="ACME-HMO") == ["2026-04-15..open EE"]


def test_a_partner_speaks_only_of_its_product_lines(tmp_path: Path) -> None:
    configuration = with_plans(
        with_rules(example_configuration(), max_term_percent=100), ACME_DEN="DEN"
    )
    partner = configuration.partners["acmehr"].model_copy(update={"product_lines": ("MED",)})
    nights = Nights(
        tmp_path, replace(configuration, partners={**configuration.partners, "acmehr": partner})
    )
    dental = coverage("021", "2026-01-01", plan="ACME-DEN", line="DEN")
    nights.send(
        member("E1", "JANE", coverage("021", "2026-01-01"), dental),
        member("E2", "JOHN", coverage("021", "2026-01-01"), dental),
        received="2026-01-10",
    )
    full(nights, [member("E1", "JANE", coverage("021", "2026-01-01"))])
    assert nights.spans(plan_id="ACME-DEN") == ["2026-01-01..open EE"] * 2
    assert sorted(nights.spans(plan_id="ACME-PPO")) == [
        "2026-01-01..2026-03-31 EE",
        "2026-01-01..open EE",
    ]


def test_a_full_file_with_a_rejected_set_is_held(nights: Nights) -> None:
    full(nights, list(employees(0, 2)), dated="2026-01-10")
    file = nights.file(list(employees(0, 2)), received="2026-04-01", action="RX")
    path = file.folder / "transaction_sets.parquet"
    sets = pq.read_table(path).to_pylist()
    sets.append({**sets[0], "set_index": 1, "acceptance_code": "R"})
    pq.write_table(pa.Table.from_pylist(sets, pq.read_schema(path)), path)
    nights.apply(file)
    assert set(nights.outcomes()) == {("HELD", "E-834-SET")}


def test_an_audit_file_reports_and_changes_nothing(nights: Nights) -> None:
    full(nights, list(employees(0, 3)), dated="2026-01-10")
    audit = [
        *employees(0, 1),
        member("E0001", "N1", coverage("030", "2026-01-01", level="FAM"), kind="030"),
        member("E0009", "N9", coverage("030", "2026-01-01"), kind="030"),
    ]
    nights.send(*audit, received="2026-04-01", action="4")
    different = ("NO_CHANGE", "E-834-AUDIT")
    assert nights.outcomes() == [("NO_CHANGE", ""), different, different, different]
    assert nights.spans() == ["2026-01-01..open EE"] * 3
    assert len(nights.rows("member")) == 3


def test_an_audit_file_is_applied_where_the_employer_wants_that(tmp_path: Path) -> None:
    configuration = with_rules(example_configuration(), audit_applies=True, max_term_percent=50)
    nights = Nights(tmp_path, configuration)
    full(nights, list(employees(0, 2)), dated="2026-01-10")
    nights.send(*employees(0, 1), received="2026-04-01", action="4")
    assert sorted(nights.spans()) == ["2026-01-01..2026-03-31 EE", "2026-01-01..open EE"]


def test_the_guard_holds_an_audit_file_that_would_be_applied(tmp_path: Path) -> None:
    nights = Nights(tmp_path, with_rules(example_configuration(), audit_applies=True))
    full(nights, list(employees(0, 2)), dated="2026-01-10")
    nights.send(*employees(0, 1), received="2026-04-01", action="4")
    assert nights.outcomes() == [("HELD", "E-834-GUARD")]
