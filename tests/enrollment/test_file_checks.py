"""Files as wholes: whose they are, their order, their totals, and the same bytes again."""

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.enrollment.enrollment_files import (
    Nights,
    coverage,
    example_configuration,
    member,
    with_rules,
)


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


JANE = member("E1", "JANE", coverage("021", "2026-01-01", level="FAM"))
SAM = member(
    "E1", "SAM", coverage("021", "2026-01-01", level="FAM"), relationship="19", born="2015-06-20"
)
ALEX = member(
    "E1", "ALEX", coverage("021", "2026-01-01", level="FAM"), relationship="01", born="1984-02-02"
)


def test_files_of_strangers_are_held(nights: Nights) -> None:
    unknown = member("E1", "JANE", coverage("021", "2026-01-01"), group_policy_number="OTHER")
    nights.send(unknown, received="2026-01-12", sponsor_tax_id="990000000")
    assert nights.outcomes() == [("HELD", "E-834-SPON")]
    nights.send(JANE, received="2026-01-12", partner="sub123")
    assert nights.outcomes() == [("HELD", "E-834-PART")]
    assert nights.rows("member") == []


def test_a_partner_without_agreement_on_health_data_enrolls_nobody(tmp_path: Path) -> None:
    configuration = example_configuration()
    partner = configuration.partners["acmehr"].model_copy(update={"baa_date": None})
    nights = Nights(
        tmp_path,
        replace(configuration, partners={**configuration.partners, "acmehr": partner}),
    )
    nights.send(JANE, received="2026-01-12")
    assert nights.outcomes() == [("HELD", "E-834-PART")]


def test_an_older_file_than_the_last_one_is_held(nights: Nights) -> None:
    nights.send(JANE, received="2026-01-12")
    nights.send(SAM, received="2026-01-13", dated="2026-01-11")
    assert nights.outcomes() == [("HELD", "E-834-SEQ")]


def test_files_of_one_night_are_applied_in_order_of_their_own_date(nights: Nights) -> None:
    end = member("E1", "JANE", coverage("024", end="2026-03-31", level="FAM"), kind="024")
    later = nights.file([end], received="2026-02-03", dated="2026-02-02")
    earlier = nights.file([JANE], received="2026-02-03", dated="2026-02-01")
    nights.apply(later, earlier)
    assert nights.spans() == ["2026-01-01..2026-03-31 FAM"]


def test_wrong_control_totals_hold_the_file(nights: Nights) -> None:
    nights.send(JANE, SAM, received="2026-01-12", member_total=3)
    assert nights.outcomes() == [("HELD", "E-834-QTY")] * 2
    nights.send(
        JANE, SAM, received="2026-01-12", member_total=2, subscriber_total=1, dependent_total=1
    )
    assert nights.outcomes() == [("APPLIED", "")] * 2


def test_an_information_copy_is_not_applied(nights: Nights) -> None:
    nights.send(JANE, received="2026-01-12", transaction_purpose_code="22")
    assert nights.outcomes() == [("NO_CHANGE", "")]
    assert nights.rows("member") == []


def test_rejected_sets_are_not_read(nights: Nights) -> None:
    nights.send(JANE, received="2026-01-12", acceptance="R")
    assert nights.outcomes() == []


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    folders = []
    for name in ("one", "two"):
        nights = Nights(tmp_path / name)
        (tmp_path / name).mkdir()
        nights.send(JANE, SAM, ALEX, received="2026-01-12")
        folders.append(
            nights.send(
                member("E1", "JANE", kind="024", eligibility_end_date="2026-03-31"),
                received="2026-03-20",
            )
        )
    for path in sorted(folders[0].iterdir()):
        assert path.read_bytes() == (folders[1] / path.name).read_bytes(), path.name


def test_a_rule_of_the_employer_moves_a_later_begin(tmp_path: Path) -> None:
    nights = Nights(tmp_path, with_rules(example_configuration(), replace_begin=True))
    nights.send(JANE, received="2026-01-12")
    nights.send(
        member("E1", "JANE", coverage("021", "2026-02-01", level="FAM")), received="2026-02-12"
    )
    assert nights.spans() == ["2026-02-01..open FAM"]
    assert pq.read_table(nights.last / "retro_change.parquet").num_rows == 1
