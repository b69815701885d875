"""Files that others published. EDI_CASES names their folder; none of them is kept here."""

import csv
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import edi

CASES = os.environ.get("EDI_CASES", "")
AT = datetime(2026, 3, 4, 10, 5)  # noqa: DTZ001 - headers carry local time without a zone
pytestmark = [
    pytest.mark.cases,
    pytest.mark.skipif(not CASES, reason="EDI_CASES does not name a folder of public cases"),
]


def cases() -> Iterator[dict[str, str]]:
    """Rows of the manifest whose file is X12."""
    if CASES:
        with (Path(CASES) / "manifest.csv").open(newline="") as file:
            for row in csv.DictReader(file):
                if not row["transaction"].startswith("NACHA"):
                    yield row


def flat(column: pa.ChunkedArray) -> list[str]:
    """All codes of a list column."""
    return [code for codes in column.to_pylist() for code in codes]


def stated_valid(row: dict[str, str]) -> bool:
    """An 834 or 837P that its source and its reading call good."""
    return row["transaction"] in {"834", "837P"} and row["our_verdict"] == "accept"


def test_every_case_stated_valid_is_accepted_whole_and_loses_no_segment(tmp_path: Path) -> None:
    read = 0
    for row in filter(stated_valid, cases()):
        outcome = edi.read_to_parquet(Path(CASES) / row["file"], tmp_path, threads=1)
        assert outcome.segments == int(row["segments"]), row["id"]
        assert outcome.sets_accepted == outcome.sets == int(row["sets"]), row["id"]
        assert outcome.records == int(row["claims"]) + int(row["members"]), row["id"]
        levels = pq.read_table(tmp_path / "findings.parquet", columns=["level"])["level"]
        assert set(levels.to_pylist()) <= {"NOTE"}, row["id"]
        read += 1
    assert read >= 30


@pytest.mark.parametrize("layer", ["TA1 R", "999 IK5 R", "999 AK9 R"])
def test_a_case_with_one_defect_of_the_envelope_is_answered_with_its_code(
    tmp_path: Path, layer: str
) -> None:
    compared = 0
    for row in cases():
        wanted = row["expected_layer"].split(" / ")[0]
        code = wanted.removeprefix(layer).strip()
        if row["transaction"] != "837P" or not wanted.startswith(layer) or not code.isdigit():
            continue
        reading = edi.read(Path(CASES) / row["file"])
        tables = reading.tables
        found = {
            "TA1 R": tables["interchanges"]["note_code"].to_pylist(),
            "999 IK5 R": flat(tables["transaction_sets"]["error_codes"]),
            "999 AK9 R": flat(tables["functional_groups"]["syntax_error_codes"]),
        }[layer]
        if wanted == "TA1 R 026":  # a letter as repetition separator can be read: noted only
            assert tables["interchanges"]["acknowledgment_code"].to_pylist() == ["E"]
        assert code in found, row["id"]
        compared += 1
    assert compared >= 2
