"""Work on many at once that one of them spoils is done for each of the others."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from transforms.night import partial
from transforms.night.partial import FILE, Trial


@pytest.mark.parametrize("spoiled", [(), ("f2",), ("f0", "f5"), tuple(f"f{n}" for n in range(7))])
def test_one_that_fails_keeps_no_other_from_its_turn(
    spoiled: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partial, "AT_ONCE", 3)
    done: list[str] = []

    def work(together: Sequence[Mapping[str, Any]]) -> None:
        names = [str(item["file_id"]) for item in together]
        if set(names) & set(spoiled):
            raise ValueError("spoiled")
        done.extend(names)

    trial = Trial("acknowledge")
    files = [{"file_id": f"f{number}"} for number in range(7)]
    trial.of_several(FILE, files, "file_id", work)
    assert done == [f["file_id"] for f in files if f["file_id"] not in spoiled]
    assert {(one.kind, one.name) for one in trial.behind} == {(FILE, name) for name in spoiled}
