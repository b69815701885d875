"""TA1 and 999: exact texts for exact defects, and pyx12 finds every 999 valid."""

from datetime import datetime
from pathlib import Path

import pytest

import edi
from edi.acknowledgment import ControlNumbers, Document, acknowledgment_count, acknowledgments
from tests.edi.pyx12_oracle import accepts
from tests.edi.test_envelope_verdicts import GROUP_DEFECTS, INTERCHANGE_DEFECTS, SET_DEFECTS
from tests.edi.x12_files import (
    MEMBERS,
    SAMPLES,
    body_of,
    group_of,
    interchange_of,
    joined,
    sample,
    set_of,
    write,
)

AT = datetime(2026, 3, 4, 10, 5)  # noqa: DTZ001 - headers carry local time without a zone
NUMBERS = ControlNumbers(interchange=2001, group=2001)
TEXT = joined(interchange_of("000000001", [group_of("1", [set_of("0001", body_of())])]))


def answers(folder: Path, content: str, **policy: str) -> list[Document]:
    """Answers to the content."""
    edi.read_to_parquet(write(folder, content), folder)
    return acknowledgments(folder, numbers=NUMBERS, at=AT, **policy)  # type: ignore[arg-type]


def answer_999(folder: Path, content: str) -> str:
    """The one 999, which pyx12 must find valid."""
    found = [d for d in answers(folder, content, interchange="never") if d.kind == "999"]
    (document,) = found
    text = document.content.decode("ascii")
    assert accepts(text)
    return text


def sets_of(text: str) -> list[str]:
    """Segments between ST and SE."""
    segments = text.replace("\n", "").split("~")
    return [
        s for s in segments if not s.startswith(("ISA", "GS*", "ST*", "SE*", "GE*", "IEA")) and s
    ]


def test_one_set_accepted_and_one_refused_is_the_documented_999(tmp_path: Path) -> None:
    bad = [s.replace("PCN-W4*240", "PCN-BAD1*") for s in body_of()]
    at = next(i for i, s in enumerate(bad) if s.startswith("CLM*PCN-BAD1"))
    bad[at:at] = [
        "HL*3*1*22*0",
        "SBR*P*18*GRP1001******CI",
    ]  # moves CLM to position 22, as documented
    bad[at + 2 : at + 2] = ["NM1*IL*1*ROE*JIM****MI*E1", "NM1*PR*2*ACME*****PI*TPA01"]
    bad = [s.replace("HL*3*1*22*0", "HL*4*1*22*0") if i > at else s for i, s in enumerate(bad)]
    good = body_of()
    text = joined(
        interchange_of("000001240", [group_of("1240", [set_of("0001", good), set_of("0002", bad)])])
    )
    assert answer_999(tmp_path, text) == (SAMPLES / "999_partial.edi").read_text()


def test_an_accepted_file_gets_a_ta1_on_request_and_an_accepting_999(tmp_path: Path) -> None:
    first, second = answers(tmp_path, sample(MEMBERS))
    assert first.content.decode().split("\n")[1] == "TA1*000001235*260112*0600*A*000~"
    assert sets_of(second.content.decode()) == [
        "AK1*BE*1235*005010X220A1",
        "AK2*834*0001*005010X220A1",
        "IK5*A",
        "AK9*A*1*1*1",
    ]
    assert [d.interchange_control_number for d in (first, second)] == ["000002001", "000002002"]
    assert first.receiver_id == "ACMEHR"


def test_a_ta1_that_is_not_asked_for_is_sent_only_for_errors(tmp_path: Path) -> None:
    quiet = TEXT.replace("*1*T*:", "*0*T*:")
    assert [d.kind for d in answers(tmp_path, quiet)] == ["999"]
    assert [d.kind for d in answers(tmp_path, quiet, interchange="always")] == ["TA1", "999"]
    assert [d.kind for d in answers(tmp_path, TEXT, interchange="never")] == ["999"]
    assert [d.kind for d in answers(tmp_path, TEXT, implementation="never")] == ["TA1"]


@pytest.mark.parametrize("code", sorted(INTERCHANGE_DEFECTS))
def test_a_refused_interchange_gets_its_ta1_and_no_999(tmp_path: Path, code: str) -> None:
    (document,) = answers(tmp_path, INTERCHANGE_DEFECTS[code](TEXT))
    header, ta1, trailer, _ = document.content.decode("ascii").split("\n")
    assert len(header) == 106
    assert ta1.endswith(f"*R*{code}~")
    assert trailer == "IEA*0*000002001~"
    elements = ta1[:-1].split("*")
    assert [len(e) for e in elements[1:4]] == [9, 6, 4]


@pytest.mark.parametrize("code", sorted(GROUP_DEFECTS))
def test_a_refused_group_gets_its_ak905(tmp_path: Path, code: str) -> None:
    segments = sets_of(answer_999(tmp_path, GROUP_DEFECTS[code](TEXT)))
    assert segments[-1].startswith("AK9*R*")
    assert code in segments[-1].split("*")[5:]
    assert segments[-1].split("*")[4] == "0"
    assert not any(s.startswith("IK5*A") for s in segments)


@pytest.mark.parametrize("code", sorted(SET_DEFECTS))
def test_a_refused_set_gets_its_ik502(tmp_path: Path, code: str) -> None:
    segments = sets_of(answer_999(tmp_path, SET_DEFECTS[code](TEXT)))
    (verdict,) = (s for s in segments if s.startswith("IK5"))
    assert verdict.split("*")[1] == "R"
    assert code in verdict.split("*")[2:]


ELEMENT_DEFECTS = {
    "required element": ("CLM*PCN-W4*240*", "CLM*PCN-W4**", ["IK3*CLM*18*2300*8", "CTX*CLM01:PCN-W4", "IK4*2*782*1"]),
    "bad date": ("*19900303*", "*19901303*", ["IK3*DMG*35*2010*8", "IK4*2*1251*8"]),
    "component": ("*11:B:1*Y*A*Y*Y~HI*ABK:J029*", "*ZZ:B:1*Y*A*Y*Y~HI*ABK:J029*", ["IK3*CLM*18*2300*8", "CTX*CLM01:PCN-W4", "IK4*5:1*1331*7"]),
    "missing segment": ("HI*ABK:J029*ABF:E119~", "", ["IK3*HI*19*2300*3", "CTX*CLM01:PCN-W4"]),
    "unknown segment": ("HI*ABK:J029*ABF", "ZZZ*1~HI*ABK:J029*ABF", ["IK3*ZZZ*19*2300*1", "CTX*CLM01:PCN-W4"]),
    "unexpected segment": ("PRV*PE*PXC*207Q00000X~LX*1~SV1*HC:99214", "PRV*PE*PXC*207Q00000X~PRV*PE*PXC*207Q00000X~N3*X~LX*1~SV1*HC:99214",
                           ["IK3*PRV*41*2310*5", "CTX*CLM01:PCN-NF1", "IK3*N3*42*2310*2", "CTX*CLM01:PCN-NF1"]),
    "two in a segment": ("DMG*D8*19900303*M", "DMG*D8*19901303*Q", ["IK3*DMG*35*2010*8", "IK4*2*1251*8", "IK4*3*1068*7"]),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ELEMENT_DEFECTS))
def test_a_defect_in_a_segment_is_named_as_documented(tmp_path: Path, name: str) -> None:
    old, new, wanted = ELEMENT_DEFECTS[name]
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    added = new.count("~") - old.count("~")
    text = text.replace("SE*45*", f"SE*{45 + added}*")
    segments = sets_of(answer_999(tmp_path, text))
    assert segments == [
        "AK1*HC*1*005010X222A1",
        "AK2*837*0001*005010X222A1",
        *wanted,
        "IK5*R*5",
        "AK9*R*1*1*0",
    ]


def test_an_enrollment_error_names_the_subscriber_number(tmp_path: Path) -> None:
    text = sample(MEMBERS).replace("HD*021**DEN", "HD*099**DEN", 1)
    segments = sets_of(answer_999(tmp_path, text))
    assert "CTX*SUBSCRIBER NUMBER REF02:E100001" in segments


def test_groups_are_answered_one_by_one_in_one_interchange(tmp_path: Path) -> None:
    groups = [
        group_of("1", [set_of("0001", body_of())]),
        group_of("2", [set_of("0001", body_of(MEMBERS))], "005010X220A1"),
        group_of("3", [set_of("0001", body_of())], "005010X999A1"),
    ]
    text = answer_999(tmp_path, joined(interchange_of("000000001", groups)))
    assert text.count("ST*999*") == 3
    assert [s for s in sets_of(text) if s.startswith("AK9")] == [
        "AK9*A*1*1*1",
        "AK9*A*1*1*1",
        "AK9*R*1*1*0*2",
    ]


def test_an_acknowledgment_is_never_acknowledged(tmp_path: Path) -> None:
    partial = (SAMPLES / "999_partial.edi").read_text()
    assert answers(tmp_path, partial, interchange="always") == []
    only_ta1 = "~".join([TEXT.split("~")[0].replace("*1*T*:", "*0*T*:"), "TA1*000000009*260304*0930*A*000", "IEA*0*000000001", ""])  # fmt: skip
    assert answers(tmp_path, only_ta1) == []


def test_values_with_our_delimiters_cannot_break_an_answer(tmp_path: Path) -> None:
    odd = TEXT.translate(str.maketrans("*:^~", "\x1d\x1f\x1e\x1c"))
    odd = odd.replace("PCN-W4\x1d240", "P*C:N~^É\x1d")
    segments = sets_of(answer_999(tmp_path, odd))
    assert "CTX*CLM01:P C N" in segments


def test_a_set_with_thousands_of_findings_is_answered_with_the_first_thousand(
    tmp_path: Path,
) -> None:
    body = body_of()
    body[-1:-1] = ["ZZ*1"] * 5000
    segments = sets_of(answer_999(tmp_path, joined(interchange_of("000000001", [group_of("1", [set_of("0001", body)])]))))  # fmt: skip
    assert sum(s.startswith("IK3") for s in segments) == 1000


def test_numbers_and_time_are_given_and_the_same_file_is_answered_alike(tmp_path: Path) -> None:
    second = TEXT.replace("000000001", "000000002")
    documents = answers(tmp_path, TEXT + second)
    assert acknowledgment_count(tmp_path) == len(documents) == 4
    assert [d.interchange_control_number for d in documents] == [
        f"{n:09d}" for n in range(2001, 2005)
    ]
    again = acknowledgments(tmp_path, numbers=NUMBERS, at=AT)
    assert documents == again
