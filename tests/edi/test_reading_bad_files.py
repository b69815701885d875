"""Whatever the bytes: no exception, a finding for what is wrong, and every byte accounted for."""

import random
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
    sample,
    set_of,
    verdicts,
    write,
)

CLEAN = joined(interchange_of("000000001", [group_of("1", [set_of("0001", body_of())])]))


def conserved(reading: edi.Reading, size: int) -> None:
    """Bytes and segments in equal bytes and segments out (the reader refuses to return otherwise)."""
    outcome = reading.outcome
    assert outcome.bytes == outcome.conservation.bytes_consumed == size
    assert outcome.conservation.holds(outcome.segments, outcome.records)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\r\n  ",
        b"not x12 at all",
        b"ISA*00*",
        b"ISA",
        bytes(range(256)) * 40,
        b"\xef\xbb\xbf",
    ],
    ids=["empty", "blank", "words", "cut in ISA", "three letters", "binary", "byte order mark"],
)
def test_what_holds_no_interchange_gives_one_finding_and_empty_tables(
    tmp_path: Path, content: bytes
) -> None:
    reading = read(tmp_path, content)
    assert codes(reading) == [("TA1", "024")]
    assert reading.outcome.records == reading.outcome.sets == reading.outcome.interchanges == 0
    assert reading.outcome.content_kind == ""
    conserved(reading, len(content))


def test_utf_16_is_one_finding(tmp_path: Path) -> None:
    assert codes(read(tmp_path, CLEAN.encode("utf-16"))) == [("TA1", "024")]


@pytest.mark.parametrize("end", ["~\n", "~\r\n", "\n", "~\n\n", "~~", "~\r\n~\r\n"])
def test_line_ends_and_empty_segments_change_nothing(tmp_path: Path, end: str) -> None:
    text = joined(CLEAN.split("~")[:-1], end)
    wanted = read(tmp_path, CLEAN).tables
    reading = read(tmp_path, text)
    assert codes(reading) == []
    assert verdicts(reading) == ["A"]
    for table in ("claims", "service_lines"):
        places = ["byte_start", "byte_end"]
        assert reading.tables[table].drop(places).equals(wanted[table].drop(places))
    conserved(reading, len(text))


def test_a_byte_order_mark_and_blanks_around_an_interchange_are_skipped(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf\r\n" + CLEAN.encode() + b"\r\n  \x1a"
    reading = read(tmp_path, content)
    assert (codes(reading), verdicts(reading)) == ([], ["A"])
    before, behind = 3 + 2, 3  # the line end behind IEA belongs to the interchange
    assert reading.outcome.conservation.bytes_blank == before + behind


def test_interchanges_with_delimiters_of_their_own_lie_in_one_file(tmp_path: Path) -> None:
    second = joined(interchange_of("000000002", [group_of("2", [set_of("0001", body_of())])]))
    odd = second.translate(str.maketrans("*:^~", "\x1d\x1f\x1e\x1c"))
    reading = read(tmp_path, CLEAN + odd + CLEAN.replace("000000001", "000000003"))
    assert (codes(reading), verdicts(reading)) == ([], ["A", "A", "A"])
    claims = reading.tables["claims"].to_pylist()
    assert [c["patient_control_number"] for c in claims] == ["PCN-W4", "PCN-NF1"] * 3
    assert [c["set_index"] for c in claims] == [0, 0, 1, 1, 2, 2]
    rows = reading.tables["interchanges"].to_pylist()
    assert [row["element_separator"] for row in rows] == ["*", "\x1d", "*"]


def test_claims_and_members_in_one_file_fill_both_pairs_of_tables(tmp_path: Path) -> None:
    members = group_of("2", [set_of("0001", body_of("834_change.edi"))], "005010X220A1")
    claims = group_of("1", [set_of("0001", body_of())])
    again = group_of("3", [set_of("0001", body_of())])
    reading = read(tmp_path, joined(interchange_of("000000001", [claims, members, again])))
    assert (codes(reading), verdicts(reading)) == ([], ["A", "A", "A"])
    assert reading.outcome.content_kind == "837P+834"
    assert reading.outcome.records == 7
    assert reading.tables["claims"]["claim_index"].to_pylist() == [0, 1, 2, 3]
    assert reading.tables["members"]["set_index"].to_pylist() == [1, 1, 1]


def test_an_unknown_guide_is_named_and_its_neighbour_is_read(tmp_path: Path) -> None:
    strange = group_of("1", [set_of("0001", body_of())], "005010X999A9")
    good = group_of("2", [set_of("0001", body_of())])
    reading = read(tmp_path, joined(interchange_of("000000001", [strange, good])))
    (finding,) = reading.findings.to_pylist()
    assert (finding["level"], finding["code"]) == ("GROUP", "2")
    assert "005010X999A9" in finding["message"]
    assert verdicts(reading) == ["R", "A"]
    assert reading.outcome.records == 2
    assert reading.outcome.conservation.segments_unread == 43
    groups = reading.tables["functional_groups"].to_pylist()
    assert [(g["acknowledgment_code"], g["sets_received"]) for g in groups] == [("R", 1), ("A", 1)]


def test_a_guide_in_a_group_of_another_kind_is_not_read(tmp_path: Path) -> None:
    reading = read(tmp_path, CLEAN.replace("GS*HC*", "GS*BE*"))
    assert codes(reading) == [("GROUP", "1")]


def test_text_after_an_interchange_is_reported_with_its_place_and_size(tmp_path: Path) -> None:
    reading = read(tmp_path, CLEAN + "see you tomorrow")
    (finding,) = reading.findings.to_pylist()
    assert (finding["level"], finding["byte_offset"]) == ("TA1", len(CLEAN))
    assert "16 bytes" in finding["message"]
    assert verdicts(reading) == ["A"]
    assert reading.outcome.conservation.bytes_junk == 16


@pytest.mark.parametrize("name", ["MÜLLER".encode("latin-1"), "MÜLLER".encode()])
def test_a_foreign_letter_is_refused_but_written_as_text(tmp_path: Path, name: bytes) -> None:
    reading = read(tmp_path, CLEAN.encode().replace(b"*ROE*", b"*" + name + b"*"))
    (finding,) = reading.findings.to_pylist()
    assert (finding["segment_id"], finding["element_position"], finding["code"]) == ("NM1", 3, "6")
    assert reading.tables["claims"]["subscriber_last_name"].to_pylist()[0] == "MÜLLER"
    assert verdicts(reading) == ["R"]


@pytest.mark.parametrize("byte", ["\x00", "\x07", "\x1a", "\x7f", "\t"])
def test_a_control_character_is_refused_and_lost_nowhere(tmp_path: Path, byte: str) -> None:
    reading = read(tmp_path, CLEAN.replace("*ROE*", f"*RO{byte}E*"))
    assert codes(reading) == [("ELEMENT", "6")]
    assert reading.tables["claims"]["subscriber_last_name"].to_pylist()[0] == f"RO{byte}E"


@pytest.mark.parametrize("size", [70_000, 400_000, 3_000_000])
def test_a_giant_segment_is_skipped_and_the_rest_of_the_file_is_read(
    tmp_path: Path, size: int
) -> None:
    giant = "NTE*ADD*" + "A" * size
    first = body_of()
    at = next(i for i, s in enumerate(first) if s.startswith("NM1*82"))
    first.insert(at, giant)
    sets = [set_of("0001", first), set_of("0002", body_of())]
    text = joined(interchange_of("000000001", [group_of("1", sets)]))
    reading = read(tmp_path, text)
    (finding,) = reading.findings.to_pylist()
    assert (finding["level"], finding["code"], finding["set_index"]) == ("SEGMENT", "8", 0)
    assert finding["byte_offset"] == text.index("NTE*ADD")
    assert finding["segment_position"] == at + 1
    assert verdicts(reading) == ["R", "A"]
    assert reading.outcome.records == 4
    assert reading.outcome.conservation.bytes_skipped == len(giant) + 1
    claim = reading.tables["claims"].to_pylist()[0]
    assert claim["rendering_provider_npi"] == "1000000012"  # stands behind the giant
    conserved(reading, len(text))


def test_a_claim_before_a_giant_tail_is_still_a_row(tmp_path: Path) -> None:
    text = CLEAN[: CLEAN.index("LX*2~")] + "NTE*ADD*" + "A" * 100_000
    reading = read(tmp_path, text)
    assert reading.tables["claims"]["patient_control_number"].to_pylist() == ["PCN-W4"]
    assert reading.tables["service_lines"].num_rows == 1
    assert verdicts(reading) == ["R"]


def test_a_long_segment_within_the_limit_is_read(tmp_path: Path) -> None:
    body = body_of()
    body.insert(18, "NTE*ADD*" + "A" * 60_000)
    text = joined(interchange_of("000000001", [group_of("1", [set_of("0001", body)])]))
    assert codes(read(tmp_path, text)) == [("ELEMENT", "5")]


@pytest.mark.parametrize("keep", range(100, 1175, 43))
def test_a_file_cut_anywhere_is_refused_with_what_it_lacks(tmp_path: Path, keep: int) -> None:
    text = CLEAN[:keep]
    reading = read(tmp_path, text)
    assert "A" not in verdicts(reading)
    assert codes(reading)
    if reading.outcome.interchanges:
        (row,) = reading.tables["interchanges"].to_pylist()
        assert (row["acknowledgment_code"], row["byte_end"]) == ("R", keep)
    conserved(reading, keep)


@pytest.mark.parametrize("end", ["~" + "\n" * 200_000, "\n" * 200_000, "~" * 200_000])
def test_a_flood_of_line_ends_or_terminators_is_read_past(tmp_path: Path, end: str) -> None:
    segments = CLEAN.split("~")[:-1]
    text = joined(segments[:20], end[0]) + end[1:] + joined(segments[20:], end[0])
    outcome = edi.read_to_parquet(write(tmp_path, text), tmp_path, block_bytes=4096)
    assert outcome.conservation.bytes_consumed == len(text)
    assert (outcome.findings, outcome.records) == (0, 2)


def test_a_missing_last_terminator_is_noted_and_forgiven(tmp_path: Path) -> None:
    reading = read(tmp_path, CLEAN[:-1])
    assert (codes(reading), verdicts(reading)) == ([("TA1", "023")], ["A"])
    (row,) = reading.tables["interchanges"].to_pylist()
    assert (row["acknowledgment_code"], row["note_code"]) == ("E", "023")
    assert row["byte_end"] == len(CLEAN) - 1


def test_an_amount_that_no_money_column_can_hold_is_refused_not_rounded(tmp_path: Path) -> None:
    for amount, code in (("240.001", "6"), ("2400000000000", "5"), ("2.4E2", "6")):
        reading = read(tmp_path, CLEAN.replace("*240*", f"*{amount}*"))
        assert codes(reading) == [("ELEMENT", code)]
        assert reading.tables["claims"]["charge_usd"].to_pylist()[0] is None
    assert codes(read(tmp_path, CLEAN.replace("*240*", "*240.00*"))) == []
    assert codes(read(tmp_path, CLEAN.replace("*240*", "*240.000*"))) == []


def test_segments_between_sets_refuse_the_interchange(tmp_path: Path) -> None:
    reading = read(tmp_path, CLEAN.replace("~GE*", "~NTE*ADD*STRAY~GE*"))
    assert codes(reading) == [("SEGMENT", "2"), ("TA1", "022")]
    assert reading.findings["set_index"].to_pylist() == [-1, -1]
    assert verdicts(reading) == ["R"]


def test_the_set_code_of_another_guide_is_refused(tmp_path: Path) -> None:
    reading = read(tmp_path, CLEAN.replace("ST*837*", "ST*834*"))
    assert ("SET", "1") in codes(reading)


@pytest.mark.parametrize("files", [25, pytest.param(400, marks=pytest.mark.slow)])
def test_random_damage_never_raises(tmp_path: Path, files: int) -> None:
    luck = random.Random(11)
    base = (sample() + sample("834_change.edi")).encode("latin-1")
    for _ in range(files):
        content = bytearray(base)
        for _ in range(luck.randrange(1, 12)):
            at = luck.randrange(len(content))
            kind = luck.random()
            if kind < 0.4:
                content[at] = luck.randrange(256)
            elif kind < 0.6:
                del content[at : at + luck.randrange(1, 80)]
            elif kind < 0.8:
                content[at:at] = luck.choice(
                    (b"~", b"*", b"ISA", b"~GS*", b"\n", b"~IEA*1*1~", b":")
                )
            else:
                part = content[at : at + 200]
                content[luck.randrange(len(content)) :] = part
        reading = read(tmp_path, bytes(content))
        conserved(reading, len(content))
        for row in reading.findings.to_pylist():
            assert 0 <= row["byte_offset"] <= len(content)


def test_findings_repeat_no_value_of_the_file(tmp_path: Path) -> None:
    text = CLEAN.replace("*ROE*JOHN*", "*ROE\x07*JOHN:X*").replace("19790101", "19791301")
    reading = read(tmp_path, text.replace("SV1*HC:99213", "SV1*HC:99213:A:B:C:D:E:F:G"))
    assert reading.outcome.findings >= 4
    words = " ".join(row["message"] for row in reading.findings.to_pylist())
    for value in ("ROE", "JOHN", "19791301", "99213", "E100002", "PCN"):
        assert value not in words


def test_a_folder_that_cannot_be_written_raises(tmp_path: Path) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - the kind depends on the system
        edi.read_to_parquet(write(tmp_path, CLEAN), tmp_path / "nowhere")
