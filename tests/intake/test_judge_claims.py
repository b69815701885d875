"""Claims from the bytes of an 837 to a member, a claim number, or the answer they are returned with."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from edi import read_to_parquet
from tests.enrollment.enrollment_files import (
    MEMBER_VERSION,
    coverage,
    example_configuration,
    member,
    write_file,
)
from tests.enrollment.enrollment_files import Nights as EnrollmentNights
from transforms.intake import ConservationError, judge, judge_claims
from transforms.intake.files import InputFile
from validations.engine import FINDING_SCHEMA

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "domain"
PLAN = {"level": "FAM"}


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three families of ACME; the third has a daughter. Do not change them."""
    nights = EnrollmentNights(tmp_path_factory.mktemp("enrolled") / "enrollment")
    nights.root.mkdir()
    begin = "2026-01-01"
    return nights.send(
        member("E100001", "JANE", coverage("021", begin, **PLAN)),
        member("E100002", "JOHN", coverage("021", begin, **PLAN), sex_code="M", born="1979-01-01"),
        member("E100003", "JACK", coverage("021", begin, **PLAN), sex_code="M", born="1980-03-03"),
        member(
            "E100003", "Ann", coverage("021", begin, **PLAN), relationship="19", born="2016-05-05"
        ),
        received="2026-01-12",
    )


def sample() -> str:
    return (FIXTURES / "837p_w4.edi").read_text()


def read(
    folder: Path, text: str, *, received: str = "2026-03-04", first_icn: int = 41
) -> InputFile:
    folder.mkdir(parents=True)
    (folder / "file.edi").write_text(text)
    read_to_parquet(folder / "file.edi", folder)
    return InputFile(
        file_id=f"file-{folder.name}",
        folder=folder,
        partner_id="sub123",
        remote_name="claims.edi",
        received_date=date.fromisoformat(received),
        first_icn=first_icn,
    )


def judged(folder: Path, files: Iterable[InputFile], enrolled: Path) -> dict[str, Any]:
    folder.mkdir()
    judge_claims(
        configuration=example_configuration(),
        files=list(files),
        enrollment=[enrolled],
        folder=folder,
        night=date(2026, 3, 4),
    )
    return {
        "matched": pq.read_table(folder / "matched_claim.parquet").to_pylist(),
        "rejected": pq.read_table(folder / "rejected_claim.parquet").to_pylist(),
        "counts": json.loads((folder / "conservation.json").read_text()),
    }


def answers(result: dict[str, Any]) -> list[tuple[int, str]]:
    def answer(row: dict[str, Any]) -> str:
        parts = (row["status_category_code"], row["status_code"], row["entity_code"])
        return ":".join(part for part in parts if part)

    return [(row["claim_index"], answer(row)) for row in result["rejected"]]


def test_the_sample_has_a_claim_that_is_decided_and_one_of_nobody(
    tmp_path: Path, enrolled: Path
) -> None:
    result = judged(tmp_path / "judged", [read(tmp_path / "a", sample())], enrolled)
    (claim,) = result["matched"]
    assert claim["icn"] == "TPA260000000041"
    assert (claim["employer_id"], claim["subscriber_id"]) == ("ACME", "E100002")
    members = pq.read_table(enrolled / "member.parquet").to_pylist()
    john = next(row for row in members if row["first_name"] == "JOHN")
    assert (claim["member_id"], claim["person_id"]) == (john["member_id"], john["person_id"])
    (returned,) = result["rejected"]
    assert answers(result) == [(1, "A3:33:IL")]
    assert returned["patient_control_number"] == "PCN-NF1"
    assert returned["rule_id"] == "837-MEMBER-01"
    assert result["counts"] == {
        "claims_in": 2, "claims_accepted": 1, "claims_rejected": 1, "claims_in_rejected_sets": 0,
        "charge_cents_in": 54000, "charge_cents_accepted": 24000, "charge_cents_rejected": 30000,
        "charge_cents_in_rejected_sets": 0, "claims_waiting": 0, "charge_cents_waiting": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "answer"),
    [
        ("PCN-W4*240*", "PCN-W4*240.01*", "A8:400"),
        ("11:B:1*Y*A*Y*Y~\nHI*ABK:J029*ABF:E119", "11:B:7*Y*A*Y*Y~\nHI*ABK:J029*ABF:E119", "A6:464"),
        ("11:B:1*Y*A*Y*Y~\nHI*ABK:J029*ABF:E119", "11:B:2*Y*A*Y*Y~\nHI*ABK:J029*ABF:E119", "A7:535"),
        ("*PI*TPA01~\nCLM*PCN-W4", "*PI*OTHER~\nCLM*PCN-W4", "A3:116"),
        ("GRP1001******CI~\nNM1*IL*1*ROE", "GRP9999******CI~\nNM1*IL*1*ROE", "A3:33:IL"),
        ("DTP*472*D8*20260302", "DTP*472*D8*20260305", "A7:187"),
        ("1999999984", "199999998X", "A7:562:85"),
        ("1000000012", "100000001", "A7:562:82"),
        ("ABF:E119", "ABF:E1X9", "A7:255"),
        ("ABK:J029*ABF", "ABK:ZZ9*ABF", "A7:254"),
        ("UN*1***1:2", "UN*1***1:3", "A8:477"),
        ("HC:99213*165*UN*1", "HC:99213*165*UN*0", "A7:476"),
        ("HC:99213*", "HC:992A3*", "A7:454"),
        ("SBR*P*18*GRP1001******CI~\nNM1*IL*1*ROE", "SBR*P*18*******CI~\nNM1*IL*1*ROE", None),
    ],
)  # fmt: skip
def test_a_claim_is_returned_with_the_answer_of_its_mistake(
    tmp_path: Path, enrolled: Path, old: str, new: str, answer: str | None
) -> None:
    text = sample()
    assert old in text
    result = judged(
        tmp_path / "judged", [read(tmp_path / "a", text.replace(old, new, 1))], enrolled
    )
    assert result["counts"]["claims_in"] == 2, "the reader refused what the rule is for"
    assert dict(answers(result)).get(0) == answer


def test_the_first_broken_rule_in_order_answers(tmp_path: Path, enrolled: Path) -> None:
    text = sample().replace("PCN-W4*240*", "PCN-W4*240.01*").replace("MI*E100002", "MI*E777777")
    result = judged(tmp_path / "judged", [read(tmp_path / "a", text)], enrolled)
    assert answers(result) == [(0, "A3:33:IL"), (1, "A3:33:IL")]


def claim_again(text: str, patient_control_number: str = "PCN-W4") -> str:
    """The first claim of the sample once more behind itself."""
    start = text.index("CLM*PCN-W4")
    end = text.index("HL*3*1*22")
    again = text[start:end].replace("PCN-W4", patient_control_number)
    return (text[:end] + again + text[end:]).replace("SE*45*", f"SE*{45 + again.count('~')}*")


def test_the_same_claim_twice_in_a_file_is_returned_once(tmp_path: Path, enrolled: Path) -> None:
    result = judged(tmp_path / "judged", [read(tmp_path / "a", claim_again(sample()))], enrolled)
    assert answers(result) == [(1, "A3:54"), (2, "A3:33:IL")]


def test_the_same_claim_in_two_files_or_under_another_number_is_for_the_decision(
    tmp_path: Path, enrolled: Path
) -> None:
    files = [
        read(tmp_path / "a", claim_again(sample(), "PCN-OTHER"), first_icn=1),
        read(tmp_path / "b", sample(), first_icn=4),
    ]
    result = judged(tmp_path / "judged", files, enrolled)
    assert [row["icn"][-2:] for row in result["matched"]] == ["01", "02", "04"]
    assert [row["file_id"] for row in result["matched"]] == ["file-a", "file-a", "file-b"]


PATIENT = """HL*3*2*23*0~
PAT*19~
NM1*QC*1*ROE*{name}~
N3*9 OAK ST~
N4*DULUTH*MN*55803~
DMG*D8*{born}*{sex}~
"""


@pytest.mark.parametrize(
    ("name", "born", "sex", "is_known"),
    [
        ("ANN", "20160505", "F", True),
        ("Ann", "20160505", "F", True),
        ("ANN", "20160506", "F", False),
        ("ANN", "20160505", "M", False),
        ("BOB", "20160505", "F", False),
        ("JACK", "19800303", "M", True),
    ],
)
def test_a_patient_is_found_in_the_family_by_name_birth_date_and_sex(
    tmp_path: Path, enrolled: Path, name: str, born: str, sex: str, is_known: bool
) -> None:
    text = sample()
    start, end = text.index("HL*2*1*22*0~"), text.index("CLM*PCN-W4")
    subscriber = """HL*2*1*22*1~
SBR*P**GRP1001******CI~
NM1*IL*1*ROE*JACK****MI*E100003~
NM1*PR*2*ACME WIDGETS HEALTH PLAN*****PI*TPA01~
"""
    loop = subscriber + PATIENT.format(name=name, born=born, sex=sex)
    grown = loop.count("~") - text[start:end].count("~")
    text = text[:start] + loop + text[end:]
    text = text.replace("HL*3*1*22*0", "HL*4*1*22*0").replace("SE*45*", f"SE*{45 + grown}*")
    result = judged(tmp_path / "judged", [read(tmp_path / "a", text)], enrolled)
    (claim,) = result["matched"]
    assert claim["subscriber_id"] == "E100003"
    found = {row["member_id"]: row["first_name"] for row in rows(enrolled / "member.parquet")}
    assert found.get(claim["member_id"], "").upper() == (name.upper() if is_known else "")
    assert (claim["person_id"] != "") == is_known


def rows(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return found


def test_claims_of_a_rejected_set_are_counted_and_left_alone(
    tmp_path: Path, enrolled: Path
) -> None:
    text = sample().replace("SE*45*0001", "SE*44*0001")
    result = judged(tmp_path / "judged", [read(tmp_path / "a", text)], enrolled)
    assert result["matched"] == result["rejected"] == []
    assert result["counts"]["claims_in"] == 0
    assert result["counts"]["claims_in_rejected_sets"] == 2
    assert result["counts"]["charge_cents_in_rejected_sets"] == 54000


def test_a_night_without_claims_writes_empty_tables_with_every_column(
    tmp_path: Path, enrolled: Path
) -> None:
    result = judged(tmp_path / "judged", [], enrolled)
    assert result["matched"] == result["rejected"] == []
    schema = pq.read_schema(tmp_path / "judged" / "matched_claim.parquet")
    assert schema.names == [
        "file_id", "claim_index", "set_index", "icn", "employer_id", "subscriber_id", "member_id",
        "person_id", "received_date", "charge_usd",
    ]  # fmt: skip
    assert schema.field("claim_index").type == pa.int64()


def test_the_same_member_id_at_two_employers_needs_the_group_number(
    tmp_path: Path, enrolled: Path
) -> None:
    configuration = example_configuration()
    acme = configuration.employers["ACME"]
    other = acme.model_copy(update={"employer_id": "OTHER", "group_number": "GRP2"})
    both = replace(configuration, employers={"ACME": acme, "OTHER": other})
    theirs = tmp_path / "other"
    theirs.mkdir()
    copied = [{**row, "employer_id": "OTHER"} for row in rows(enrolled / "member.parquet")]
    pq.write_table(pa.Table.from_pylist(copied, MEMBER_VERSION), theirs / "member.parquet")
    texts = {
        "GRP1001": sample(),
        "GRP2": sample().replace("GRP1001", "GRP2"),
        "": sample().replace("GRP1001", ""),
    }
    found = {}
    for number, (group, text) in enumerate(texts.items()):
        folder = tmp_path / f"judged-{number}"
        folder.mkdir()
        judge_claims(
            configuration=both,
            files=[read(tmp_path / f"read-{number}", text)],
            enrollment=[enrolled, theirs],
            folder=folder,
            night=date(2026, 3, 4),
        )
        found[group] = [row["employer_id"] for row in rows(folder / "matched_claim.parquet")]
    assert found == {"GRP1001": ["ACME"], "GRP2": ["OTHER"], "": []}


def test_a_claim_that_gets_lost_stops_the_night(
    tmp_path: Path, enrolled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = read(tmp_path / "a", sample())
    monkeypatch.setattr(judge, "find_violations", lambda *given: judge_nothing())
    with pytest.raises(ConservationError, match="claims in 2, rejected, accepted and waiting 1"):
        judged(tmp_path / "judged", [file], enrolled)


def judge_nothing() -> pa.Table:
    return FINDING_SCHEMA.empty_table()


def test_the_same_files_give_the_same_bytes(tmp_path: Path, enrolled: Path) -> None:
    files = [read(tmp_path / "a", sample()), read(tmp_path / "b", claim_again(sample()))]
    for name in ("one", "two"):
        judged(tmp_path / name, files, enrolled)
    made = [path for path in (tmp_path / "one").rglob("*") if path.is_file()]
    assert tmp_path / "one" / "employers" / "ACME" / "matched_claim.parquet" in made
    for path in made:
        other = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == other.read_bytes()


def test_claims_of_an_employer_that_waits_are_neither_returned_nor_decided(tmp_path: Path) -> None:
    acme = read(tmp_path / "a", sample())
    nobodys = read(tmp_path / "b", claim_again(sample()).replace("GRP1001", ""))
    others = read(tmp_path / "c", sample().replace("GRP1001", "GRP9"))
    folder = tmp_path / "judged"
    folder.mkdir()
    judge_claims(
        configuration=example_configuration(),
        files=[acme, nobodys, others],
        enrollment=[],
        folder=folder,
        night=date(2026, 3, 4),
        waiting=frozenset({"ACME"}),
    )
    waiting = [
        (row["file_id"], row["employer_id"]) for row in rows(folder / "waiting_claim.parquet")
    ]
    assert waiting == [(acme.file_id, "ACME")] * 2 + [(nobodys.file_id, "")] * 3
    assert {row["file_id"] for row in rows(folder / "rejected_claim.parquet")} == {others.file_id}
    assert {row["file_id"] for row in rows(folder / "finding.parquet")} == {others.file_id}
    assert rows(folder / "matched_claim.parquet") == []
    assert not (folder / "employers" / "ACME").exists()


def test_an_enrollment_file_among_the_files_has_no_claims(tmp_path: Path, enrolled: Path) -> None:
    other = write_file(tmp_path / "834", [member("E1", "JANE")], received="2026-03-04")
    result = judged(tmp_path / "judged", [other, read(tmp_path / "a", sample())], enrolled)
    assert result["counts"]["claims_in"] == 2
