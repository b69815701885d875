"""The kernels' cache, and the loops whose corner cases files rarely show."""

import subprocess
import sys
import textwrap
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from edi.arrow_columns import column_arrays
from edi.kernels import tokens
from edi.kernels.cache import kernel_sources, sources_digest
from edi.kernels.formats import valid_date


def test_the_cache_folder_changes_with_a_kernel_source_numba_or_processor(tmp_path: Path) -> None:
    source = tmp_path / "loops.py"
    source.write_text("a = 1\n")
    first = sources_digest([source], "1", "cpu")
    assert first == sources_digest([source], "1", "cpu")
    source.write_text("a = 2\n")
    others = {sources_digest([source], v, c) for v in ("1", "2") for c in ("cpu", "gpu")}
    assert first not in others
    assert len(others) == 4


def test_every_module_of_compiled_code_is_among_the_sources() -> None:
    names = {path.name for path in kernel_sources()}
    assert {"machine.py", "tokens.py", "walk.py", "quick.py", "rules.py", "rows.py"} <= names


def test_an_edit_of_a_callee_in_another_file_is_seen(tmp_path: Path) -> None:
    """A copy of our cache set-up: numba alone would serve the caller with the old callee in it."""
    package = tmp_path / "edi" / "kernels"
    package.mkdir(parents=True)
    here = Path(tokens.__file__).parent
    for name in ("__init__.py", "cache.py", "machine.py"):
        (package / name).write_text((here / name).read_text())
    (tmp_path / "edi" / "__init__.py").write_text("")
    callee = package / "callee.py"
    callee.write_text(
        "from edi.kernels.machine import inlined\n@inlined\ndef answer(x):\n    return x + 1\n"
    )
    (package / "caller.py").write_text(
        textwrap.dedent(
            """
            from edi.kernels.callee import answer
            from edi.kernels.machine import kernel

            @kernel
            def ask(x):
                return answer(x)

            print(ask(41), sum(ask.stats.cache_hits.values()))
            """
        )
    )

    def run() -> str:
        command = [sys.executable, "-c", "import edi.kernels.caller"]
        environment = {"PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    assert run() == "42 0"
    assert run() == "42 1"  # the second process finds the machine code
    callee.write_text(callee.read_text().replace("x + 1", "x + 2"))
    assert run() == "43 0"


def arrays_of(values: list[str | None]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A buffer with the values, their places and lengths."""
    text = "".join(value or "" for value in values)
    buffer = np.frombuffer(text.encode() + b" " * 16, np.uint8)
    lengths = np.array([-1 if value is None else len(value) for value in values], np.int32)
    starts = np.concatenate([[0], np.cumsum(np.maximum(lengths, 0))[:-1]]).astype(np.int32)
    return buffer, starts, lengths


def column_array(kind: str, texts: list[str | None]) -> pa.Array:
    """The column between two others, of text and of dates, that the same call makes."""
    buffer, starts, lengths = arrays_of(texts)
    rows = len(texts)
    twice = np.concatenate([starts, starts]), np.concatenate([lengths, lengths])
    bases = np.array([0, rows, 0], np.int64)
    before, array, behind = column_arrays(
        ["text", kind, "date"], buffer, *twice, bases, rows=rows, wide=False
    )
    assert before.to_pylist() == texts
    behind.validate(full=True)
    return array


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("money", {"0": "0", "1.5": "1.5", "-.07": "-0.07", "999999999999.99": "999999999999.99",
                   "1000000000000": None, "1.005": None, "1.500": "1.50", "-": None, ".": None,
                   "1.2.3": None, "A": None, "00012": "12"}),
        ("quantity", {"1.125": "1.125", "123456789012.5": "123456789012.5", "1.1251": None}),
        ("number", {"0": 0, "007": 7, "999999999": 999999999, "9999999999": None, "-1": None}),
        ("text", {"A": "A", "LONGER THAN EIGHT BYTES": "LONGER THAN EIGHT BYTES"}),
    ],
)  # fmt: skip
def test_values_become_exact_cells_or_null(kind: str, values: dict[str, object]) -> None:
    for repeat in (1, 3):  # bitmaps of one and of several bytes
        texts = [None, *values, None] * repeat
        array = column_array(kind, texts)
        array.validate(full=True)
        wanted = [None, *values.values(), None] * repeat
        if kind in {"money", "quantity"}:
            wanted = [None if w is None else Decimal(str(w)) for w in wanted]
        assert array.to_pylist() == wanted


def test_every_day_of_five_centuries_is_the_right_date32() -> None:
    days = [date(1800, 1, 1) + timedelta(days=n) for n in range(0, 182_000, 7)]
    texts: list[str | None] = [f"{d:%Y%m%d}" for d in days]
    assert column_array("date", texts).to_pylist() == days


def test_a_range_gives_its_first_and_last_day() -> None:
    texts: list[str | None] = ["20260102-20260105", "20260103", "20260102-20261305", None]
    first = column_array("date", texts).to_pylist()
    last = column_array("range end", texts).to_pylist()
    assert first == [date(2026, 1, 2), date(2026, 1, 3), date(2026, 1, 2), None]
    assert last == [date(2026, 1, 5), date(2026, 1, 3), None, None]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("20240229", True), ("20230229", False), ("19000229", False), ("20000229", True),
        ("20240230", False), ("20241301", False), ("20240400", False), ("20240431", False),
        ("17991231", False), ("240229", True), ("2402", False), ("202402291159", True),
        ("202402292459", False), ("2024022A", False),
    ],
)  # fmt: skip
def test_a_date_is_valid_when_the_calendar_has_it(text: str, good: bool) -> None:
    buffer = np.frombuffer(text.encode() + b" " * 8, np.uint8)
    assert bool(valid_date(buffer, 0, len(text))) is good


@pytest.mark.parametrize("offset", range(9))
def test_tokens_are_found_at_every_alignment(offset: int) -> None:
    text = "." * offset + "AB*1**22~\r\nC*~~\n~DE*long element value*x~tail"
    raw = np.frombuffer(text.encode() + b"." * 16, np.uint8)
    token_end, segment_token, segment_start = (np.zeros(100, np.int32) for _ in range(3))
    result = tokens.tokenise(
        raw, offset, len(text), np.uint8(42), np.uint8(126), token_end, segment_token, segment_start
    )
    found = []
    for s in range(result[1]):
        first, last = segment_token[s], segment_token[s + 1]
        bounds = [segment_start[s] - 1, *token_end[first:last]]
        found.append([text[a + 1 : b] for a, b in pairwise(bounds)])
    assert found == [["AB", "1", "", "22"], ["C", ""], ["DE", "long element value", "x"], ["tail"]]
    assert result[2:] == (0, 0, 2, 1)  # odd, wide, empty segments, unterminated
