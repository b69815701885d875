"""What pyx12 says about a file, by transaction set: its error tree, before the 999 leaves things out."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from edi.guides.registry import guides


@dataclass
class Verdict:
    """pyx12's answer to one set.

    Attributes:
        accepted: No error anywhere in the set.
        segments: (segment position, segment id, code); 8 stands for an error of a whole composite.
        elements: (segment position, segment id, element, component, code).
    """

    accepted: bool = False
    segments: set[tuple[int, str, str]] = field(default_factory=set)
    elements: set[tuple[int, str, int, int, str]] = field(default_factory=set)


@contextmanager
def our_maps() -> Iterator[None]:
    """pyx12 reads the guides' maps as we mended them, our own map among them."""
    import pyx12.map_if
    import pyx12.map_index

    by_file = {guide.map_file: guide for guide in guides().values()}
    load = pyx12.map_if.load_map_file
    find = pyx12.map_index.map_index.get_filename

    def load_mended(map_file: str, *rest: Any) -> Any:
        return by_file[map_file].load_map() if map_file in by_file else load(map_file, *rest)

    def find_ours(self: Any, icvn: str, vriic: str, fic: str, tspc: str | None = None) -> Any:
        guide = guides().get(vriic)
        return find(self, icvn, vriic, fic, tspc) if guide is None else guide.map_file

    with (
        patch.object(pyx12.map_if, "load_map_file", load_mended),
        patch.object(pyx12.map_index.map_index, "get_filename", find_ours),
    ):
        yield


@contextmanager
def quiet() -> Iterator[None]:
    """Without pyx12's log."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def judge(content: str) -> dict[str, Verdict]:
    """Verdict of every set by its control number; HL and LX errors only refuse it."""
    import pyx12.params
    import pyx12.x12n_document

    with quiet(), our_maps():
        answer = io.StringIO()
        parameters = pyx12.params.params()
        source = io.StringIO(content)
        pyx12.x12n_document.x12n_document(parameters, source, None, None, fd_json=answer)
    verdicts: dict[str, Verdict] = {}
    for interchange in json.loads(answer.getvalue())["interchanges"]:
        for group in interchange["groups"]:
            for found in group["transactions"]:
                verdict = Verdict(accepted=found["ack_code"] == "A")
                verdicts[found["trn_set_control_num"]] = verdict
                for segment in found["segments"]:
                    place = (int(segment["seg_count"]), str(segment["seg_id"]))
                    for error in segment["errors"]:
                        code = "8" if error["err_cde"] == "SEG1" else error["err_cde"]
                        if code not in {"HL1", "HL2", "LX"}:
                            verdict.segments.add((*place, code))
                    for element in segment["elements"]:
                        position = int(element["ele_pos"])
                        component = int(element["subele_pos"] or 0)
                        for error in element["errors"]:
                            verdict.elements.add((*place, position, component, error["err_cde"]))
    return verdicts


def accepts(content: str, *, mended: bool = False) -> bool:
    """pyx12 finds nothing wrong with the file, by its own maps or by ours."""
    import pyx12.params
    import pyx12.x12n_document

    with quiet(), our_maps() if mended else nullcontext():
        parameters = pyx12.params.params()
        return bool(pyx12.x12n_document.x12n_document(parameters, io.StringIO(content), None, None))
