"""Files and sets that must be refused, each for a reason of its own.

They hold claims that occur nowhere else, come from the last submitter and sort behind its good
claims, so that they change no claim number of the night.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from transforms.sample.claim_file import GUIDE, claim_set, closing, delimiters_of, envelope
from transforms.sample.drafts import Desk
from transforms.sample.names import SUBMITTER_NAMES
from transforms.sample.scenario import LAST_SUBMITTER

CLAIMS_A_BAD_SET = 6
UNKNOWN_GUIDE = "005010X999A9"
FIRST_NUMBER = 901
"""Interchange numbers of bad files begin here."""


@dataclass(frozen=True, slots=True)
class BadFile:
    """A damaged file: its kind says what is wrong; `sets` is how many it holds, all refused."""

    name: str
    kind: str
    sets: int
    text: Callable[[list[str], date], str]


def damaged_set_path(parts: Path) -> Path:
    """Where a small good set waits to be damaged."""
    return parts / "damaged.part"


def write_damaged_sets(desk: Desk, parts: Path) -> None:
    """Write one small set of ordinary claims under account numbers of their own."""
    slot = len(desk.drafts) - 1
    ordinary = [draft for draft in desk.drafts[slot] if not draft.case][:CLAIMS_A_BAD_SET]
    drafts = []
    for number, draft in enumerate(ordinary):
        damaged = copy(draft)
        damaged.patient_control_number = f"BAD{number:07d}"
        drafts.append(damaged)
    segments = claim_set(
        drafts,
        partner_id=LAST_SUBMITTER,
        partner_name=dict(SUBMITTER_NAMES)[LAST_SUBMITTER],
        night=desk.night,
        set_number=1,
        payer_names={entry.index: f"{entry.name} HEALTH PLAN" for entry in desk.scenario.employers},
    )
    damaged_set_path(parts).write_text("\n".join(segments), encoding="ascii")


def read_damaged_set(parts: Path) -> list[str]:
    """The segments `write_damaged_sets` left."""
    return damaged_set_path(parts).read_text(encoding="ascii").split("\n")


def set_with_guide_error(segments: list[str], set_number: int) -> str:
    """The set without the service of its first line, which the guide requires."""
    first = next(index for index, text in enumerate(segments) if text.startswith("SV1*"))
    kept = [text for index, text in enumerate(segments) if index != first]
    control = f"{set_number:04d}"
    kept[0] = f"ST*837*{control}*{GUIDE}"
    kept[-1] = f"SE*{len(kept)}*{control}"
    return delimiters_of(LAST_SUBMITTER).apply(kept)


def claims_in(segments: list[str]) -> int:
    """Number of claims of a set."""
    return sum(text.startswith("CLM*") for text in segments)


def _not_x12(_segments: list[str], night: date) -> str:
    return f"Claims of {night:%d %B %Y} follow by courier, the printer is broken again.\n"


def _empty(_segments: list[str], _night: date) -> str:
    return ""


def _cut(segments: list[str], night: date) -> str:
    opening, _ = envelope(LAST_SUBMITTER, night, FIRST_NUMBER)
    text = delimiters_of(LAST_SUBMITTER).apply([*opening, *segments])
    return text[: len(text) * 6 // 10]


def _wrong_count(segments: list[str], night: date) -> str:
    opening, control = envelope(LAST_SUBMITTER, night, FIRST_NUMBER + 1)
    wrong = [*segments[:-1], f"SE*{len(segments) + 7}*0001"]
    return delimiters_of(LAST_SUBMITTER).apply([*opening, *wrong, *closing(control, 1)])


def _unknown_guide(segments: list[str], night: date) -> str:
    opening, control = envelope(LAST_SUBMITTER, night, FIRST_NUMBER + 2, guide=UNKNOWN_GUIDE)
    unknown = [f"ST*837*0001*{UNKNOWN_GUIDE}", *segments[1:]]
    return delimiters_of(LAST_SUBMITTER).apply([*opening, *unknown, *closing(control, 1)])


BAD_FILES = (
    BadFile("zz-courier-note.txt", "not_x12", 0, _not_x12),
    BadFile("zz-cut-in-the-middle.x12", "cut", 1, _cut),
    BadFile("zz-empty.x12", "empty", 0, _empty),
    BadFile("zz-unknown-guide.x12", "unknown_guide", 1, _unknown_guide),
    BadFile("zz-wrong-segment-count.x12", "wrong_count", 1, _wrong_count),
)
"""In order of name."""
