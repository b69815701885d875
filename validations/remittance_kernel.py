"""The loop of the independent 835 checker: one pass over the bytes of an interchange.

It was written from the guide and the balancing rules alone and shares nothing with the writer: if
both agree, two readings of the rules agree. Amounts are int64 cents.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
"""No reference counting: no array is made in here, and calls are an order cheaper without it."""

Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]

MOST_FINDINGS = 200
MOST_ELEMENTS = 40
MOST_PAIRS = 256
SCRATCH = (MOST_ELEMENTS + 1, MOST_ELEMENTS + 1, (3, 2), 3, 10, 4, (3, MOST_PAIRS), 7, (18, 2))
"""Shapes of the working arrays that `check_bytes` takes last, all of them zeros at first:

starts and ends of the segment's elements; ISA13, GS06 and ST02 as spans; charge, paid and adjusted of
the line; the claim, see `close_claim`; the place: segment in the set, byte, claim in the set, line in
the claim; (group, reason) pairs of the claim, of its lines, of this place; bits seen in each level;
expected and found number of each rule that compares two.
"""

SERVICE, CLAIM, CLAIM_LINES, CLAIM_LINE_PAID, PATIENT, TRANSACTION, ONCE, NEGATIVE = range(8)
RULE_COUNT = 18
UNKNOWN, ORDER, MISSING, AMOUNT, COUNT, NUMBER, ZERO, GROUP, UNTERMINATED, NO_TRAILER = range(8, 18)
"""What a finding says; `remittance_check.RULES` has the words."""

ENVELOPE, HEADER, PAYEE_LEVEL, GROUP_LEVEL, CLAIM_LEVEL, LINE_LEVEL, FOOTER = range(7)

TRACE, TRACE_PAYER, METHOD, HANDLING, COMPANY, EFFECTIVE, PRODUCED = range(7)
PAYEE_QUALIFIER, PAYEE, PAYEE_TAX_ID = range(7, 10)
FACTS = 10
"""Elements of a transaction set that are handed back as (start, end)."""

CLAIMS, CLAIMS_PAID, ADJUSTED, PAID = range(4)


@njit(**OPTIONS)
def read_cents(buffer: Bytes, start: int, end: int) -> tuple[int, int]:
    """An amount in cents, and the bit of AMOUNT unless its text is the one the guide asks for."""
    p = start
    is_negative = p < end and buffer[p] == 45
    if is_negative:
        p += 1
    whole, digits = 0, 0
    first = p
    while p < end and 48 <= buffer[p] <= 57 and digits < 16:
        whole = whole * 10 + (buffer[p] - 48)
        digits += 1
        p += 1
    fine = not (digits > 1 and buffer[first] == 48)
    fraction, places = 0, 0
    if p < end and buffer[p] == 46:
        p += 1
        while p < end and 48 <= buffer[p] <= 57 and places < 3:
            fraction = fraction * 10 + (buffer[p] - 48)
            places += 1
            p += 1
        fine = fine and 0 < places < 3 and buffer[p - 1] != 48 and buffer[first] != 48
    if places == 1:
        fraction *= 10
    cents = whole * 100 + fraction
    fine = fine and p == end and digits + places > 0 and digits + places <= 10
    fine = fine and not (is_negative and cents == 0)
    return (-cents if is_negative else cents), (0 if fine else 1 << AMOUNT)


@njit(**OPTIONS)
def read_word(buffer: Bytes, start: int, end: int) -> int:
    """Up to six bytes as one integer; -1 when there are more."""
    if end - start > 6:
        return -1
    word = 0
    for p in range(start, end):
        word = word * 256 + buffer[p]
    return word


@njit(**OPTIONS)
def find_symbol(keys: Integers, level: int, name: int, qualifier: int) -> int:
    """Position of (level, segment, qualifier) in the sorted keys, else of (level, segment); or -1."""
    for wanted in (qualifier, 0):
        if wanted >= 1 << 24 or name >= 1 << 24 or wanted < 0 or name < 0:
            continue
        key = (level << 48) + (name << 24) + wanted
        low, high = 0, keys.size
        while low < high:
            middle = (low + high) // 2
            if keys[middle] < key:
                low = middle + 1
            else:
                high = middle
        if low < keys.size and keys[low] == key:
            return low
    return -1


@njit(**OPTIONS)
def note(
    findings: Integers, counts: Integers, faults: int, place: Integers, numbers: Integers
) -> None:
    """Keep the findings of a segment: rule, segment number, byte, claim, line, expected, found."""
    for what in range(RULE_COUNT):
        if faults >> what & 1:
            n = counts[0]
            counts[0] += 1
            if n < MOST_FINDINGS:
                findings[n, 0] = what
                for k in range(4):
                    findings[n, 1 + k] = place[k]
                findings[n, 5] = numbers[what, 0]
                findings[n, 6] = numbers[what, 1]


@njit(**OPTIONS)
def differ(numbers: Integers, what: int, expected: int, found: int) -> int:
    """The bit of a rule when two numbers differ, which are kept for its finding; else 0."""
    if expected == found:
        return 0
    numbers[what, 0] = expected
    numbers[what, 1] = found
    return 1 << what


@njit(**OPTIONS)
def same_bytes(buffer: Bytes, spans: Integers, which: int, start: int, end: int) -> bool:
    """Whether two spans hold the same bytes."""
    first = spans[which, 0]
    if spans[which, 1] - first != end - start:
        return False
    for k in range(end - start):  # numba compiles no generator
        if buffer[first + k] != buffer[start + k]:
            return False
    return True


@njit(**OPTIONS)
def keep(
    rows: Integers, counts: Integers, which: int, of_set: int, claim: int, start: int, end: int
) -> None:
    """Append (set, claim, start, end) to a result whose length is `counts[which]`."""
    n = counts[which]
    rows[n, 0], rows[n, 1], rows[n, 2], rows[n, 3] = of_set, claim, start, end
    counts[which] += 1


@njit(**OPTIONS)
def close_claim(claim: Integers, numbers: Integers) -> int:
    """Bits of rules 2 and 3 when a claim ends.

    claim: charge, paid, patient, claim CAS, line CAS, PR of both, line charges, line payments, lines,
    whether it is a reversal.
    """
    charge, paid, at_claim = claim[0], claim[1], claim[3]
    faults: int = differ(numbers, CLAIM, charge - at_claim - claim[4], paid)
    if claim[8] > 0:
        faults |= differ(numbers, CLAIM_LINES, claim[6], charge)
        faults |= differ(numbers, CLAIM_LINE_PAID, claim[7] - at_claim, paid)
    faults |= differ(numbers, PATIENT, 0 if claim[9] else claim[5], claim[2])
    return faults


@njit(**OPTIONS)
def check_bytes(
    buffer: Bytes,
    marks: Bytes,
    keys: Integers,
    ranks: Integers,
    needed: Integers,
    words: Integers,
    facts: Integers,
    findings: Integers,
    counts: Integers,
    spans: Integers,
    sums: Integers,
    reversals: Integers,
    originals: Integers,
    starts: Integers,
    ends: Integers,
    numbers: Integers,
    line: Integers,
    claim: Integers,
    place: Integers,
    pairs: Integers,
    seen: Integers,
    expected: Integers,
) -> None:
    """Check one interchange.

    Inputs: the whole file; element, component and segment delimiter; `keys`, sorted (level, segment,
    qualifier) of all an 835 may hold, and for each in `ranks` its rank in the level, whether it
    repeats, the level it opens or -1, its bit; `needed`, bits that each level must have seen when it
    ends; `words` the rules speak of; `facts` (segment, qualifier or 0, number of the fact, element).

    Results: `findings` [MOST_FINDINGS, 7]; `counts` of findings, sets, segments, reversals, originals;
    `spans` [sets, FACTS, 2]; `sums` [sets, 4]: claims, cents of their payments, of provider
    adjustments, of BPR02; `reversals` and `originals`: (set, claim, start, end) of CLP07 of each
    reversal and of each REF*F8. The rest is scratch, see `SCRATCH`.
    """
    level, rank, set_number = ENVELOPE, -1, -1
    n_claim_pairs = n_line_pairs = n_place_pairs = 0
    set_segments = sets_in_group = groups = 0
    used = p = 0
    while p < buffer.size:
        if buffer[p] in (10, 13):
            p += 1
            continue
        # One segment: where its elements start and end.
        n = 0
        starts[0] = p
        while p < buffer.size and buffer[p] != marks[2]:
            if buffer[p] == marks[0] and n < MOST_ELEMENTS:
                ends[n] = p
                n += 1
                starts[n] = p + 1
            p += 1
        ends[n] = p
        for k in range(n + 1, used + 1):  # those behind are empty already
            starts[k] = p
            ends[k] = p
        used = n
        counts[2] += 1
        set_segments += 1
        place[0] = set_segments
        place[1] = starts[0]
        if p == buffer.size:
            note(findings, counts, 1 << UNTERMINATED, place, expected)
            break
        p += 1
        faults = 0
        name = read_word(buffer, starts[0], ends[0])
        qualifier = read_word(buffer, starts[1], ends[1])

        # Which place of the guide is this? Deeper levels end where a segment of a higher one comes.
        symbol = find_symbol(keys, level, name, qualifier)
        if symbol < 0 or ranks[symbol, 2] >= 0:
            for other in (PAYEE_LEVEL, GROUP_LEVEL, CLAIM_LEVEL, LINE_LEVEL, FOOTER):
                opened = find_symbol(keys, other, name, qualifier)
                if opened >= 0 and ranks[opened, 2] == other:
                    symbol = opened
        if symbol < 0:
            note(findings, counts, 1 << UNKNOWN, place, expected)
            continue
        opens = ranks[symbol, 2]
        if opens >= 0:
            if opens == FOOTER:
                is_legal = level > HEADER and (level != FOOTER or ranks[symbol, 0] >= rank)
            elif opens == PAYEE_LEVEL:
                is_legal = level == HEADER
            else:
                is_legal = level != FOOTER and opens <= level + 1
            if not is_legal:
                faults |= 1 << ORDER
            if level == LINE_LEVEL:
                faults |= differ(expected, SERVICE, line[0] - line[2], line[1])
            if level in (CLAIM_LEVEL, LINE_LEVEL) and opens != LINE_LEVEL:
                faults |= close_claim(claim, expected)
                if (seen[CLAIM_LEVEL] & needed[CLAIM_LEVEL]) != needed[CLAIM_LEVEL]:
                    faults |= 1 << MISSING
            if level == HEADER and (seen[HEADER] & needed[HEADER]) != needed[HEADER]:
                faults |= 1 << MISSING
            seen[opens] = 0
            level = opens
        elif ranks[symbol, 0] < rank or (ranks[symbol, 0] == rank and ranks[symbol, 1] == 0):
            faults |= 1 << ORDER
        if faults:  # what ended names its own claim and line, not the next
            note(findings, counts, faults, place, expected)
            faults = 0
        rank = ranks[symbol, 0]
        seen[level] |= np.int64(1) << ranks[symbol, 3]

        if level in (HEADER, PAYEE_LEVEL):
            for k in range(facts.shape[0]):
                if facts[k, 0] == name and (facts[k, 1] == 0 or facts[k, 1] == qualifier):
                    spans[set_number, facts[k, 2], 0] = starts[facts[k, 3]]
                    spans[set_number, facts[k, 2], 1] = ends[facts[k, 3]]

        # Envelope and trailer.
        if name == words[0]:  # ISA
            numbers[0, 0], numbers[0, 1] = starts[13], ends[13]
        elif name == words[1]:  # GS
            numbers[1, 0], numbers[1, 1] = starts[6], ends[6]
            sets_in_group = 0
            groups += 1
        elif name == words[2]:  # ST
            level, rank, set_segments, sets_in_group = HEADER, 0, 1, sets_in_group + 1
            seen[HEADER] = 0
            set_number += 1
            counts[1] += 1
            place[0], place[2], place[3] = 1, 0, 0
            numbers[2, 0], numbers[2, 1] = starts[2], ends[2]
        elif name == words[3]:  # SE
            stated, bad = read_cents(buffer, starts[1], ends[1])
            faults |= bad | differ(expected, COUNT, set_segments, stated // 100)
            if not same_bytes(buffer, numbers, 2, starts[2], ends[2]):
                faults |= 1 << NUMBER
            due = sums[set_number, CLAIMS_PAID] - sums[set_number, ADJUSTED]
            faults |= differ(expected, TRANSACTION, due, sums[set_number, PAID])
            level, rank = ENVELOPE, 2
        elif name in (words[4], words[5]):  # GE, IEA
            stated, bad = read_cents(buffer, starts[1], ends[1])
            held = sets_in_group if name == words[4] else groups
            faults |= bad | differ(expected, COUNT, held, stated // 100)
            own = 1 if name == words[4] else 0
            if not same_bytes(buffer, numbers, own, starts[2], ends[2]):
                faults |= 1 << NUMBER

        # What the rules need.
        elif name == words[6]:  # BPR
            cents, bad = read_cents(buffer, starts[2], ends[2])
            faults |= bad
            if cents < 0:
                faults |= 1 << NEGATIVE
            sums[set_number, PAID] = cents
        elif name == words[7] and qualifier == words[13] and level == CLAIM_LEVEL:  # REF*F8
            keep(originals, counts, 4, set_number, place[2], starts[2], ends[2])
        elif name == words[8]:  # CLP
            sums[set_number, CLAIMS] += 1
            place[2] += 1
            place[3] = 0
            for k in range(10):
                claim[k] = 0
            n_claim_pairs = n_line_pairs = n_place_pairs = 0
            for k in range(3):
                if k == 2 and starts[5] == ends[5]:
                    continue
                cents, bad = read_cents(buffer, starts[3 + k], ends[3 + k])
                faults |= bad
                claim[k] = cents
            sums[set_number, CLAIMS_PAID] += claim[1]
            if read_word(buffer, starts[2], ends[2]) == words[14]:  # 22, a reversal
                claim[9] = 1
                keep(reversals, counts, 3, set_number, place[2], starts[7], ends[7])
        elif name == words[9]:  # SVC
            place[3] += 1
            line[0] = line[1] = line[2] = 0
            n_place_pairs = 0
            claim[8] += 1
            for k in range(2):
                cents, bad = read_cents(buffer, starts[2 + k], ends[2 + k])
                faults |= bad
                line[k] = cents
                claim[6 + k] += cents
        elif name == words[10]:  # CAS
            if qualifier not in (words[15], words[16], words[17], words[18]):
                faults |= 1 << GROUP
            for k in range(2, 20, 3):
                if starts[k] == ends[k] and starts[k + 1] == ends[k + 1]:
                    break
                cents, bad = read_cents(buffer, starts[k + 1], ends[k + 1])
                faults |= bad
                if cents == 0:
                    faults |= 1 << ZERO
                if qualifier == words[15]:  # PR
                    claim[5] += cents
                pair = (read_word(buffer, starts[k], ends[k]) << 16) + qualifier
                is_line = level == LINE_LEVEL
                claim[4 if is_line else 3] += cents
                line[2] += cents
                # Rule 5: the pair may stand neither here already nor at the other level.
                is_repeat = False
                for m in range(n_place_pairs):
                    is_repeat = is_repeat or pairs[2, m] == pair
                for m in range(n_claim_pairs if is_line else n_line_pairs):
                    is_repeat = is_repeat or pairs[0 if is_line else 1, m] == pair
                if is_repeat:
                    faults |= 1 << ONCE
                if n_place_pairs < MOST_PAIRS:
                    pairs[2, n_place_pairs] = pair
                    n_place_pairs += 1
                if is_line and n_line_pairs < MOST_PAIRS:
                    pairs[1, n_line_pairs] = pair
                    n_line_pairs += 1
                elif not is_line and n_claim_pairs < MOST_PAIRS:
                    pairs[0, n_claim_pairs] = pair
                    n_claim_pairs += 1
        elif name == words[11]:  # PLB
            for k in range(4, 16, 2):
                if starts[k] == ends[k] and starts[k - 1] == ends[k - 1]:
                    break
                cents, bad = read_cents(buffer, starts[k], ends[k])
                faults |= bad
                if cents == 0:
                    faults |= 1 << ZERO
                sums[set_number, ADJUSTED] += cents
        elif name == words[12]:  # AMT
            cents, bad = read_cents(buffer, starts[2], ends[2])
            faults |= bad
        if faults:
            note(findings, counts, faults, place, expected)
    if level != ENVELOPE or rank != 4 or counts[2] == 0:
        note(findings, counts, 1 << NO_TRAILER, place, expected)
