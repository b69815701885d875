"""Reading some tables gives the bytes that reading all of them gives, and no other table."""

import random
from pathlib import Path

import pytest

import edi
from edi.reader import records
from tests.edi.test_same_bytes_out import many_sets
from tests.edi.x12_files import digests, write

ALWAYS = {"interchanges", "functional_groups", "transaction_sets", "findings"}
COUNTED = "outcome.json"  # says of fewer columns what they hold


@pytest.mark.parametrize(
    "wanted",
    [
        (),
        ("service_lines",),
        ("references",),  # has what the rows around do not hold, so those are looked at too
        ("diagnoses", "adjustments", "coverages"),
    ],
)
def test_a_table_does_not_depend_on_what_else_is_wanted(
    tmp_path: Path, wanted: tuple[str, ...]
) -> None:
    path = write(tmp_path, many_sets("both", 6, random.Random(11), 0.05))
    found = {}
    for name, names in (("all", None), ("some", wanted)):
        folder = tmp_path / name
        folder.mkdir()
        outcome = edi.read_to_parquet(path, folder, wanted=names, block_bytes=5_000)
        assert outcome.records > 50
        found[name] = digests(folder)
    written = {Path(name).stem for name in found["some"]} - {Path(COUNTED).stem}
    assert written == ALWAYS | records() | set(wanted)
    for name, digest in found["some"].items():
        assert name == COUNTED or digest == found["all"][name], name


def test_what_an_earlier_reading_left_in_the_folder_goes(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "mine.parquet").write_bytes(b"not a table of ours")
    claims = write(tmp_path, many_sets("837", 1, random.Random(1), 0.0))
    edi.read_to_parquet(claims, folder)
    assert (folder / "service_lines.parquet").exists()
    members = write(tmp_path, many_sets("834", 1, random.Random(1), 0.0))
    edi.read_to_parquet(members, folder)
    assert not (folder / "service_lines.parquet").exists()
    assert (folder / "coverages.parquet").exists()
    assert (folder / "mine.parquet").exists()


def test_a_table_that_no_guide_fills_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, many_sets("837", 1, random.Random(1), 0.0))
    with pytest.raises(ValueError, match="no guide fills a table clams"):
        edi.read(path, wanted=["clams"])
