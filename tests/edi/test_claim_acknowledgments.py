"""277CA: the documented answer to the documented file, totals that add up, and valid to two readers."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import edi
from edi.acknowledgment import ControlNumbers
from edi.acknowledgment.claims import (
    CLAIM_STATUS_SCHEMA,
    LINE_STATUS_SCHEMA,
    ClaimDocument,
    Source,
    claim_acknowledgments,
)
from tests.edi.pyx12_oracle import accepts

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "domain"
AT = datetime(2026, 3, 4, 10, 5)  # noqa: DTZ001 - headers carry local time without a zone
SOURCE = Source(
    name="ACME WIDGETS HEALTH PLAN",
    identifier="TPA01",
    application_id="TPA01",
    received_date=date(2026, 3, 4),
    processed_date=date(2026, 3, 4),
)
TAKEN = (True, "A2", "20", "PR", "TPA260000000180")
UNKNOWN_MEMBER = (False, "A3", "33", "IL", "")
BAD_PROCEDURE = (False, "A7", "454", "", "")
Status = tuple[bool, str, str, str, str]


def sample() -> str:
    return (FIXTURES / "837p_w4.edi").read_text()


def answers(
    folder: Path,
    text: str,
    statuses: list[Status],
    lines: list[tuple[Any, ...]] | None = None,
    policy: Any = "always",
) -> list[ClaimDocument]:
    folder.mkdir(exist_ok=True)
    (folder / "in.x12").write_text(text)
    edi.read_to_parquet(folder / "in.x12", folder, threads=1)
    claims = pa.Table.from_pylist(
        [
            dict(zip(CLAIM_STATUS_SCHEMA.names, (index, *status), strict=True))
            for index, status in enumerate(statuses)
        ],
        schema=CLAIM_STATUS_SCHEMA,
    )
    of_lines = pa.Table.from_pylist(
        [dict(zip(LINE_STATUS_SCHEMA.names, line, strict=True)) for line in lines or []],
        schema=LINE_STATUS_SCHEMA,
    )
    numbers = ControlNumbers(interchange=2002, group=2002)
    return claim_acknowledgments(
        folder, claims, of_lines, source=SOURCE, numbers=numbers, at=AT, policy=policy
    )


def segments(document: ClaimDocument) -> list[list[str]]:
    """Segments and elements of a document, by its own delimiters."""
    text = document.content.decode("ascii")
    return [one.split(text[3]) for one in text.split(text[105])[:-1]]


def checked(folder: Path, document: ClaimDocument) -> list[list[str]]:
    """The segments of a document that pyx12 and our own reader find valid."""
    assert accepts(document.content.decode("ascii"))
    folder.mkdir(exist_ok=True)
    (folder / "out.x12").write_bytes(document.content)
    reading = edi.read(folder / "out.x12")
    assert reading.findings.num_rows == 0
    assert reading.outcome.sets_accepted == reading.outcome.sets > 0
    return segments(document)


def test_the_documented_file_gets_the_documented_answer(tmp_path: Path) -> None:
    [document] = answers(tmp_path, sample(), [TAKEN, UNKNOWN_MEMBER])
    wanted = [
        one.strip().split("*")
        for one in (FIXTURES / "277ca_mixed.edi").read_text().split("~")
        if one.strip()
    ]
    wanted[3][3] = wanted[6][2] = "277CA0000020020001"  # our references are made of control numbers
    assert checked(tmp_path / "again", document) == wanted
    assert document.receiver_id == "SUB123"


def totals(found: list[list[str]]) -> dict[str, Decimal]:
    """Counts and amounts of the receiver and provider levels, added up by qualifier and level."""
    sums: dict[str, Decimal] = {}
    level = ""
    for one in found:
        level = one[3] if one[0] == "HL" else level
        if one[0] in {"QTY", "AMT"}:
            key = f"{level} {one[1]}"
            sums[key] = sums.get(key, Decimal(0)) + Decimal(one[2])
    return sums


def two_providers() -> str:
    """The sample with its second subscriber under a billing provider of his own."""
    text = sample()
    start, end = text.index("HL*1**20*1~"), text.index("HL*2*1*22*0~")
    provider = (
        text[start:end].replace("HL*1**20*1", "HL*3**20*1").replace("1999999984", "1234567893")
    )
    second = text.index("HL*3*1*22*0~")
    grown = provider.count("~")
    text = text[:second] + provider + text[second:].replace("HL*3*1*22*0", "HL*4*3*22*0", 1)
    return text.replace("SE*45*", f"SE*{45 + grown}*")


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([TAKEN, UNKNOWN_MEMBER], {"90": 1, "AA": 1, "YU": 240, "YY": 300}),
        ([TAKEN, TAKEN], {"90": 2, "YU": 540}),
        ([UNKNOWN_MEMBER, UNKNOWN_MEMBER], {"AA": 2, "YY": 540}),
    ],
)
@pytest.mark.parametrize("text", [sample(), two_providers()], ids=["one provider", "two providers"])
def test_counts_and_amounts_are_those_of_the_claims_at_every_level(
    tmp_path: Path, statuses: list[Status], expected: dict[str, int], text: str
) -> None:
    [document] = answers(tmp_path, text, statuses)
    found = checked(tmp_path / "again", document)
    sums = totals(found)
    assert {
        key.split()[1]: value for key, value in sums.items() if key.startswith("21 ")
    } == expected
    at_providers = {key.split()[1]: value for key, value in sums.items() if key.startswith("19 ")}
    names = {"90": "QA", "AA": "QC"}
    assert at_providers == {names.get(key, key): value for key, value in expected.items()}
    providers = [one for one in found if one[0] == "HL" and one[3] == "19"]
    assert len(providers) == (2 if text == two_providers() else 1)


def test_every_level_names_the_number_of_the_level_above(tmp_path: Path) -> None:
    [document] = answers(tmp_path, two_providers(), [TAKEN, UNKNOWN_MEMBER])
    levels = [one for one in checked(tmp_path / "again", document) if one[0] == "HL"]
    assert [one[1] for one in levels] == ["1", "2", "3", "4", "5", "6"]
    assert [one[2] for one in levels] == ["", "1", "2", "3", "2", "5"]


def test_a_line_that_is_why_a_claim_is_rejected_is_named(tmp_path: Path) -> None:
    line = (0, 2, "A7", "454", "")
    [document] = answers(tmp_path, sample(), [BAD_PROCEDURE, TAKEN], [line])
    found = checked(tmp_path / "again", document)
    at = next(place for place, one in enumerate(found) if one[0] == "SVC")
    assert found[at : at + 4] == [
        ["SVC", "HC:80053", "75"],
        ["STC", "A7:454", "20260304", "U"],
        ["REF", "FJ", "2"],
        ["DTP", "472", "D8", "20260302"],
    ]


def test_a_set_the_999_refused_is_not_answered(tmp_path: Path) -> None:
    assert answers(tmp_path, sample().replace("SE*45*", "SE*44*"), []) == []


@pytest.mark.parametrize(
    ("policy", "statuses", "count"),
    [
        ("never", [TAKEN, UNKNOWN_MEMBER], 0),
        ("rejected", [TAKEN, TAKEN], 0),
        ("rejected", [TAKEN, UNKNOWN_MEMBER], 1),
        ("always", [TAKEN, TAKEN], 1),
    ],
)
def test_a_partner_gets_what_it_wants(
    tmp_path: Path, policy: str, statuses: list[Status], count: int
) -> None:
    found = answers(tmp_path, sample(), statuses, policy=policy)
    assert len(found) == count


def test_a_control_number_is_repeated_to_the_byte_whatever_stands_in_it(tmp_path: Path) -> None:
    strange = sample().replace("*", "|").replace("PCN-W4", "A*B D")
    [document] = answers(tmp_path, strange, [TAKEN, UNKNOWN_MEMBER])
    found = checked(tmp_path / "again", document)
    assert ["TRN", "2", "A*B D"] in found


def test_claims_without_a_status_are_our_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="every claim"):
        answers(tmp_path, sample(), [TAKEN])


def test_the_same_file_gets_the_same_bytes(tmp_path: Path) -> None:
    one, two = (
        answers(tmp_path / name, sample(), [TAKEN, UNKNOWN_MEMBER])[0].content
        for name in ("a", "b")
    )
    assert one == two
