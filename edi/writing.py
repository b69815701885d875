"""Segments as text: delimiters, element rules and the text form of numbers.

What every writer of X12 shares. A value that holds a delimiter or a control character is refused,
never repaired: changing it would change what a partner sent us to echo.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

Element = str | Sequence[str]
"""An element is text; a composite is a sequence of its components."""


class WritingError(Exception):
    """A value cannot be written as X12. Names the place and the rule, never the value."""

    code = "EDI-050"
    fix = "Correct the value where it was entered; nothing was written."

    def __init__(self, problem: str, place: str) -> None:
        super().__init__(problem, place)
        self.problem = problem
        self.place = place

    def __str__(self) -> str:
        return f"{self.code} {self.problem}\n  at   {self.place}\n  do   {self.fix}"


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four delimiters of an interchange, one ASCII character each."""

    element: str = "*"
    repetition: str = "^"
    component: str = ":"
    segment: str = "~"

    def __post_init__(self) -> None:
        marks = self.characters
        if any(len(mark) != 1 or not mark.isascii() for mark in marks) or len(set(marks)) != 4:
            raise ValueError("an interchange has four different delimiters of one ASCII character")
        if any(mark.isalnum() or mark in " .-+" for mark in marks):
            raise ValueError("a delimiter may not be a letter, digit, blank or part of a number")

    @property
    def characters(self) -> tuple[str, str, str, str]:
        """Element, repetition, component, segment: the order of ISA."""
        return self.element, self.repetition, self.component, self.segment


STANDARD_DELIMITERS = Delimiters()

ALTERNATIVE_DELIMITERS = (
    STANDARD_DELIMITERS,
    Delimiters("|", "^", ">", "~"),
    Delimiters("\x1d", "\x1f", "\x1c", "\x1e"),
)
"""What to try in order when a text to be echoed holds a delimiter: the last set is never in text."""


def money_text(cents: int) -> str:
    """Text form of an amount: no plus, no leading zeros, no trailing zeros after the point.

    `-45060` is `-450.6`, `5601` is `56.01`, `0` is `0` and `-5` is `-.05`: X12.6 suppresses a
    leading zero wherever the minimum length is met without it.
    """
    sign = "-" if cents < 0 else ""
    dollars, rest = divmod(abs(cents), 100)
    if not rest:
        return f"{sign}{dollars}"
    return f"{sign}{dollars or ''}.{rest:02d}".rstrip("0")


def decimal_text(value: Decimal) -> str:
    """Text form of a count or quantity under the same rules as `money_text`."""
    if not value:
        return "0"
    text = f"{abs(value):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return ("-" if value < 0 else "") + (text.removeprefix("0") if "." in text else text)


def render_segment(
    elements: Sequence[Element], delimiters: Delimiters = STANDARD_DELIMITERS
) -> str:
    """One segment with its terminator; empty elements and components at the end are dropped.

    Args:
        elements: Segment id, then elements in order.
        delimiters: Those of the interchange.

    Raises:
        WritingError: A value holds a delimiter or a control character.
    """
    parts = [
        _checked(element, f"{elements[0]}{position:02d}", delimiters)
        if isinstance(element, str)
        else _render_composite(element, f"{elements[0]}{position:02d}", delimiters)
        for position, element in enumerate(elements)
    ]
    return delimiters.element.join(parts).rstrip(delimiters.element) + delimiters.segment


def _render_composite(components: Sequence[str], place: str, delimiters: Delimiters) -> str:
    checked = [_checked(component, place, delimiters) for component in components]
    return delimiters.component.join(checked).rstrip(delimiters.component)


def _checked(value: str, place: str, delimiters: Delimiters) -> str:
    for character in value:
        if character in delimiters.characters or not character.isprintable():
            raise WritingError("the value holds a delimiter or a control character", place)
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What ISA and GS say: who, when, which numbers.

    Attributes:
        sender_qualifier: ISA05, e.g. `ZZ`.
        sender_id: ISA06, at most 15 characters.
        receiver_qualifier: ISA07.
        receiver_id: ISA08.
        sender_code: GS02.
        receiver_code: GS03.
        at: ISA09-10 and GS04-05; the caller's clock.
        interchange_control_number: ISA13, 1 to 999,999,999.
        usage_indicator: ISA15, `P` or `T`.
        acknowledgment_requested: ISA14.
    """

    sender_qualifier: str
    sender_id: str
    receiver_qualifier: str
    receiver_id: str
    sender_code: str
    receiver_code: str
    at: datetime
    interchange_control_number: int
    usage_indicator: str
    acknowledgment_requested: bool = False

    def header(self, delimiters: Delimiters = STANDARD_DELIMITERS) -> str:
        """ISA, always 106 characters.

        Raises:
            WritingError: A field does not fit or holds a delimiter.
        """
        fields = [
            "ISA",
            "00",
            " " * 10,
            "00",
            " " * 10,
            self.sender_qualifier,
            f"{self.sender_id:15}",
            self.receiver_qualifier,
            f"{self.receiver_id:15}",
            f"{self.at:%y%m%d}",
            f"{self.at:%H%M}",
        ]
        rest = [
            "00501",
            f"{self.interchange_control_number:09d}",
            "1" if self.acknowledgment_requested else "0",
            self.usage_indicator,
        ]
        for position, field in enumerate([*fields, "", *rest]):
            _checked(field, f"ISA{position:02d}", delimiters)
        marks = delimiters
        text = marks.element.join([*fields, marks.repetition, *rest, marks.component])
        if len(text) != 105:
            raise WritingError(f"ISA would have {len(text) + 1} characters, not 106", "ISA")
        return text + marks.segment

    def trailer(self, group_count: int, delimiters: Delimiters = STANDARD_DELIMITERS) -> str:
        """IEA with the number of functional groups."""
        number = f"{self.interchange_control_number:09d}"
        return render_segment(["IEA", str(group_count), number], delimiters)

    def group(
        self,
        *,
        functional_identifier_code: str,
        group_control_number: int,
        guide: str,
        sets: Iterable[Sequence[str]],
        delimiters: Delimiters = STANDARD_DELIMITERS,
    ) -> str:
        """GS, the transaction sets as rendered, GE with their number."""
        head = [
            "GS",
            functional_identifier_code,
            self.sender_code,
            self.receiver_code,
            f"{self.at:%Y%m%d}",
            f"{self.at:%H%M}",
            str(group_control_number),
            "X",
            guide,
        ]
        rendered = ["".join(segments) for segments in sets]
        tail = ["GE", str(len(rendered)), str(group_control_number)]
        return (
            render_segment(head, delimiters) + "".join(rendered) + render_segment(tail, delimiters)
        )


def render_set(
    code: str,
    set_control_number: str,
    body: Sequence[Sequence[Element]],
    *,
    guide: str = "",
    delimiters: Delimiters = STANDARD_DELIMITERS,
) -> list[str]:
    """ST, the body's segments, SE with the count of them all; ST03 is sent when `guide` is given."""
    segments = [["ST", code, set_control_number, guide], *body]
    segments.append(["SE", str(len(segments) + 1), set_control_number])
    return [render_segment(segment, delimiters) for segment in segments]
