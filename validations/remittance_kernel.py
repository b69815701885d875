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
SCRATCH = (MOST_ELEMENTS + 1, MOST_ELEMENTS + 1, (3, 2), 3, 10, 4, (3, MOST_PAIRS), 7)
"""Shapes of the working arrays that `check_bytes` takes last."""

SERVICE, CLAIM, CLAIM_LINES, CLAIM_LINE_PAID, PATIENT, TRANSACTION, ONCE, NEGATIVE = range(8)
UNKNOWN, ORDER, MISSING, AMOUNT, COUNT, NUMBER, ZERO, GROUP, UNTERMINATED, NO_TRAILER = range(8, 18)
"""What a finding says; `remittance_check.RULES` has the words."""

ENVELOPE, HEADER, PAYEE_LEVEL, GROUP_LEVEL, CLAIM_LEVEL, LINE_LEVEL, FOOTER = range(7)

PAYMENT, TRACE, TRACE_PAYER, METHOD, HANDLING, COMPANY, EFFECTIVE, PRODUCED = range(8)
PAYEE_QUALIFIER, PAYEE, PAYEE_TAX_ID, SET_NUMBER, INTERCHANGE_NUMBER = range(8, 13)
FACTS = 13
"""Elements of a transaction set that are handed back as (start, end)."""

CLAIMS, CLAIMS_PAID, ADJUSTED, PAID = range(4)


@njit(**OPTIONS)
def read_cents(buffer: Bytes, start: int, end: int) -> tuple[int, bool]:
    """An amount in cents and whether its text form is the one the guide asks for."""
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
    return (-cents if is_negative else cents), fine


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
def note(findings: Integers, counts: Integers, what: int, place: Integers, a: int, b: int) -> None:
    """Keep a finding: rule, segment number, byte, claim, line, expected, found."""
    n = counts[0]
    counts[0] += 1
    if n < MOST_FINDINGS:
        findings[n, 0] = what
        for k in range(4):
            findings[n, 1 + k] = place[k]
        findings[n, 5] = a
        findings[n, 6] = b


@njit(**OPTIONS)
def same_bytes(buffer: Bytes, spans: Integers, which: int, start: int, end: int) -> bool:
    """Whether two spans hold the same bytes."""
    first = spans[which, 0]
    if spans[which, 1] - first != end - start:
        return False
    for k in range(end - start):  # noqa: SIM110  # numba compiles no generator
        if buffer[first + k] != buffer[start + k]:
            return False
    return True


@njit(**OPTIONS)
def read_count(buffer: Bytes, start: int, end: int) -> int:
    """A whole number; -1 when the text is none."""
    value = 0
    for p in range(start, end):
        if not 48 <= buffer[p] <= 57 or value > 10**15:
            return -1
        value = value * 10 + (buffer[p] - 48)
    return value if end > start else -1


@njit(**OPTIONS)
def close_line(sums: Integers, findings: Integers, counts: Integers, place: Integers) -> None:
    """Rule 1 when a service line ends. sums: charge, paid, adjusted of the line."""
    if sums[0] - sums[2] != sums[1]:
        note(findings, counts, SERVICE, place, sums[0] - sums[2], sums[1])


@njit(**OPTIONS)
def close_claim(claim: Integers, findings: Integers, counts: Integers, place: Integers) -> None:
    """Rules 2 and 3 when a claim ends.

    claim: charge, paid, patient, claim CAS, line CAS, PR of both, line charges, line payments, lines,
    whether it is a reversal.
    """
    charge, paid = claim[0], claim[1]
    if charge - claim[3] - claim[4] != paid:
        note(findings, counts, CLAIM, place, charge - claim[3] - claim[4], paid)
    if claim[8] > 0:
        if claim[6] != charge:
            note(findings, counts, CLAIM_LINES, place, claim[6], charge)
        if claim[7] - claim[3] != paid:
            note(findings, counts, CLAIM_LINE_PAID, place, claim[7] - claim[3], paid)
    expected = 0 if claim[9] else claim[5]
    if claim[2] != expected:
        note(findings, counts, PATIENT, place, expected, claim[2])


@njit(**OPTIONS)
def check_bytes(
    buffer: Bytes,
    marks: Bytes,
    keys: Integers,
    ranks: Integers,
    needed: Integers,
    words: Integers,
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
) -> None:
    """Check one interchange.

    Args:
        buffer: The whole file.
        marks: Element, component, segment delimiter.
        keys: Sorted (level, segment, qualifier) of everything an 835 may hold.
        ranks: For each key: rank in its level, whether it repeats, level it opens or -1, its bit.
        needed: For each level, bits of the keys that must have been seen when it ends.
        words: Segment names and codes the rules speak of, see `remittance_check.WORDS`.
        findings: Result [MOST_FINDINGS, 7].
        counts: Result: findings, sets, segments, reversals, originals, groups.
        spans: Result [sets, FACTS, 2].
        sums: Result [sets, 4] cents: claims, their payments, provider adjustments, BPR02.
        reversals: Result: (set, claim, start, end) of CLP07 of each reversal.
        originals: Result: (set, claim, start, end) of each REF*F8.
        starts: Scratch [MOST_ELEMENTS + 1]: where each element of the segment starts.
        ends: Scratch [MOST_ELEMENTS + 1]: where it ends.
        numbers: Scratch [3, 2]: ISA13, GS06 and ST02 as spans.
        line: Scratch [3]: see `close_line`.
        claim: Scratch [10]: see `close_claim`.
        place: Scratch [4]: segment in the set, byte, claim in the set, line in the claim.
        pairs: Scratch [3, MOST_PAIRS]: (group, reason) of the claim, of its lines, of this place.
        seen: Scratch [7]: bits of what was seen in each level.
    """
    level, rank, set_number = ENVELOPE, -1, -1
    n_claim_pairs = n_line_pairs = n_place_pairs = 0
    set_segments = sets_in_group = groups = 0
    used = 0
    p = 0
    while p < buffer.size:
        if buffer[p] in (10, 13):
            p += 1
            continue
        # One segment: where its elements start and end.
        n = 0
        starts[0] = p
        begin = p
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
        place[1] = begin
        if p == buffer.size:
            note(findings, counts, UNTERMINATED, place, 0, 0)
            break
        p += 1
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
            note(findings, counts, UNKNOWN, place, 0, 0)
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
                note(findings, counts, ORDER, place, 0, 0)
            if level == LINE_LEVEL:
                close_line(line, findings, counts, place)
            if level in (CLAIM_LEVEL, LINE_LEVEL) and opens != LINE_LEVEL:
                close_claim(claim, findings, counts, place)
                if (seen[CLAIM_LEVEL] & needed[CLAIM_LEVEL]) != needed[CLAIM_LEVEL]:
                    note(findings, counts, MISSING, place, 0, 0)
            if level == HEADER and (seen[HEADER] & needed[HEADER]) != needed[HEADER]:
                note(findings, counts, MISSING, place, 0, 0)
            seen[opens] = 0
            level = opens
        elif ranks[symbol, 0] < rank or (ranks[symbol, 0] == rank and ranks[symbol, 1] == 0):
            note(findings, counts, ORDER, place, 0, 0)
        rank = ranks[symbol, 0]
        seen[level] |= np.int64(1) << ranks[symbol, 3]

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
            spans[set_number, SET_NUMBER, 0], spans[set_number, SET_NUMBER, 1] = starts[2], ends[2]
            for k in range(2):
                spans[set_number, INTERCHANGE_NUMBER, k] = numbers[0, k]
        elif name == words[3]:  # SE
            stated = read_count(buffer, starts[1], ends[1])
            if stated != set_segments:
                note(findings, counts, COUNT, place, set_segments, stated)
            if not same_bytes(buffer, numbers, 2, starts[2], ends[2]):
                note(findings, counts, NUMBER, place, 0, 0)
            due = sums[set_number, CLAIMS_PAID] - sums[set_number, ADJUSTED]
            if due != sums[set_number, PAID]:
                note(findings, counts, TRANSACTION, place, due, sums[set_number, PAID])
            level, rank = ENVELOPE, 2
        elif name in (words[4], words[5]):  # GE, IEA
            stated = read_count(buffer, starts[1], ends[1])
            held = sets_in_group if name == words[4] else groups
            if stated != held:
                note(findings, counts, COUNT, place, held, stated)
            own = 1 if name == words[4] else 0
            if not same_bytes(buffer, numbers, own, starts[2], ends[2]):
                note(findings, counts, NUMBER, place, 0, 0)

        # What the rules need.
        elif name == words[6]:  # BPR
            cents, fine = read_cents(buffer, starts[2], ends[2])
            if not fine:
                note(findings, counts, AMOUNT, place, 2, 0)
            if cents < 0:
                note(findings, counts, NEGATIVE, place, 0, cents)
            sums[set_number, PAID] = cents
            for fact, element in (
                (PAYMENT, 2),
                (METHOD, 4),
                (HANDLING, 1),
                (COMPANY, 10),
                (EFFECTIVE, 16),
            ):
                spans[set_number, fact, 0] = starts[element]
                spans[set_number, fact, 1] = ends[element]
        elif name == words[7]:  # TRN
            for fact, element in ((TRACE, 2), (TRACE_PAYER, 3)):
                spans[set_number, fact, 0] = starts[element]
                spans[set_number, fact, 1] = ends[element]
        elif name == words[8] and level == HEADER:  # DTM*405
            spans[set_number, PRODUCED, 0] = starts[2]
            spans[set_number, PRODUCED, 1] = ends[2]
        elif name == words[9] and qualifier == words[16]:  # N1*PE
            for fact, element in ((PAYEE_QUALIFIER, 3), (PAYEE, 4)):
                spans[set_number, fact, 0] = starts[element]
                spans[set_number, fact, 1] = ends[element]
        elif name == words[10]:  # REF
            if level == PAYEE_LEVEL and qualifier == words[17]:
                spans[set_number, PAYEE_TAX_ID, 0] = starts[2]
                spans[set_number, PAYEE_TAX_ID, 1] = ends[2]
            elif level == CLAIM_LEVEL and qualifier == words[18]:
                k = counts[4]
                originals[k, 0] = set_number
                originals[k, 1] = place[2]
                originals[k, 2] = starts[2]
                originals[k, 3] = ends[2]
                counts[4] += 1
        elif name == words[11]:  # CLP
            sums[set_number, CLAIMS] += 1
            place[2] += 1
            place[3] = 0
            for k in range(10):
                claim[k] = 0
            n_claim_pairs = n_line_pairs = n_place_pairs = 0
            for k in range(3):
                if k == 2 and starts[5] == ends[5]:
                    continue
                cents, fine = read_cents(buffer, starts[3 + k], ends[3 + k])
                claim[k] = cents
                if not fine:
                    note(findings, counts, AMOUNT, place, 3 + k, 0)
            sums[set_number, CLAIMS_PAID] += claim[1]
            if read_word(buffer, starts[2], ends[2]) == words[19]:  # 22, a reversal
                claim[9] = 1
                k = counts[3]
                reversals[k, 0] = set_number
                reversals[k, 1] = place[2]
                reversals[k, 2] = starts[7]
                reversals[k, 3] = ends[7]
                counts[3] += 1
        elif name == words[12]:  # SVC
            place[3] += 1
            for k in range(3):
                line[k] = 0
            n_place_pairs = 0
            claim[8] += 1
            for k in range(2):
                cents, fine = read_cents(buffer, starts[2 + k], ends[2 + k])
                line[k] = cents
                claim[6 + k] += cents
                if not fine:
                    note(findings, counts, AMOUNT, place, 2 + k, 0)
        elif name == words[13]:  # CAS
            if qualifier not in (words[20], words[21], words[22], words[23]):
                note(findings, counts, GROUP, place, 0, 0)
            for k in range(2, 20, 3):
                if starts[k] == ends[k] and starts[k + 1] == ends[k + 1]:
                    break
                cents, fine = read_cents(buffer, starts[k + 1], ends[k + 1])
                if not fine:
                    note(findings, counts, AMOUNT, place, k + 1, 0)
                if cents == 0:
                    note(findings, counts, ZERO, place, k + 1, 0)
                if qualifier == words[20]:  # PR
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
                    note(findings, counts, ONCE, place, 0, 0)
                if n_place_pairs < MOST_PAIRS:
                    pairs[2, n_place_pairs] = pair
                    n_place_pairs += 1
                if is_line and n_line_pairs < MOST_PAIRS:
                    pairs[1, n_line_pairs] = pair
                    n_line_pairs += 1
                elif not is_line and n_claim_pairs < MOST_PAIRS:
                    pairs[0, n_claim_pairs] = pair
                    n_claim_pairs += 1
        elif name == words[14]:  # PLB
            for k in range(4, 16, 2):
                if starts[k] == ends[k] and starts[k - 1] == ends[k - 1]:
                    break
                cents, fine = read_cents(buffer, starts[k], ends[k])
                if not fine:
                    note(findings, counts, AMOUNT, place, k, 0)
                if cents == 0:
                    note(findings, counts, ZERO, place, k, 0)
                sums[set_number, ADJUSTED] += cents
        elif name == words[15]:  # AMT
            cents, fine = read_cents(buffer, starts[2], ends[2])
            if not fine:
                note(findings, counts, AMOUNT, place, 2, 0)
    if level != ENVELOPE or rank != 4 or counts[2] == 0:
        note(findings, counts, NO_TRAILER, place, 0, 0)
