"""Our findings on a set against pyx12's, and the differences we stand by: each with a name, a reason and a rule.

pyx12 lists (position, segment, code) for segments and (position, segment, element, component, code) for elements.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.edi.pyx12_oracle import Verdict

Entry = tuple[Any, ...]
Finding = dict[str, Any]
WELL_FORMED = re.compile(r"[A-Z][A-Z0-9]{1,2}\*.*[^*:]$", re.DOTALL)
QUALIFIERS = (1, 2, 3)  # elements that tell namesakes apart


@dataclass(frozen=True)
class Pair:
    """One set as judged by both.

    Attributes:
        body: Its segments, ST first.
        ours, theirs: Findings.
        repetition, component: Separators.
    """

    body: list[str]
    ours: list[Finding]
    theirs: Verdict
    repetition: str = "^"
    component: str = ":"

    def sent(self, position: int) -> str:
        """The segment at a position."""
        return self.body[position - 1] if 0 < position <= len(self.body) else ""

    def element(self, position: int, number: int) -> str:
        """An element as sent."""
        elements = self.sent(position).split("*")
        return elements[number] if 0 < number < len(elements) else ""

    def unexpected(self, position: int) -> bool:
        """We found no place for the segment."""
        return any(
            row["segment_position"] == position
            and (
                (row["level"], row["code"]) in {("SEGMENT", "1"), ("SEGMENT", "2")}
                or is_qualifier(row)
            )
            for row in self.ours
        )


@dataclass(frozen=True)
class Difference:
    """Why we differ, and where the rule for it is.

    Attributes:
        why: Which of the two is right and on what ground.
        holds: The rule, over a pair and what one side says alone.
    """

    why: str
    holds: Callable[[Pair, Any], bool]


def at(row: Finding) -> tuple[int, str]:
    """Position and segment id of a finding."""
    return row["segment_position"], row["segment_id"]


def is_qualifier(row: Finding) -> bool:
    """An unknown code of the element by which the guide tells segments apart."""
    return bool(row["level"] == "ELEMENT" and row["code"] == "7" and row["element_position"] <= 3)


def candidates(row: Finding) -> list[Entry]:
    """How pyx12 may say the same, the likeliest first.

    * It answers 1 for every segment it does not expect: for an id the guide does not know, for a known one in a
      wrong place (we: 2) and for a qualifier the guide does not list (we: IK403 7).
    * It books what concerns a composite, or several elements together, on the segment as 8.
    * It answers 10 for an element that is not used; 10 means an exclusion, I10 is the code.
    """
    place = at(row)
    if row["level"] == "SEGMENT":
        return [(*place, "1" if row["code"] == "2" else row["code"])]
    element = (*place, row["element_position"], row["component_position"])
    found: list[Entry] = [(*element, "10" if row["code"] == "I10" else row["code"])]
    if row["code"] == "7":
        found.insert(0, (*place, "1"))
    if row["code"] in {"1", "2", "3", "10", "13", "I10"}:
        found.append((*place, "8"))
    return found


# -- what only we say


def forgotten(pair: Pair, row: Finding) -> bool:
    return bool(row["level"] == "SEGMENT" and row["code"] == "3")


def numbering(pair: Pair, row: Finding) -> bool:
    return bool(
        row["code"] == "7" and row["segment_id"] in {"HL", "LX"} and row["element_position"] <= 2
    )


def repeats(pair: Pair, row: Finding) -> bool:
    return pair.repetition in pair.element(row["segment_position"], row["element_position"])


def not_used_with_parts(pair: Pair, row: Finding) -> bool:
    sent = pair.element(row["segment_position"], row["element_position"])
    return bool(row["code"] == "I10" and pair.component in sent)


def too_exact(pair: Pair, row: Finding) -> bool:
    sent = pair.element(row["segment_position"], row["element_position"])
    numbers = re.findall(r"\d*\.(\d+)", sent)
    return bool(row["code"] in {"5", "6"} and (numbers or len(re.sub(r"\D", "", sent)) > 12))


def only_separators(pair: Pair, row: Finding) -> bool:
    sent = pair.sent(row["segment_position"]).split("*")[1:]
    return bool(row["code"] in {"2", "10"} and any(e and not e.strip(pair.component) for e in sent))


def qualifier_with_parts(pair: Pair, row: Finding) -> bool:
    """Also what follows: the loop its segment would have opened is not open for us."""
    position = row["segment_position"]
    return any(
        pair.unexpected(p) and any(pair.component in pair.element(p, q) for q in QUALIFIERS)
        for p in range(2, position + 1)
    )


OURS_ALONE = {
    "a required segment is missed when its loop repeats": Difference(
        "pyx12 forgets what a loop lacks when it begins again from its first segment; the guide does not",
        forgotten,
    ),
    "a number out of sequence is named": Difference(
        "pyx12 refuses the set for HL and LX without saying where, accepts a patient under a billing provider, and "
        "counts LX only in maps called 837; the guides number all of them from 1",
        numbering,
    ),
    "an element is repeated": Difference(
        "pyx12 takes the separator that ISA11 declares for a character of the value", repeats
    ),
    "an element that is not used has components": Difference(
        "both refuse the element; pyx12 for its separator, we because it may not be there at all",
        not_used_with_parts,
    ),
    "an amount or quantity is more exact than its column": Difference(
        "money has two decimals and twelve digits here; what cannot be stored exactly is refused, never rounded",
        too_exact,
    ),
    "an element of separators alone is present": Difference(
        "a simple element that holds a component separator is not empty; pyx12 takes it for absent in conditions",
        only_separators,
    ),
    "a qualifier with components is another value": Difference(
        "pyx12 reads the first component of an element that has none as its value",
        qualifier_with_parts,
    ),
}


# -- what only pyx12 says


def of_repetition(pair: Pair, entry: Entry) -> bool:
    return len(entry) == 5 and pair.repetition in pair.element(entry[0], entry[2])


def of_parts(pair: Pair, entry: Entry) -> bool:
    return (
        len(entry) == 5
        and pair.component in pair.element(entry[0], entry[2])
        and any(at(row) == entry[:2] and row["element_position"] == entry[2] for row in pair.ours)
    ) or (
        len(entry) == 5
        and entry[2] in QUALIFIERS
        and pair.component in pair.element(entry[0], entry[2])
    )


def separators_alone(pair: Pair, entry: Entry) -> bool:
    sent = pair.sent(entry[0]).split("*")[1:]
    return (
        len(entry) == 3 and entry[2] == "8" and any(e and not e.strip(pair.component) for e in sent)
    )


def comes_later(pair: Pair, entry: Entry) -> bool:
    return (
        len(entry) == 3
        and entry[2] == "3"
        and any(
            pair.sent(p).split("*")[0] == entry[1] and not pair.unexpected(p)
            for p in range(entry[0] + 1, len(pair.body) + 1)
        )
    )


def of_unknown_format(pair: Pair, entry: Entry) -> bool:
    return (
        len(entry) == 5
        and entry[4] in {"8", "9"}
        and any(
            at(row) == entry[:2]
            and row["code"] in {"1", "2", "7"}
            and row["element_position"] == entry[2] - 1
            for row in pair.ours
        )
    )


def behind_qualifier_with_parts(pair: Pair, entry: Entry) -> bool:
    return pair.unexpected(entry[0]) and qualifier_with_parts(pair, {"segment_position": entry[0]})


def needed_by_unexpected(pair: Pair, entry: Entry) -> bool:
    return len(entry) == 3 and entry[2] == "3" and pair.unexpected(entry[0] + 1)


def booked_late(pair: Pair, entry: Entry) -> bool:
    if len(entry) != 3 or entry[2] not in {"1", "8"}:
        return False
    position = entry[0]
    # The next segment it knows carries the complaint, or the last one when none follows.
    for before in range(min(position, len(pair.body)), 0, -1):
        if not WELL_FORMED.match(pair.sent(before)) and pair.unexpected(before):
            return True
        if before < position and not pair.unexpected(before):
            break
    return any(
        not WELL_FORMED.match(pair.sent(p)) and pair.unexpected(p)
        for p in range(position, len(pair.body) + 1)
    )


THEIRS_ALONE = {
    "what an unexpected segment would have needed": Difference(
        "pyx12 looks for a place for a segment it does not expect and says what is missing before it there; the "
        "segment has no place, so nothing is missing",
        needed_by_unexpected,
    ),
    "a repetition is no value": Difference(
        "pyx12 judges both repetitions as one value; we say that the element may not repeat",
        of_repetition,
    ),
    "a component separator in a simple element": Difference(
        "both refuse the element; we say not used, or a code the guide does not list, before the separator",
        of_parts,
    ),
    "an element of separators alone is absent": Difference(
        "pyx12 takes it for absent, in conditions and at the end of a segment; we refuse the element itself",
        separators_alone,
    ),
    "a required loop comes later at its place": Difference(
        "loops with the same position in the standard come in any order; pyx12 misses the required one when another "
        "comes before it, and takes it when it comes",
        comes_later,
    ),
    "a date whose format is unknown is not judged": Difference(
        "both refuse the qualifier; pyx12 also tries the date against the formats it might have been",
        of_unknown_format,
    ),
    "what follows a qualifier with components": Difference(
        "pyx12 reads the first component of an element that has none as its value and goes on inside that loop",
        behind_qualifier_with_parts,
    ),
    "a complaint about an unexpected segment is booked on another": Difference(
        "pyx12 hangs what its tokeniser says (no element, separator at the end, id of a wrong form) on the next "
        "segment it knows; we answer that the segment is unexpected, at its own place",
        booked_late,
    ),
}


def unexplained(pair: Pair) -> tuple[list[str], set[str]]:
    """What neither agrees nor is explained, in words without values, and the names of the differences used."""
    theirs: set[Entry] = set(pair.theirs.segments) | set(pair.theirs.elements)
    missing = {entry[1] for entry in theirs if len(entry) == 3 and entry[2] == "3"}
    found = {r["segment_id"] for r in pair.ours if (r["level"], r["code"]) == ("SEGMENT", "3")}
    left = {e for e in theirs if not (len(e) == 3 and e[2] == "3" and e[1] in found)}
    said: set[Entry] = set()
    out, used = [], set()
    for row in pair.ours:
        if row["level"] == "SEGMENT" and row["code"] == "3" and row["segment_id"] in missing:
            continue
        same = next((entry for entry in candidates(row) if entry in theirs), None)
        if same is None and row["segment_id"] == "???":
            same = next(
                (e for e in theirs if e[0] == row["segment_position"] and e[-1] == "1"), None
            )
        if same is not None:
            said.add(same)
            continue
        name = next((n for n, d in OURS_ALONE.items() if d.holds(pair, row)), None)
        if name is None:
            out.append(f"only we: {candidates(row)[0]}")
        else:
            used.add(name)
    for entry in sorted(left - said, key=str):
        name = next((n for n, d in THEIRS_ALONE.items() if d.holds(pair, entry)), None)
        if name is None:
            out.append(f"only pyx12: {entry}")
        else:
            used.add(name)
    return out, used
