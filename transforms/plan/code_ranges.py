"""Ranges of procedure codes: `99381-99387`, `A0000-Z9999`, `0001U-0599U`, or one code.

A range holds the codes between its ends whose letters stand where the ends have letters: that
keeps `00100` out of `0001U-0599U`, although it sorts between the two. Such codes are numbered here,
so that ranges can be compared, joined and subtracted as intervals of whole numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class CodeRange:
    """Codes of one shape (`9` a digit, `A` a letter) numbered from `low` to `high`, inclusive."""

    shape: str
    low: int
    high: int

    def __str__(self) -> str:
        first, last = _code(self.shape, self.low), _code(self.shape, self.high)
        return first if first == last else f"{first}-{last}"


def parse_range(entry: str) -> CodeRange:
    """Range of a configuration entry.

    Raises:
        ValueError: The ends differ in shape or order.
    """
    low, _, high = entry.partition("-")
    high = high or low
    if _shape(low) != _shape(high):
        raise ValueError(f"the ends of {entry} have their letters in different places")
    if high < low:
        raise ValueError(f"the range {entry} ends before it begins")
    return CodeRange(_shape(low), _number(low), _number(high))


def subtract(ranges: Iterable[CodeRange], taken: Iterable[CodeRange]) -> list[CodeRange]:
    """What is left of `ranges` without `taken`, sorted."""
    left = list(ranges)
    for cut in taken:
        rest = []
        for one in left:
            if one.shape != cut.shape or cut.high < one.low or one.high < cut.low:
                rest.append(one)
                continue
            if one.low < cut.low:
                rest.append(CodeRange(one.shape, one.low, cut.low - 1))
            if cut.high < one.high:
                rest.append(CodeRange(one.shape, cut.high + 1, one.high))
        left = rest
    return sorted(left)


def _shape(code: str) -> str:
    return "".join("9" if character.isdigit() else "A" for character in code)


def _number(code: str) -> int:
    number = 0
    for character in code:
        number = number * 10 + int(character) if character.isdigit() else (
            number * 26 + ord(character) - ord("A")
        )  # fmt: skip
    return number


def _code(shape: str, number: int) -> str:
    characters = []
    for kind in reversed(shape):
        number, digit = divmod(number, 10 if kind == "9" else 26)
        characters.append(chr(ord("A") + digit) if kind == "A" else str(digit))
    return "".join(reversed(characters))
