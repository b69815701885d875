"""Made-up values of the same form: the same value under the same key always becomes the same other one.

Every substitute has the length of its original, digits stand for digits and letters for letters, so
that a file keeps its byte offsets, its types and its findings. HMAC-SHA256 under the key decides; without
the key nobody can tell which original a substitute stands for.
"""

import hmac
import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from stdnum import luhn

ROUNDS = 8
PART = 60
"""Characters moved as one number; longer values part by part."""
REMEMBERED = 1 << 16
NPI_PREFIX = "80840"  # of US health care cards: ISO 7812 with 840, the country
CONSONANTS, VOWELS = "BDFGKLMNPRSTVZ", "AEIOU"
WORD = re.compile(rb"[0-9A-Za-z\x80-\xff]+")
RUN = re.compile(rb"\d+")
OUTSIDE_ASCII = 0xE9
EARLIEST_YEAR = 1800
"""Days before are findings of the reader."""
OLDEST_AGE = 90
"""Ages above 89 are told as one (45 CFR 164.514(b)(2)(i)(C))."""
MOST_DAYS = 90


class KeyTooShortError(ValueError):
    """A key so short that it could be guessed."""


class Substitutes:
    """Substitutes under one key.

    Args:
        key: At least sixteen bytes that nobody else knows.
        sparse_areas: Three-digit ZIP areas too small to be told, and what stands in for them.
        most_days: Dates move back by 1 to so many days.

    Raises:
        KeyTooShortError: The key has fewer bytes.
    """

    def __init__(
        self, key: bytes, sparse_areas: Mapping[str, str], *, most_days: int = MOST_DAYS
    ) -> None:
        if len(key) < 16:
            raise KeyTooShortError("the key has fewer than 16 bytes")
        self.key = key
        self.sparse_areas = sparse_areas
        self.most_days = most_days
        self.characters = lru_cache(REMEMBERED)(self._characters)
        self.words = lru_cache(REMEMBERED)(self._words)

    def number(self, *parts: object) -> int:
        """A number that depends on the key and the parts alone."""
        message = "\0".join(map(str, parts)).encode("utf-8", "surrogateescape")
        return int.from_bytes(hmac.digest(self.key, message, "sha256"), "big")

    # -- texts and numbers

    def _characters(self, value: bytes) -> bytes:
        """Another value of the same form: never the same, and never the same for two values."""
        places = [at for at, c in enumerate(value) if chr(c).isascii() and chr(c).isalnum()]
        sizes = [10 if chr(value[at]).isdigit() else 26 for at in places]
        found = bytearray(OUTSIDE_ASCII if c >= 0x80 else c for c in value)
        if not places:
            return bytes(found)
        letters = value.upper()
        digits = [
            letters[at] - (ord("0") if size == 10 else ord("A"))
            for at, size in zip(places, sizes, strict=True)
        ]
        moved = [
            digit
            for low in range(0, len(places), PART)
            for digit in self._moved(digits[low : low + PART], sizes[low : low + PART])
        ]
        for at, size, digit in zip(places, sizes, moved, strict=True):
            if size == 10:
                found[at] = ord("0") + digit
            else:
                found[at] = ord("a" if chr(value[at]).islower() else "A") + digit
        return bytes(found)

    def _moved(self, digits: list[int], sizes: list[int]) -> list[int]:
        """Digits of a mixed base moved to others, one to one and none to itself.

        A Feistel network E makes a keyed permutation; x -> E'(E(x) + 1) is one that leaves nothing in place.
        """
        if len(sizes) == 1:
            return [(digits[0] + 1 + self.number("one", sizes[0]) % (sizes[0] - 1)) % sizes[0]]
        form = "".join("9" if size == 10 else "A" for size in sizes)
        middle = len(sizes) // 2
        left, left_size = _packed(digits[:middle], sizes[:middle])
        right, right_size = _packed(digits[middle:], sizes[middle:])
        halves = (left_size, right_size)
        left, right = self._rounds(form, (left, right), halves, 1)
        following = (left * right_size + right + 1) % (left_size * right_size)
        left, right = self._rounds(form, divmod(following, right_size), halves, -1)
        return [*_unpacked(left, sizes[:middle]), *_unpacked(right, sizes[middle:])]

    def _rounds(
        self, form: str, values: tuple[int, int], sizes: tuple[int, int], way: int
    ) -> tuple[int, int]:
        """The rounds of the network on both halves, forward (1) or back (-1)."""
        left, right = values
        for round_ in range(ROUNDS)[::way]:
            if round_ % 2:
                right = (right + way * self.number("round", round_, form, left)) % sizes[1]
            else:
                left = (left + way * self.number("round", round_, form, right)) % sizes[0]
        return left, right

    def _words(self, value: bytes) -> bytes:
        """Words one can say, of the same lengths; numbers among them become other numbers."""
        whole = b" ".join(value.upper().split())
        found = bytearray(value)
        for number, word in enumerate(WORD.finditer(value)):
            low, high = word.span()
            text = word.group()
            if text.isdigit():
                found[low:high] = self.characters(text)
            else:
                found[low:high] = self._word(text, whole, number)
        return bytes(found)

    def _word(self, text: bytes, whole: bytes, number: int) -> bytes:
        """One word, consonants and vowels in turn; digits and what lies beyond ASCII keep their places."""
        chosen = self.number("word", whole.decode("latin-1"), number)
        sounds = [CONSONANTS, VOWELS] if chosen % 4 else [VOWELS, CONSONANTS]
        chosen //= 4
        made = bytearray()
        for at, c in enumerate(text):
            choices = sounds[at % 2]
            letter = choices[chosen % len(choices)]
            chosen = chosen // len(choices) or self.number("more", chosen, at)
            if c >= 0x80:
                made.append(OUTSIDE_ASCII)
            elif chr(c).isdigit():
                made.append(ord("0") + chosen % 10)
            else:
                made.append(ord(letter.lower() if chr(c).islower() else letter))
        if bytes(made).upper() == text.upper():
            choices = sounds[(len(text) - 1) % 2]
            last = choices[(choices.find(chr(made[-1]).upper()) + 1) % len(choices)]
            made[-1] = ord(last.lower() if chr(text[-1]).islower() else last)
        return bytes(made)

    def blank(self, value: bytes) -> bytes:
        """Text without its words: X for letters and digits."""
        return bytes(
            OUTSIDE_ASCII if c >= 0x80 else ord("X") if chr(c).isalnum() else c for c in value
        )

    def npi(self, value: bytes) -> bytes:
        """Another provider number; its check digit is right if, and only if, the original's is."""
        if len(value) != 10 or not value.isdigit():
            return self.characters(value)
        body = value[:1] + self.characters(value[1:9])
        wrong = int(value[9:]) - _check_digit(value[:9])
        return body + str((_check_digit(body) + wrong) % 10).encode()

    def phone(self, value: bytes) -> bytes:
        """Another number of ten digits within exchange 555; of any other length, other digits."""
        places = [at for at, c in enumerate(value) if chr(c).isdigit()]
        if len(places) != 10 or any(c >= 0x80 for c in value):
            return self.characters(value)
        sent = bytes(value[at] for at in places).decode()
        chosen = self.number("phone", sent)
        area = f"{2 + chosen % 8}{chosen // 8 % 100:02d}"
        line = chosen // 800 % 10_000
        made = f"{area}555{line:04d}"
        if made == sent:
            made = f"{area}555{(line + 1) % 10_000:04d}"
        found = bytearray(self.blank(value))
        for at, digit in zip(places, made, strict=True):
            found[at] = ord(digit)
        return bytes(found)

    def postal_code(self, value: bytes) -> bytes:
        """A ZIP code of the same three-digit area, a larger one for an area of few people."""
        digits = value.replace(b"-", b"")
        if len(digits) not in {5, 9} or not digits.isdigit():
            return self.characters(value)
        area = digits[:3].decode()
        made = self.sparse_areas.get(area, area).encode() + self.characters(digits[3:5])
        if len(digits) == 9:
            made += self.characters(digits[5:])
        return made if len(digits) == len(value) else made[:5] + b"-" + made[5:]

    # -- dates

    def days(self, person: bytes) -> int:
        """By how many days all dates of a person's family move back: 1 to `most_days`."""
        return 1 + self.number("days", person.decode("latin-1").upper().strip()) % self.most_days

    def moved_date(self, value: bytes, days: int) -> bytes:
        """Dates, ranges and dates with a time, moved back; what is no date loses its digits."""
        return RUN.sub(lambda run: _moved_day(run.group(), days), _without_letters(value))

    def birth_date(self, value: bytes, days: int, on: date | None) -> bytes:
        """A birth date moved back like the others; an age above 89 at `on` becomes 90."""
        moved = self.moved_date(value, days)
        born = _day(moved) if len(moved) == 8 else None
        if born is None or on is None or on.year - born.year < OLDEST_AGE:
            return moved
        year = on.year - OLDEST_AGE
        day = min(born.day, 28) if born.month == 2 else born.day
        return f"{year:04d}{born.month:02d}{day:02d}".encode()


def _packed(digits: list[int], sizes: list[int]) -> tuple[int, int]:
    """Digits of a mixed base as a number, and how many such numbers there are."""
    value, count = 0, 1
    for digit, size in zip(digits, sizes, strict=True):
        value = value * size + digit
        count *= size
    return value, count


def _unpacked(value: int, sizes: list[int]) -> list[int]:
    """The digits of a number in a mixed base."""
    digits = []
    for size in reversed(sizes):
        value, digit = divmod(value, size)
        digits.append(digit)
    return digits[::-1]


def _check_digit(body: bytes) -> int:
    return int(luhn.calc_check_digit(NPI_PREFIX + body.decode()))


def _without_letters(value: bytes) -> bytes:
    return bytes(OUTSIDE_ASCII if c >= 0x80 else ord("X") if chr(c).isalpha() else c for c in value)


def _day(digits: bytes) -> date | None:
    """CCYYMMDD as a day; None if it is none."""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def _moved_day(digits: bytes, days: int) -> bytes:
    """One run of digits: a day, with a time behind it or with a year of two digits, moved back."""
    if len(digits) <= 4:
        return digits  # a time
    if len(digits) == 6:
        day, tail = _day(b"20" + digits), b""
    else:
        day, tail = _day(digits[:8]), digits[8:]
    if day is None or len(digits) not in {6, 8, 10, 12, 14}:
        return b"9" * len(digits)
    moved = _back(day, days)
    text = f"{moved.year:04d}{moved.month:02d}{moved.day:02d}".encode()
    return text[2:] if len(digits) == 6 else text + tail


def _back(day: date, days: int) -> date:
    """Days earlier; later where that would leave the years the reader takes."""
    earliest = date(EARLIEST_YEAR, 1, 1)
    try:
        moved = day - timedelta(days)
    except OverflowError:
        return day + timedelta(days)
    return day + timedelta(days) if day >= earliest > moved else moved
