import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stdnum import luhn

import edi
from edi.identifiers.deidentify import Deidentified, deidentify
from edi.identifiers.elements import catalogue
from edi.identifiers.masking import held
from edi.identifiers.substitutes import KeyTooShortError, Substitutes
from edi.segment_stream import SegmentBlock, segment_blocks
from tests.edi.x12_files import (
    SAMPLES,
    body_of,
    group_of,
    interchange_of,
    joined,
    sample,
    set_of,
    write,
)

KEY = b"sixteen bytes ok"
OTHER = b"another key, too"
MADE = Substitutes(KEY, catalogue().sparse_areas)
LETTERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", min_size=1, max_size=20)


def copied(folder: Path, content: str | bytes, key: bytes = KEY) -> tuple[bytes, Deidentified]:
    """A de-identified copy of the content."""
    path = write(folder, content)
    made = deidentify(path, folder / "copy.x12", key=key, threads=1)
    return (folder / "copy.x12").read_bytes(), made


def identifiers(path: Path) -> list[bytes]:
    """Everything a file holds that must be replaced, dates left out: those move."""
    found = []
    for block in segment_blocks(path):
        if isinstance(block, SegmentBlock):
            for number in range(len(block)):
                segment = block.segment(number)
                found += [
                    segment.content[one.start : one.end]
                    for one in held(segment)
                    if one.kind.substitute not in {"", "date", "birth_date"}
                ]
    return found


@given(LETTERS)
def test_a_substitute_has_the_form_of_its_original_and_is_never_the_same(text: str) -> None:
    value = text.encode()
    made = MADE.characters(value)
    assert len(made) == len(value)
    for before, after in zip(text, made.decode(), strict=True):
        assert before.isdigit() == after.isdigit()
        assert before.isalpha() == after.isalpha()
    assert made != value or not any(c.isalnum() for c in text)
    assert MADE.words(value) != value or not any(c.isalnum() for c in text)


@given(LETTERS, LETTERS)
def test_two_numbers_never_become_one(one: str, other: str) -> None:
    assume(one != other)
    assert MADE.characters(one.encode()) != MADE.characters(other.encode())


def test_all_numbers_of_two_digits_become_all_numbers_of_two_digits() -> None:
    made = {MADE.characters(f"{number:02d}".encode()) for number in range(100)}
    assert len(made) == 100


@given(st.integers(0, 10**9 - 1), st.integers(0, 9))
def test_an_npi_keeps_its_first_digit_and_whether_its_check_digit_is_right(
    body: int, check: int
) -> None:
    sent = f"{body:09d}{check}"
    made = MADE.npi(sent.encode()).decode()
    assert made != sent
    assert made[0] == sent[0]
    assert luhn.is_valid("80840" + made) == luhn.is_valid("80840" + sent)


@given(st.dates(date(1800, 6, 1), date(2100, 1, 1)), st.integers(0, 2000), st.integers(1, 90))
def test_dates_of_a_family_move_together_and_keep_their_order_and_distance(
    first: date, apart: int, days: int
) -> None:
    second = date.fromordinal(first.toordinal() + apart)
    moved = [MADE.moved_date(f"{d:%Y%m%d}".encode(), days).decode() for d in (first, second)]
    a, b = (date(int(m[:4]), int(m[4:6]), int(m[6:])) for m in moved)
    assert (b - a).days == apart
    assert (first - a).days == days
    both = f"{first:%Y%m%d}-{second:%Y%m%d}".encode()
    assert MADE.moved_date(both, days).decode() == "-".join(moved)


@pytest.mark.parametrize(
    ("value", "made"),
    [
        (b"202602050830", b"202602040830"),
        (b"0830", b"0830"),
        (b"260301", b"260228"),
        (b"19791301", b"99999999"),
        (b"born 1979", b"XXXX 1979"),
        (b"18000101", b"18000102"),
    ],
)
def test_a_date_in_another_form_moves_and_what_is_none_loses_its_digits(
    value: bytes, made: bytes
) -> None:
    assert MADE.moved_date(value, 1) == made


def test_an_age_above_89_is_told_as_90() -> None:
    on = date(2026, 3, 4)
    assert MADE.birth_date(b"19190720", 10, on) == b"19360710"
    assert MADE.birth_date(b"19400229", 1, on) == b"19400228"


def test_zip_codes_keep_their_area_unless_few_live_there() -> None:
    assert MADE.postal_code(b"55803")[:3] == b"558"
    assert MADE.postal_code(b"55803") != b"55803"
    assert MADE.postal_code(b"558030001")[:5] == MADE.postal_code(b"55803")
    assert MADE.postal_code(b"03601")[:3] == b"035"


def test_a_phone_number_lies_in_an_exchange_that_nobody_has() -> None:
    assert re.fullmatch(rb"[2-9]\d\d555\d{4}", MADE.phone(b"2185550100"))
    assert re.fullmatch(rb"\(\d{3}\) 555-\d{4}", MADE.phone(b"(218) 555-0100"))


def test_a_short_key_is_refused() -> None:
    with pytest.raises(KeyTooShortError):
        Substitutes(b"fifteen bytes..", {})


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.edi")), ids=lambda path: path.stem)
def test_nothing_that_tells_who_somebody_is_remains_and_all_else_stays(
    tmp_path: Path, path: Path
) -> None:
    content, made = copied(tmp_path, path.read_bytes())
    before = path.read_bytes()
    assert made.same_findings
    assert len(content) == len(before)
    secret = {value for value in identifiers(path) if len(value) > 4}
    assert len(secret) >= 1
    assert [value for value in secret if value in content] == []
    kept = re.compile(rb"(?m)^(ISA|GS|ST|BHT|HL|SBR|SV\d|HI|LX|CAS|AMT|SE|GE|IEA)\*.*$")
    assert [m.group() for m in kept.finditer(content)] == [m.group() for m in kept.finditer(before)]


@settings(max_examples=15)  # each reads two files
@given(data=st.data())
def test_nothing_of_made_up_people_remains_whoever_they_are(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    letters = st.text("BCDFGHJKLMNPQRSTVWXYZ", min_size=6, max_size=12)
    last, first, street = data.draw(letters), data.draw(letters), data.draw(letters)
    number = data.draw(st.text("0123456789BCDFGHJK", min_size=8, max_size=12))
    day = data.draw(st.dates(date(1940, 1, 1), date(2020, 1, 1)))
    text = sample().replace("ROE*JOHN****MI*E100002", f"{last}*{first}****MI*{number}")
    text = text.replace("9 OAK ST", f"9 {street} ST").replace("19790101", f"{day:%Y%m%d}")
    content, made = copied(tmp_path_factory.mktemp("people"), text)
    assert made.same_findings
    for secret in (last, first, street, number, f"{day:%Y%m%d}"):
        assert secret.encode() not in content


def test_the_same_person_becomes_the_same_other_one_in_every_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    members, _ = copied(tmp_path / "a", sample("834_change.edi"))
    payments, _ = copied(tmp_path / "b", sample("835_reversal_correction.edi"))
    jane = re.search(rb"NM1\*IL\*1\*(\w+)\*(\w+)", members)
    paid = re.search(rb"NM1\*QC\*1\*(\w+)\*(\w+)\*\*\*\*MI\*(\w+)", payments)
    assert jane is not None
    assert paid is not None
    assert jane.groups() == paid.groups()[:2]
    assert b"REF*0F*" + paid.groups()[2] in members
    again, _ = copied(tmp_path / "a", sample("834_change.edi"))
    other, _ = copied(tmp_path / "a", sample("834_change.edi"), OTHER)
    assert again == members
    assert other != members


def test_ages_and_the_order_of_dates_stay_within_a_family(tmp_path: Path) -> None:
    content, _ = copied(tmp_path, sample("834_change.edi"))
    born = re.findall(rb"DMG\*D8\*(\d+)", content)
    apart = [date.fromisoformat(d.decode()).toordinal() for d in born]
    assert apart[1] - apart[0] == (date(2015, 6, 20) - date(1985, 4, 12)).days
    assert apart[0] != date(1985, 4, 12).toordinal()


def test_free_text_and_misplaced_values_are_replaced_in_damaged_files(tmp_path: Path) -> None:
    body = body_of()
    place = next(n for n, segment in enumerate(body) if segment.startswith("HI*"))
    body[place:place] = [
        "K3*CALL ROE ABOUT THIS",
        "NTE*ADD*JOHN ROE SAYS NO",
        "ZZ9*ROSENKRANTZ*5551234567",
        "REF*D9*SECRETNUMBER1**SURPLUSNAME",
    ]
    text = joined(interchange_of("000000001", [group_of("1", [set_of("0001", body)])]))
    content, made = copied(tmp_path, text)
    assert made.same_findings
    for secret in (
        b"ROE",
        b"JOHN",
        b"ROSENKRANTZ",
        b"5551234567",
        b"SECRETNUMBER1",
        b"SURPLUSNAME",
    ):
        assert secret not in content


def test_groups_of_unknown_guides_and_bytes_outside_are_replaced_too(tmp_path: Path) -> None:
    text = sample().replace("005010X222A1", "005010X999")
    content, made = copied(tmp_path, "note from JOHN ROE\n" + text)
    assert made.same_findings
    for secret in (b"JOHN", b"ROE", b"OAK ST", b"E100002", b"19790101", b"PCN-W4"):
        assert secret not in content


def test_a_copy_of_damaged_claims_is_refused_for_the_same_reasons(tmp_path: Path) -> None:
    text = sample().replace("PCN-W4*240", "PCN-W4*").replace("MI*E100002", "MI*E")
    content, made = copied(tmp_path, text.replace("DMG*D8*19790101", "DMG*D8*1979AB01"))
    assert made.same_findings
    after = edi.read(write(tmp_path, content, "again.x12"))
    assert after.findings.num_rows == 3
