"""Segments as people may see them: what tells who somebody is replaced by what it is."""

from edi.identifiers.elements import (
    Held,
    Kind,
    Rules,
    catalogue,
    guide_rules,
    held_by,
    segment_rules,
)
from edi.segment_stream import PlacedSegment

LONGEST = 120
PLAIN_ELEMENT = 3
"""A value this short in a segment nobody knows is shown: it is a code or a number of few digits."""


def rules_of(segment: PlacedSegment) -> Rules:
    """What the elements of a segment hold; one that the guide does not expect is taken by its id."""
    guide = segment.compiled.guide
    if guide is not None and segment.expected:
        return guide_rules(guide.version)[segment.node]
    return segment_rules(segment.segment_id)


def held(segment: PlacedSegment) -> list[Held]:
    """What a segment holds, by its rules.

    In a segment that no guide knows nothing is certain: every longer element counts as an identifier.
    """
    rules = rules_of(segment)
    if rules or segment.expected:
        return held_by(segment.content, segment.delimiters, rules)
    unknown = catalogue().kinds["identifier"]
    found, at = [], 0
    for position, element in enumerate(segment.elements):
        if position and len(element) > PLAIN_ELEMENT:
            found.append(Held(unknown, position, 0, at, at + len(element)))
        at += len(element) + 1
    return found


def masked_text(segment: PlacedSegment, *, unmasked: bool = False, longest: int = LONGEST) -> str:
    """A segment as one line of text, its terminator left out; longer ones are cut, and say so.

    Args:
        segment: The segment.
        unmasked: Show every value.
        longest: Characters to show.
    """
    content = segment.content
    parts: list[str] = []
    at = 0
    for one in [] if unmasked else held(segment):
        if one.kind.shown:
            parts += [printable(content[at : one.start]), one.kind.shown]
            at = one.end
    parts.append(printable(content[at:]))
    text = "".join(parts)
    if len(text) > longest:
        return f"{text[:longest]} ... ({len(content):,} bytes)"
    return text


def masked_value(kind: Kind | None, value: bytes, *, unmasked: bool = False) -> str:
    """One element as people may see it; without a kind it is shown."""
    if kind is not None and kind.shown and not unmasked and value:
        return kind.shown
    return printable(value)


def printable(content: bytes) -> str:
    """Bytes as text for a terminal: nothing in it can move a cursor or change a colour."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return "".join(c if c.isprintable() else "?" for c in text)
