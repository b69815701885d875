"""Change files from record to span, outcome and code."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.enrollment.enrollment_files import (
    Nights,
    coverage,
    example_configuration,
    member,
    with_plans,
)
from transforms.enrollment import HeldFile


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


JANE = member("E1", "JANE", coverage("021", "2026-01-01", level="FAM"))
SAM = member(
    "E1", "SAM", coverage("021", "2026-01-01", level="FAM"), relationship="19", born="2015-06-20"
)
WHILE_A_CHILD = "2026-01-01..2041-06-30 FAM"
"""Sam is covered to the end of the month of the 26th birthday, and the span says so."""
ALEX = member(
    "E1", "ALEX", coverage("021", "2026-01-01", level="FAM"), relationship="01", born="1984-02-02"
)


def test_a_family_is_added_and_known(nights: Nights) -> None:
    nights.send(JANE, SAM, ALEX, received="2026-01-12")
    assert nights.outcomes() == [("APPLIED", "")] * 3
    assert nights.spans("JANE") == nights.spans("ALEX") == ["2026-01-01..open FAM"]
    assert nights.spans("SAM") == [WHILE_A_CHILD]
    groups = {row["first_name"]: row["relationship_group"] for row in nights.rows("member")}
    assert groups == {"JANE": "SUBSCRIBER", "SAM": "CHILD", "ALEX": "SPOUSE"}
    spans = nights.rows("eligibility_span")
    assert {row["source_file_id"] for row in spans} == {"file-read-0"}
    assert sorted(row["source_segment"] for row in spans) == [1, 11, 21]


def test_the_same_file_again_changes_nothing_and_opens_no_version(nights: Nights) -> None:
    nights.send(JANE, SAM, received="2026-01-12")
    nights.send(JANE, SAM, received="2026-01-13")
    assert nights.outcomes() == [("NO_CHANGE", "")] * 2
    assert {row["valid_from_event"] for row in nights.rows("eligibility_span")} == {1}
    assert nights.rows("closed_eligibility_span") == []
    assert nights.rows("closed_member") == []


def test_a_changed_span_closes_its_version_and_opens_another(nights: Nights) -> None:
    nights.send(JANE, received="2026-01-12")
    nights.send(
        member("E1", "JANE", coverage("024", end="2026-02-28", level="FAM"), kind="024"),
        received="2026-02-20",
    )
    (span,) = nights.rows("eligibility_span")
    assert (span["end_date"].isoformat(), span["valid_from_event"]) == ("2026-02-28", 2)
    (closed,) = nights.rows("closed_eligibility_span")
    assert closed["valid_from_event"] == 1


def test_a_subscriber_who_leaves_takes_the_dependents_along(nights: Nights) -> None:
    nights.send(JANE, SAM, ALEX, received="2026-01-12")
    nights.send(
        member("E1", "JANE", kind="024", eligibility_end_date="2026-03-31"), received="2026-03-20"
    )
    assert nights.spans() == ["2026-01-01..2026-03-31 FAM"] * 3
    assert nights.outcomes() == [("APPLIED", "")] * 3  # one sent, two by cascade
    cascades = [row for row in nights.rows("member_transaction") if row["coverage_index"] < -1000]
    assert len(cascades) == 2
    assert {row["maintenance_type_code"] for row in cascades} == {"024"}


def test_a_cobra_dependent_stays_when_the_subscriber_leaves(nights: Nights) -> None:
    sam = member(
        "E1",
        "SAM",
        coverage("021", "2026-01-01", level="FAM"),
        relationship="19",
        born="2015-06-20",
        benefit_status_code="C",
    )
    nights.send(JANE, sam, received="2026-01-12")
    nights.send(
        member("E1", "JANE", kind="024", eligibility_end_date="2026-03-31"), received="2026-03-20"
    )
    assert nights.spans("SAM") == [WHILE_A_CHILD]


def test_a_termination_without_coverage_ends_every_plan(tmp_path: Path) -> None:
    nights = Nights(tmp_path, with_plans(example_configuration(), ACME_DEN="DEN"))
    both = (
        coverage("021", "2026-01-01"),
        coverage("021", "2026-01-01", plan="ACME-DEN", line="DEN"),
    )
    nights.send(member("E1", "JANE", *both), received="2026-01-12")
    nights.send(
        member("E1", "JANE", kind="024", eligibility_end_date="2026-03-31"), received="2026-03-20"
    )
    assert nights.spans() == ["2026-01-01..2026-03-31 EE"] * 2
    assert nights.outcomes() == [("APPLIED", "")]


def test_a_change_of_demographics_keeps_the_history_of_the_person(nights: Nights) -> None:
    nights.send(JANE, received="2026-01-12")
    before = nights.rows("member")[0]
    nights.send(
        member("E1", "JANE", kind="001", last_name="MILLER", born="1985-04-21"),
        received="2026-02-12",
    )
    (after,) = nights.rows("member")
    assert nights.outcomes() == [("APPLIED", "")]
    assert after["member_id"] == before["member_id"]
    assert (after["last_name"], after["birth_date"].isoformat()) == ("MILLER", "1985-04-21")
    assert nights.rows("closed_member")[0]["valid_from_event"] == 1
    assert nights.spans() == ["2026-01-01..open FAM"]


def test_a_client_number_is_the_member_whatever_else_changes(nights: Nights) -> None:
    first = member(
        "E1", "SAM", coverage("021", "2026-01-01"), relationship="19", client_member_number="C9"
    )
    nights.send(JANE, first, received="2026-01-12")
    before = {row["first_name"]: row["member_id"] for row in nights.rows("member")}
    second = member("E1", "SAMUEL", relationship="19", kind="001", client_member_number="C9")
    nights.send(second, received="2026-02-12")
    after = {row["first_name"]: row["member_id"] for row in nights.rows("member")}
    assert after["SAMUEL"] == before["SAM"]
    assert len(after) == 2


def test_twins_are_two_members_by_birth_sequence(nights: Nights) -> None:
    twins = [
        member("E1", "A", coverage("021", "2026-01-01"), relationship="19", born="2025-12-01", birth_sequence_number=n)
        for n in ("1", "2")
    ]  # fmt: skip
    nights.send(JANE, *twins, received="2026-01-12")
    assert len(nights.rows("member")) == 3


def test_a_dependent_of_nobody_known_waits_and_is_applied_with_the_next_file(
    nights: Nights,
) -> None:
    early = nights.file([SAM], received="2026-01-12")
    nights.apply(early)
    assert nights.outcomes() == [("HELD", "E-834-SUB")]
    assert nights.rows("member") == []
    waiting = HeldFile(file=early, coverage_indexes=frozenset({0}), is_approved=False)
    nights.apply(held=[waiting])
    assert nights.outcomes() == [("HELD", "E-834-SUB")]
    nights.send(JANE, received="2026-01-14")
    nights.apply(held=[waiting])
    assert nights.outcomes() == [("APPLIED", "")]
    assert nights.spans("SAM") == [WHILE_A_CHILD]


def test_a_dependent_outside_the_subscribers_days_is_held(nights: Nights) -> None:
    early = member("E1", "SAM", coverage("021", "2025-12-01"), relationship="19", born="2015-06-20")
    nights.send(JANE, early, received="2026-01-12")
    assert nights.outcomes() == [("APPLIED", ""), ("HELD", "E-834-DEPCOV")]


def test_a_second_spouse_is_held_until_the_first_has_left(nights: Nights) -> None:
    kim = member("E1", "KIM", coverage("021", "2026-03-01", level="FAM"), relationship="01")
    nights.send(JANE, ALEX, received="2026-01-12")
    nights.send(kim, received="2026-02-20")
    assert nights.outcomes() == [("HELD", "E-834-REL")]
    gone = member(
        "E1",
        "ALEX",
        coverage("024", end="2026-02-28", level="FAM"),
        relationship="01",
        kind="024",
        born="1984-02-02",
    )
    nights.send(kim, gone, received="2026-02-21")
    assert nights.outcomes() == [("APPLIED", ""), ("APPLIED", "")]
    assert nights.spans("ALEX") == ["2026-01-01..2026-02-28 FAM"]
    assert nights.spans("KIM") == ["2026-03-01..open FAM"]


@pytest.mark.parametrize(
    ("record", "outcome", "code"),
    [
        (member("E1", "JANE", coverage("021", "2026-01-01", plan="GOLD")), "HELD", "E-834-PLAN"),
        (member("E1", "JANE", coverage("021")), "HELD", "E-834-DATE"),
        (member("E1", "JANE", coverage("021", "2026-02-01", "2026-01-01")), "HELD", "E-834-DATE"),
        (member("E1", "JANE", coverage("024"), kind="024"), "HELD", "E-834-DATE"),
        (member("E1", "JANE", kind="024"), "HELD", "E-834-DATE"),
        (member("E1", "JANE", coverage("021", "2026-01-01", level="XYZ")), "HELD", "E-834-TIER"),
        (member("E1", "JANE", coverage("021", "2025-10-01")), "HELD", "E-834-RETRO"),
        (member("E1", "JANE", coverage("021", "2026-06-01")), "WARNED", "E-834-FUT"),
        (member("E1", "JANE", coverage("024", end="2026-01-31"), kind="024"), "NO_CHANGE", "E-834-NOCOV"),
        (member("E1", "JANE", kind="001"), "NO_CHANGE", "E-834-NOCOV"),
        (member("E1", "JANE", kind="021"), "APPLIED", ""),
        (member("E1", "JANE", coverage("099", "2026-01-01")), "HELD", "E-834-TYPE"),
        (member("E1", "JANE", coverage("021", None), eligibility_begin_date="2026-01-01"), "APPLIED", ""),
    ],
)  # fmt: skip
def test_a_record_gets_the_outcome_of_its_case(
    nights: Nights,
    record: tuple[dict[str, object], list[dict[str, object]]],
    outcome: str,
    code: str,
) -> None:
    nights.send(record, received="2026-01-12")
    assert nights.outcomes() == [(outcome, code)]


def test_nobody_new_is_written_down_by_a_termination(nights: Nights) -> None:
    nights.send(
        member("E1", "JANE", coverage("024", end="2026-01-31"), kind="024"), received="2026-01-12"
    )
    assert nights.rows("member") == []


def test_a_member_twice_with_other_data_is_held_twice(nights: Nights) -> None:
    nights.send(
        member("E1", "JANE", coverage("021", "2026-01-01")),
        member("E1", "JANE", coverage("021", "2026-01-01"), last_name="ROE"),
        member("E2", "JOHN", coverage("021", "2026-01-01"), coverage("021", "2026-01-01", level="FAM")),
        member("E3", "JILL", coverage("021", "2026-01-01"), coverage("021", "2026-01-01")),
        received="2026-01-12",
    )  # fmt: skip
    held = ("HELD", "E-834-DUPMEM")
    assert nights.outcomes() == [held, held, held, held, ("APPLIED", ""), ("NO_CHANGE", "")]


def test_a_social_security_number_belongs_to_one_person(nights: Nights) -> None:
    nights.send(
        member("E1", "JANE", coverage("021", "2026-01-01"), ssn="999001111"), received="2026-01-12"
    )
    nights.send(
        member("E2", "JOHN", coverage("021", "2026-01-01"), ssn="999001111", born="1990-01-01"),
        member("E1", "JANE", kind="001", ssn="999002222"),
        received="2026-01-13",
    )
    assert nights.outcomes() == [("HELD", "E-834-SSN"), ("HELD", "E-834-SSN")]
    corrected = member("E1", "JANE", kind="001", ssn="999002222", maintenance_reason_code="25")
    nights.send(corrected, received="2026-01-14")
    assert nights.outcomes()[0][0] != "HELD"
    text = "".join(path.read_bytes().decode("latin-1") for path in nights.last.iterdir())
    assert "999001111" not in text


def test_a_child_of_two_employees_is_one_person_and_two_members(nights: Nights) -> None:
    john = member("E2", "JOHN", coverage("021", "2026-01-01", level="FAM"), born="1984-01-01")
    again = member(
        "E2",
        "SAM",
        coverage("021", "2026-01-01", level="FAM"),
        relationship="19",
        born="2015-06-20",
    )
    nights.send(JANE, SAM, john, again, received="2026-01-12")
    sams = [row for row in nights.rows("member") if row["first_name"] == "SAM"]
    assert len({row["member_id"] for row in sams}) == 2
    assert len({row["person_id"] for row in sams}) == 1


def test_a_child_is_covered_to_the_end_of_the_month_of_the_26th_birthday(nights: Nights) -> None:
    child = coverage("021", "2026-01-01", level="FAM")
    grown = {"relationship": "19", "born": "2000-05-14"}
    nights.send(
        JANE,
        member("E1", "PAT", child, **grown),
        member("E1", "LEE", child, handicap_indicator="Y", **grown),
        member("E1", "OLD", child, relationship="19", born="1999-11-30"),
        received="2026-01-12",
    )
    assert nights.spans("PAT") == ["2026-01-01..2026-05-31 FAM"]
    assert nights.spans("LEE") == ["2026-01-01..open FAM"]
    assert nights.outcomes()[3] == ("HELD", "E-834-AGE")
    nights.send(member("E1", "PAT", child, **grown), received="2026-06-12")
    assert nights.outcomes() == [("NO_CHANGE", "E-834-AGE")]


def test_a_tier_that_does_not_fit_the_family_is_applied_with_a_remark(nights: Nights) -> None:
    alone = member("E1", "JANE", coverage("021", "2026-01-01", level="EMP"))
    nights.send(alone, SAM, received="2026-01-12")
    assert nights.outcomes() == [("WARNED", "E-834-TIER"), ("APPLIED", "")]


def test_a_death_ends_coverage_on_its_day(nights: Nights) -> None:
    nights.send(JANE, SAM, received="2026-01-12")
    nights.send(member("E1", "JANE", kind="024", death_date="2026-02-03"), received="2026-02-10")
    assert nights.spans("JANE") == ["2026-01-01..2026-02-03 FAM"]


def test_a_partner_may_send_the_first_day_without_coverage(tmp_path: Path) -> None:
    configuration = example_configuration()
    partner = configuration.partners["acmehr"].model_copy(
        update={"term_date_convention": "EXCLUSIVE"}
    )
    exclusive = replace(configuration, partners={**configuration.partners, "acmehr": partner})
    nights = Nights(tmp_path, exclusive)
    nights.send(JANE, received="2026-01-12")
    nights.send(
        member("E1", "JANE", coverage("024", end="2026-03-01", level="FAM"), kind="024"),
        received="2026-02-20",
    )
    assert nights.spans() == ["2026-01-01..2026-02-28 FAM"]


def test_a_late_termination_waits_for_approval_and_then_applies(nights: Nights) -> None:
    nights.send(JANE, SAM, received="2026-01-12")
    late = nights.file(
        [member("E1", "JANE", coverage("024", end="2026-02-15", level="FAM"), kind="024")],
        received="2026-05-05",
    )
    nights.apply(late)
    assert nights.outcomes() == [("HELD", "E-834-RETRO")]
    assert sorted(nights.spans()) == [WHILE_A_CHILD, "2026-01-01..open FAM"]
    (queued,) = nights.rows("retro_change")
    assert (queued["first_date"].isoformat(), queued["is_possible_rescission"]) == (
        "2026-02-16",
        True,
    )
    nights.apply(held=[HeldFile(file=late, coverage_indexes=frozenset({0}), is_approved=True)])
    assert nights.spans() == ["2026-01-01..2026-02-15 FAM"] * 2
    changes = nights.rows("retro_change")
    assert {row["first_date"].isoformat() for row in changes} == {"2026-02-16"}
    assert {row["outcome"] for row in changes} == {"APPLIED"}
    assert len({row["member_id"] for row in changes}) == 2  # the child lost the same days


def test_joining_another_plan_ends_the_old_one(tmp_path: Path) -> None:
    nights = Nights(tmp_path, with_plans(example_configuration(), ACME_HMO="MED"))
    nights.send(JANE, received="2026-01-12")
    nights.send(
        member("E1", "JANE", coverage("021", "2026-04-01", plan="ACME-HMO", level="FAM")),
        received="2026-03-20",
    )
    assert nights.spans(plan_id="ACME-PPO") == ["2026-01-01..2026-03-31 FAM"]
    assert nights.spans(plan_id="ACME-HMO") == ["2026-04-01..open FAM"]
