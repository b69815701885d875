"""The files of a small night: clean where they should be, refused where they should be."""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from transforms.plan.lint import lint
from transforms.plan.loader import load_configuration
from transforms.sample.names import npi
from transforms.sample.scenario import Settings

GOOD_PARTNERS = ("apex", "birchbill", "copperhealth", "bridgewaterhr", "harborlinehr")


def rows(night: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(night / "answers" / f"{name}.parquet").to_pylist()
    return found


def segments(path: Path) -> Iterator[list[str]]:
    text = path.read_text(encoding="ascii")
    element = text[3]
    for segment in text.split("~"):
        if segment.strip():
            yield segment.strip().split(element)


@pytest.mark.parametrize("partner_id", GOOD_PARTNERS)
def test_good_files_are_clean_for_pyx12(
    small_night: Path, pyx12_errors: Callable[[Path], list[str]], partner_id: str
) -> None:
    files = sorted((small_night / "drops" / partner_id).iterdir())
    assert files
    for path in files:
        assert pyx12_errors(path) == []


def test_the_last_submitter_sends_one_set_with_a_missing_service(
    small_night: Path, pyx12_errors: Callable[[Path], list[str]]
) -> None:
    [path] = (small_night / "drops" / "zephyr").glob("837p-*.x12")
    errors = pyx12_errors(path)
    assert [error.split("*")[:2] for error in errors[:2]] == [["IK3", "SV1"], ["IK5", "R"]]
    assert sum(error.startswith("IK5*R") for error in errors) == 1
    refused = [row for row in rows(small_night, "sets") if not row["is_accepted"]]
    assert len(refused) == 1


@pytest.mark.parametrize("name", ["zz-cut-in-the-middle.x12", "zz-wrong-segment-count.x12"])
def test_damaged_files_are_refused_by_pyx12(
    small_night: Path, pyx12_errors: Callable[[Path], list[str]], name: str
) -> None:
    assert pyx12_errors(small_night / "drops" / "zephyr" / name)


def test_bad_files_can_be_left_out(tmp_path: Path, small_settings: Settings) -> None:
    from dataclasses import replace

    from transforms.sample.night import make_night

    made = make_night(replace(small_settings, has_bad_files=False), tmp_path / "good")
    assert made["sets_rejected"] == 0
    assert not list((tmp_path / "good" / "drops" / "zephyr").glob("zz-*"))


def test_the_configuration_loads_and_lint_finds_no_error(small_night: Path) -> None:
    configuration = load_configuration(small_night / "config")
    assert [finding for finding in lint(configuration) if finding.severity == "error"] == []
    assert {len(employer.plans) for employer in configuration.employers.values()} == {1, 2}
    for partner in configuration.partners.values():
        if partner.exchange.inbound in {path.name for path in (small_night / "drops").iterdir()}:
            assert partner.content_kind in {"x12", "deposits", "approvals"}


def test_every_dropped_folder_belongs_to_a_partner(small_night: Path) -> None:
    configuration = load_configuration(small_night / "config")
    inbound = {partner.exchange.inbound for partner in configuration.partners.values()}
    assert {path.name for path in (small_night / "drops").iterdir()} <= inbound


def test_claims_in_the_files_are_the_claims_of_the_answers(small_night: Path) -> None:
    """Read back independently: number, charge and order of every claim of every good set."""
    files = {row["file_number"]: row for row in rows(small_night, "files")}
    answers = rows(small_night, "claims")
    for number, file in files.items():
        if file["file_kind"] != "claims":
            continue
        path = small_night / "drops" / str(file["partner_id"]) / str(file["remote_name"])
        found = [
            (segment[1], Decimal(segment[2])) for segment in segments(path) if segment[0] == "CLM"
        ]
        expected = [
            (row["patient_control_number"], row["charge_usd"])
            for row in answers
            if row["file_number"] == number
        ]
        assert [row["claim_index"] for row in answers if row["file_number"] == number] == list(
            range(len(expected))
        )
        assert found[: len(expected)] == expected
        assert len(expected) == file["claim_count"]


def test_claim_numbers_run_through_the_files_in_order_of_partner_and_name(
    small_night: Path,
) -> None:
    files = {row["file_number"]: row for row in rows(small_night, "files")}
    claims = rows(small_night, "claims")
    in_order = sorted(
        claims,
        key=lambda row: (
            files[row["file_number"]]["partner_id"],
            files[row["file_number"]]["remote_name"],
            row["claim_index"],
        ),
    )
    assert [row["icn"] for row in in_order] == [
        f"TPA26{number:010d}" for number in range(1, len(claims) + 1)
    ]


def test_full_files_list_every_span_of_the_answers(small_night: Path) -> None:
    found: Counter[tuple[str, str, str, str]] = Counter()
    for partner_id in ("bridgewaterhr", "harborlinehr"):
        [path] = (small_night / "drops" / partner_id).iterdir()
        subscriber = plan = ""
        begin = ""
        for segment in segments(path):
            if segment[:2] == ["REF", "0F"]:
                subscriber = segment[2]
            if segment[0] == "HD":
                plan = segment[4]
            if segment[:2] == ["DTP", "348"]:
                begin = segment[3]
                found[subscriber, plan, begin, ""] += 1
            if segment[:2] == ["DTP", "349"]:
                found[subscriber, plan, begin, ""] -= 1
                found[subscriber, plan, begin, segment[3]] += 1
    expected = Counter(
        (
            str(row["subscriber_id"]),
            str(row["plan_id"]),
            f"{row['begin_date']:%Y%m%d}",
            f"{row['end_date']:%Y%m%d}" if row["end_date"] and not grows_up(row) else "",
        )
        for row in rows(small_night, "spans")
    )
    assert +found == expected


def grows_up(row: dict[str, Any]) -> bool:
    """Whether a span ends because the child does; the enrollment file does not say that."""
    end, born = row["end_date"], row["birth_date"]
    return row["relationship_code"] == "19" and (end.year, end.month) == (
        born.year + 26,
        born.month,
    )


def test_spans_of_a_person_never_overlap_and_dependents_stay_within_the_subscriber(
    small_night: Path,
) -> None:
    forever = date.max
    people: dict[tuple[str, int], list[tuple[date, date]]] = {}
    for row in rows(small_night, "spans"):
        key = (row["subscriber_id"], row["person_sequence"])
        people.setdefault(key, []).append((row["begin_date"], row["end_date"] or forever))
    for (subscriber, _), spans in people.items():
        spans.sort()
        assert all(end < begin for (_, end), (begin, _) in pairwise(spans))
        subscribers_days = people[subscriber, 0]
        for begin, end in spans:
            assert any(first <= begin <= last for first, last in subscribers_days)
            assert any(first <= end <= last for first, last in subscribers_days)


def test_every_employer_deposits_what_is_asked_and_somebody_else_approves(
    small_night: Path,
) -> None:
    asked: Counter[str] = Counter()
    for line in rows(small_night, "funding_lines"):
        asked[line["funding_account_id"]] += line["amount_usd"]
    [bank] = (small_night / "drops" / "bank").iterdir()
    with bank.open() as file:
        deposits = {
            row["funding_account_id"]: Decimal(row["amount_usd"]) for row in csv.DictReader(file)
        }
    assert deposits == asked
    configuration = load_configuration(small_night / "config")
    preparers = {
        employer.funding.funding_account_id: employer.approval.prepared_by
        for employer in configuration.employers.values()
    }
    [answers] = (small_night / "drops" / "approvals").iterdir()
    with answers.open() as file:
        for row in csv.DictReader(file):
            assert row["approved_by"] != preparers[row["funding_account_id"]]


def test_payments_and_claim_lines_come_to_the_same(small_night: Path) -> None:
    claims = [
        row for row in rows(small_night, "claims") if row["outcome"] in {"APPROVED", "DENIED"}
    ]
    payments = rows(small_night, "payments")
    lines = rows(small_night, "funding_lines")
    paid = sum(row["paid_usd"] for row in claims)
    assert paid == sum(row["amount_usd"] for row in payments)
    assert paid == sum(row["amount_usd"] for row in lines if row["line_kind"] == "CLAIMS")
    assert sum(row["claim_count"] for row in payments) == len(claims)


def test_every_line_adds_up(small_night: Path) -> None:
    adjusted: dict[tuple[int, int, int], Decimal] = {}
    for row in rows(small_night, "adjustments"):
        key = (row["file_number"], row["claim_index"], row["line_number"])
        adjusted[key] = adjusted.get(key, Decimal(0)) + row["amount_usd"]
    for row in rows(small_night, "lines"):
        key = (row["file_number"], row["claim_index"], row["line_number"])
        assert row["charge_usd"] == row["paid_usd"] + adjusted.get(key, Decimal(0))


def test_every_planted_case_and_every_outcome_occurs(small_night: Path) -> None:
    summary = json.loads((small_night / "answers" / "night.json").read_text())
    outcomes = set(summary["outcomes"])
    assert {
        "APPROVED", "DENIED", "CANCELLED", "VOID", "PENDED P-COB", "PENDED P-NOCAT",
        "PENDED P-PRICE", "REJECTED A3:33:IL", "REJECTED A6:464", "REJECTED A8:400",
    } <= outcomes  # fmt: skip
    reasons = {
        f"{row['group_code']}-{row['reason_code']}" for row in rows(small_night, "adjustments")
    }
    assert {
        "PR-26", "PR-27", "PR-200", "PR-32", "CO-29", "OA-18", "PR-204", "PR-96", "CO-97", "CO-16",
        "CO-45", "PR-45", "PR-1", "PR-2", "PR-3", "PR-119",
    } <= reasons  # fmt: skip


def test_planted_families_really_reach_their_limits(small_night: Path) -> None:
    cases = {
        (row["file_number"], row["claim_index"]): row["planted_case"]
        for row in rows(small_night, "claims")
    }
    lines: dict[str, list[dict[str, Any]]] = {}
    for row in rows(small_night, "lines"):
        case = cases[row["file_number"], row["claim_index"]]
        lines.setdefault(case, []).append(row)
    free = [
        line for line in lines["out_of_pocket_maximum"] if line["paid_usd"] == line["allowed_usd"]
    ]
    assert free
    scans = [line["deductible_usd"] for line in lines["family_deductible"]]
    assert min(scans) < max(scans)
    assert {line["line_outcome"] for line in lines["therapy_series"]} == {"PAID", "DENIED"}
    copays = [line["copay_usd"] for line in lines["shared_emergency_copay"]]
    assert sum(copays) > max(copays) or min(copays) == 0


def test_identities_cannot_be_anybodys(small_night: Path) -> None:
    for path in (small_night / "drops").rglob("*.x12"):
        for segment in segments(path) if path.stat().st_size else ():
            if segment[0] == "ISA":
                assert segment[15] == "T"
            if segment[0] == "NM1" and len(segment) > 9 and segment[8] == "34":
                assert re.fullmatch(r"9\d{8}", segment[9])
            if segment[0] == "NM1" and len(segment) > 9 and segment[8] == "XX":
                assert segment[9].startswith("1234")


def test_provider_numbers_have_their_check_digit() -> None:
    assert npi(56789) == "1234567893"
