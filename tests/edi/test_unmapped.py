"""The table `unmapped` has every byte that columns do not hold, as it was, in order."""

from pathlib import Path

import pytest

import edi
from edi.outcome import Conservation
from tests.edi.fuzzing import damaged
from tests.edi.x12_files import SAMPLES, body_of, group_of, interchange_of, joined, read, set_of


def kept_segments(kept: Conservation) -> int:
    """Segments that columns do not hold, by what `outcome.json` says."""
    return (
        kept.segments_envelope
        + kept.segments_unmapped
        + kept.segments_unexpected
        + kept.segments_unread
    )


def hold_to_promise(reading: edi.Reading, content: bytes) -> None:
    """Every row is what the file says there; none overlaps; none is missing."""
    rows = reading.tables["unmapped"].to_pylist()
    segments = sum(row["segment_end"] - row["segment_start"] for row in rows)
    assert segments == kept_segments(reading.outcome.conservation)
    at = index = 0
    for row in rows:
        assert row["content"] == content[row["byte_start"] : row["byte_end"]] != b""
        assert row["byte_start"] >= at
        assert row["segment_start"] >= index
        at, index = row["byte_end"], row["segment_end"]
    if not reading.outcome.conservation.segments_mapped:
        assert b"".join(row["content"] for row in rows) == content


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.edi")), ids=lambda path: path.name)
def test_of_a_sample_every_segment_is_in_columns_or_unmapped(path: Path) -> None:
    hold_to_promise(edi.read(path), path.read_bytes())


def test_of_damaged_files_every_segment_is_in_columns_or_unmapped(tmp_path: Path) -> None:
    for seed in range(25):
        content = damaged(seed)
        hold_to_promise(read(tmp_path, content), content)


def test_bytes_between_segments_are_kept_where_they_change(tmp_path: Path) -> None:
    segments = interchange_of("000000001", [group_of("1", [set_of("0001", body_of())])])
    text = joined(segments[:10]) + joined(segments[10:20], "~\r\n") + "~~\n"
    text += joined(segments[20:], "~\n")
    content = ("\ufeff" + text + "\n \x1a").encode()
    reading = read(tmp_path, content)
    between = [
        (row["reason"], row["content"], row["segment_start"])
        for row in reading.tables["unmapped"].to_pylist()
        if row["segment_start"] == row["segment_end"]
    ]
    assert between == [
        ("blank", b"\xef\xbb\xbf", 0),
        ("line_end", b"\r\n", 11),
        ("empty", b"~", 20),
        ("empty", b"~\n", 20),
        ("blank", b" \x1a", len(segments)),
    ]
    hold_to_promise(reading, content)


def test_a_file_that_is_no_x12_is_kept_whole(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    reading = read(tmp_path, content)
    assert reading.tables["unmapped"]["reason"].unique().to_pylist() == ["junk"]
    hold_to_promise(reading, content)


def test_a_segment_too_long_to_be_read_is_kept(tmp_path: Path) -> None:
    segments = interchange_of("000000001", [group_of("1", [set_of("0001", body_of())])])
    segments[12:12] = ["K3*" + "Y" * (3 << 20)]
    content = joined(segments, "~\n").encode()
    reading = read(tmp_path, content)
    long = [r for r in reading.tables["unmapped"].to_pylist() if r["reason"] == "too_long"]
    assert [(r["segment_start"], r["segment_end"]) for r in long] == [(12, 13)] + 3 * [(13, 13)]
    assert {r["set_index"] for r in long} == {0}
    hold_to_promise(reading, content)


def test_it_is_not_written_when_only_some_tables_are_wanted(tmp_path: Path) -> None:
    edi.read_to_parquet(SAMPLES / "837p_w4.edi", tmp_path, threads=1, wanted=["claims"])
    assert not (tmp_path / "unmapped.parquet").exists()
