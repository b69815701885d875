"""File to tables to file gives the same bytes, whatever the file; and a mistake on the way is seen."""

import random
import string
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import edi
from edi.reader import Reading
from tests.edi.fuzzing import CASES as FUZZ_CASES
from tests.edi.fuzzing import CHANGES, samples
from tests.edi.test_public_cases import CASES, cases
from tests.edi.x12_files import SAMPLES, read

SEPARATORS = [c for c in string.punctuation + "\x1c\x1d\x1e\x1f\t§" if c not in "-.,'()#&@ "]
TERMINATORS = [*SEPARATORS, "\n", "\r"]


def again(reading: Reading, folder: Path) -> bytes:
    """The file made of the tables."""
    written = folder / "again.x12"
    size = edi.write_tables(reading, written)
    content = written.read_bytes()
    assert size == len(content)
    return content


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.edi")), ids=lambda path: path.name)
def test_a_sample_comes_back_from_its_folder_of_tables(tmp_path: Path, path: Path) -> None:
    edi.read_to_parquet(path, tmp_path, threads=1)
    edi.write_tables(tmp_path, tmp_path / "again.x12")
    assert (tmp_path / "again.x12").read_bytes() == path.read_bytes()
    assert edi.read(path).outcome.conservation.segments_mapped > 0


@pytest.mark.cases
@pytest.mark.skipif(not CASES, reason="EDI_CASES does not name a folder of public cases")
@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_every_public_case_comes_back(tmp_path: Path, every: int) -> None:
    paths = [Path(CASES) / row["file"] for row in cases()]
    for path in paths[::every]:
        assert again(edi.read(path), tmp_path) == path.read_bytes(), path.name
    assert len(paths) >= 100


@pytest.mark.parametrize("path", sorted(FUZZ_CASES.glob("*")), ids=lambda path: path.name)
def test_a_file_that_once_broke_reading_comes_back(tmp_path: Path, path: Path) -> None:
    assert again(edi.read(path), tmp_path) == path.read_bytes()


@st.composite
def interchanges(draw: st.DrawFn) -> bytes:
    """Samples one behind the other, each with delimiters and line ends of its own, some damaged."""
    files = []
    for _ in range(draw(st.integers(1, 3))):
        luck = random.Random(draw(st.integers(0, 1 << 32)))
        segments = luck.choice(samples()).split("~")[:-1]
        for _ in range(draw(st.integers(0, 5))):
            segments = luck.choice(CHANGES)(luck, segments or [""])
        element, component, repetition = luck.sample(SEPARATORS, 3)
        terminator = luck.choice(
            [c for c in TERMINATORS if c not in {element, component, repetition}]
        )
        ends = [terminator + luck.choice(("", "\n", "\r\n"))]
        if draw(st.booleans()):
            ends += [terminator, terminator + "\r\n", terminator * 2]
        names = str.maketrans({"*": element, ":": component, "^": repetition})
        files.append("".join(s.translate(names) + luck.choice(ends) for s in segments))
    return "".join(files).encode("latin-1", "replace")


@settings(max_examples=25, deadline=None)
@given(content=interchanges())
def test_any_interchange_comes_back(tmp_path_factory: Any, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("trip")
    assert again(read(folder, content), folder) == content


def damaged_tables(reading: Reading, table: str, column: str) -> Reading:
    """The same tables, but the first value of a column is lost."""
    held = reading.tables[table]
    values = held[column].to_pylist()
    first = next(i for i, value in enumerate(values) if value is not None)
    values[first] = None
    at = held.column_names.index(column)
    changed = held.set_column(at, held.field(at), pa.array(values, held.field(at).type))
    return Reading({**reading.tables, table: changed}, reading.outcome)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("claims", "charge_usd"),
        ("subscribers", "birth_date"),
        ("diagnoses", "code"),
        ("service_lines", "procedure_code"),
    ],
)
def test_one_lost_value_does_not_come_back_unseen(tmp_path: Path, table: str, column: str) -> None:
    path = SAMPLES / "837p_w4.edi"
    try:
        found = again(damaged_tables(edi.read(path), table, column), tmp_path)
    except edi.TablesError:
        return
    assert found != path.read_bytes()


def test_a_row_or_unmapped_segment_that_is_missing_is_refused(tmp_path: Path) -> None:
    reading = edi.read(SAMPLES / "837p_w4.edi")
    for name in ("service_lines", "diagnoses", "claims", "contacts"):
        tables = {**reading.tables, name: reading.tables[name].slice(1)}
        with pytest.raises(edi.TablesError):
            edi.write_tables(Reading(tables, reading.outcome), tmp_path / "again.x12")
    for at in range(len(reading.tables["unmapped"]) - 1):
        kept = [i for i in range(len(reading.tables["unmapped"])) if i != at]
        tables = {**reading.tables, "unmapped": reading.tables["unmapped"].take(kept)}
        with pytest.raises(edi.TablesError):
            edi.write_tables(Reading(tables, reading.outcome), tmp_path / "again.x12")
    assert not list(tmp_path.iterdir())


def test_two_segments_that_change_places_come_back_in_their_places(tmp_path: Path) -> None:
    """Columns alone would write them in the guide's order."""
    whole = (SAMPLES / "837p_w4.edi").read_bytes()
    segments = whole.split(b"~")
    for at in range(3, len(segments) - 5, 3):
        changed = [*segments[:at], segments[at + 1], segments[at], *segments[at + 2 :]]
        content = b"~".join(changed)
        assert again(read(tmp_path, content), tmp_path) == content


def test_tables_that_were_not_all_read_make_no_file(tmp_path: Path) -> None:
    reading = edi.read(SAMPLES / "837p_w4.edi", wanted=["service_lines"])
    with pytest.raises(edi.TablesError, match="there is no table"):
        edi.write_tables(reading, tmp_path / "again.x12")
