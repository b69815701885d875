"""Headers and trailers: one defect each, with the code of its TA1, AK9 or IK5."""

from collections.abc import Callable
from pathlib import Path

import pytest

import edi
from tests.edi.x12_files import (
    body_of,
    codes,
    group_of,
    interchange_of,
    joined,
    read,
    set_of,
    verdicts,
    write,
)

SEGMENTS = interchange_of("000000001", [group_of("1", [set_of("0001", body_of())])])
TEXT = joined(SEGMENTS)
Change = Callable[[str], str]


def replaced(old: str, new: str) -> Change:
    """A change that must change something."""

    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


INTERCHANGE_DEFECTS = {
    "001": replaced("IEA*1*000000001", "IEA*1*000000002"),
    "005": replaced("*ZZ*SUB123", "*XX*SUB123"),
    "006": replaced("*ZZ*SUB123         *", "*ZZ*               *"),
    "007": replaced("*ZZ*TPA01", "*99*TPA01"),
    "008": replaced("*TPA01          *", "*TPA01*"),
    "010": replaced("ISA*00", "ISA*99"),
    "011": replaced("ISA*00*          *", "ISA*00*         *"),
    "012": replaced("*          *00*          *ZZ", "*          *77*          *ZZ"),
    "014": replaced("*260304*0930*^", "*260230*0930*^"),
    "015": replaced("*260304*0930*^", "*260304*2460*^"),
    "017": replaced("*00501*", "*00601*"),
    "018": replaced("*000000001*1*T", "*00000000X*1*T"),
    "019": replaced("*1*T*:", "*7*T*:"),
    "020": replaced("*1*T*:", "*1*X*:"),
    "021": replaced("IEA*1*", "IEA*2*"),
    "022": replaced("IEA*1*000000001", "IEA*1*000000001*X"),
    "023": replaced("IEA*1*000000001~", ""),
    "024": replaced("GS*HC*SUB123*TPA01*20260304", "GS*HC*SUB123*TPA01*20261304"),
}
GROUP_DEFECTS = {
    "1": replaced("GS*HC*", "GS*HP*"),
    "2": replaced("X*005010X222A1~ST", "X*004010X098A1~ST"),
    "3": replaced("GE*1*1~", ""),
    "4": replaced("GE*1*1~", "GE*1*9~"),
    "5": replaced("GE*1*1~", "GE*3*1~"),
    "6": replaced("*0930*1*X*", "*0930*A*X*"),
}
SET_DEFECTS = {
    "1": replaced("ST*837*", "ST*999*"),
    "2": replaced("SE*45*0001~", ""),
    "3": replaced("SE*45*0001", "SE*45*0002"),
    "4": replaced("SE*45*0001", "SE*46*0001"),
    "6": replaced("ST*837*", "ST**"),
    "7": replaced("ST*837*0001*", "ST*837*001*"),
    "I6": replaced("0001*005010X222A1", "0001*005010X223A2"),
}


@pytest.mark.parametrize("code", sorted(INTERCHANGE_DEFECTS))
def test_a_damaged_interchange_is_refused_with_its_ta1_code(tmp_path: Path, code: str) -> None:
    reading = read(tmp_path, INTERCHANGE_DEFECTS[code](TEXT))
    (row,) = reading.tables["interchanges"].to_pylist()
    assert (row["acknowledgment_code"], row["note_code"]) == ("R", code)
    assert ("TA1", code) in codes(reading)
    assert verdicts(reading) == ["R"]
    (group,) = reading.tables["functional_groups"].to_pylist()
    assert (group["acknowledgment_code"], group["syntax_error_codes"]) == ("R", [])


@pytest.mark.parametrize("code", sorted(GROUP_DEFECTS))
def test_a_damaged_group_is_refused_with_its_ak905_code(tmp_path: Path, code: str) -> None:
    reading = read(tmp_path, GROUP_DEFECTS[code](TEXT))
    (group,) = reading.tables["functional_groups"].to_pylist()
    assert group["acknowledgment_code"] == "R"
    assert code in group["syntax_error_codes"]
    assert verdicts(reading) == ["R"]
    (row,) = reading.tables["interchanges"].to_pylist()
    assert row["acknowledgment_code"] == "A"
    assert group["sets_included"] == {"3": -1, "5": 3}.get(code, 1)


@pytest.mark.parametrize("code", sorted(SET_DEFECTS))
def test_a_damaged_set_is_refused_with_its_ik502_code_and_its_neighbour_is_not(
    tmp_path: Path, code: str
) -> None:
    sets = [set_of("0001", body_of()), set_of("0002", body_of())]
    text = joined(interchange_of("000000001", [group_of("1", sets)]))
    reading = read(tmp_path, SET_DEFECTS[code](text))
    first, second = reading.tables["transaction_sets"].to_pylist()
    assert (first["acceptance_code"], second["acceptance_code"]) == ("R", "A")
    assert code in first["error_codes"]
    assert second["error_codes"] == []
    (group,) = reading.tables["functional_groups"].to_pylist()
    assert (group["acknowledgment_code"], group["sets_accepted"]) == ("P", 1)


def test_a_set_number_used_twice_in_a_group_refuses_the_second(tmp_path: Path) -> None:
    sets = [set_of("0001", body_of()), set_of("0001", body_of())]
    groups = [group_of("1", sets), group_of("2", [set_of("0001", body_of())])]
    reading = read(tmp_path, joined(interchange_of("000000001", groups)))
    assert codes(reading) == [("SET", "23")]
    assert verdicts(reading) == ["A", "R", "A"]


def test_a_group_number_used_twice_in_an_interchange_refuses_the_second(tmp_path: Path) -> None:
    groups = [group_of("1", [set_of("0001", body_of())]) for _ in range(2)]
    reading = read(tmp_path, joined(interchange_of("000000001", groups)))
    assert codes(reading) == [("GROUP", "19")]
    assert verdicts(reading) == ["A", "R"]


def test_an_interchange_number_used_twice_in_a_file_refuses_the_second(tmp_path: Path) -> None:
    reading = read(tmp_path, TEXT + TEXT)
    assert codes(reading) == [("TA1", "025")]
    assert verdicts(reading) == ["A", "R"]


def test_an_interchange_number_received_before_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, TEXT)
    other = [("ZZ", "SUB123", "000000002"), ("ZZ", "OTHER", "000000001")]
    outcome = edi.read_to_parquet(path, tmp_path, duplicate_control_numbers=other)
    assert outcome.sets_accepted == 1
    known = [("ZZ", "SUB123", "000000001")]
    outcome = edi.read_to_parquet(path, tmp_path, duplicate_control_numbers=known)
    assert (outcome.sets_accepted, outcome.findings) == (0, 1)


def test_a_letter_as_repetition_separator_is_noted_and_forgiven(tmp_path: Path) -> None:
    reading = read(tmp_path, replaced("*0930*^*", "*0930*U*")(TEXT))
    (row,) = reading.tables["interchanges"].to_pylist()
    assert (row["acknowledgment_code"], row["note_code"]) == ("E", "026")
    assert verdicts(reading) == ["A"]


def test_a_set_outside_every_group_refuses_the_interchange(tmp_path: Path) -> None:
    segments = [s for s in SEGMENTS if not s.startswith(("GS*", "GE*"))]
    reading = read(tmp_path, joined(segments))
    assert ("TA1", "022") in codes(reading)
    assert verdicts(reading) == ["R"]


def test_sets_know_their_bytes_and_segments(tmp_path: Path) -> None:
    sets = [set_of("0001", body_of()), set_of("0002", body_of())]
    text = joined(interchange_of("000000001", [group_of("1", sets)]), "~\r\n")
    for row in read(tmp_path, text).tables["transaction_sets"].to_pylist():
        part = text[row["byte_start"] : row["byte_end"]]
        assert part.startswith(f"ST*837*{row['set_control_number']}")
        assert part.endswith(f"SE*45*{row['set_control_number']}~")
        assert part.count("~") == row["segment_count"] == 45
        assert row["segment_end"] - row["segment_start"] == 45


@pytest.mark.parametrize(
    ("old", "new", "element"),
    [("HL*2*1*22", "HL*7*1*22", 1), ("HL*2*1*22", "HL*2*9*22", 2), ("LX*2~", "LX*3~", 1)],
)
def test_numbers_out_of_sequence_are_named(
    tmp_path: Path, old: str, new: str, element: int
) -> None:
    reading = read(tmp_path, replaced(old, new)(TEXT))
    (finding,) = reading.findings.to_pylist()
    assert (finding["code"], finding["element_position"]) == ("7", element)
    assert finding["segment_id"] == new[:2]
    assert verdicts(reading) == ["R"]
