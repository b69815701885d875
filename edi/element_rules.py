"""The element rules of a guide as flat tables for both tiers (kernels/quick.py, kernels/rules.py)."""

import re
from typing import Any

import numpy as np

from edi.guides.places import GuideError
from edi.kernels import quick, rules
from edi.kernels.quick import ElementTables

TYPES = {
    "AN": rules.ALPHANUMERIC,
    "ID": rules.IDENTIFIER,
    "R": rules.REAL_NUMBER,
    "DT": rules.DATE_TYPE,
    "D8": rules.DATE_TYPE,
    "D6": rules.DATE_TYPE,
    "TM": rules.TIME_TYPE,
    "B": rules.BINARY,
    "RD8": rules.RANGE_TYPE,
}
CONDITIONS = {
    "P": quick.PAIRED,
    "R": quick.ONE_REQUIRED,
    "E": quick.EXCLUSIVE,
    "C": quick.CONDITIONAL,
    "L": quick.LIST_CONDITIONAL,
}
USES = {"S": rules.SITUATIONAL, "R": rules.REQUIRED, "N": rules.NOT_USED}
ASKING_ELEMENT, OBEYING_ELEMENT = "1250", "1251"  # date/time qualifier, date/time period
DIGIT_RUN = re.compile(r"\[0-9\]\{(\d+)\}$")
WORD = (1 << 64) - 1


def code_hash(code_set: int, code: bytes) -> int:
    """The hash `rules.in_code_set` computes."""
    value = (1469598103934665603 ^ code_set) * 1099511628211 & WORD
    for byte in code:
        value = (value ^ byte) * 1099511628211 & WORD
    value ^= value >> 29
    return value or 1


class RuleRows:
    """Collects one row an element or component, and the code sets they name."""

    def __init__(self, external_codes: Any) -> None:
        self.external_codes = external_codes
        self.exact: list[list[int]] = []
        self.names: list[str] = []
        self.code_sets: dict[tuple[frozenset[str], str | None], int] = {}
        self.codes: list[frozenset[str]] = []

    def code_set(self, element: Any) -> int:
        """Number of the element's code set, -1 for none."""
        own = frozenset(code for code in element.valid_codes if code)
        external = element.external_codes
        if not own and external is None:
            return -1
        key = (own, external)
        if key not in self.code_sets:
            listed = self.external_codes.codes[external]["codes"] if external else frozenset()
            self.code_sets[key] = len(self.codes)
            self.codes.append(own | {code for code in listed if code})
        return self.code_sets[key]

    def add_element(self, element: Any, limits: tuple[int, int]) -> None:
        """Add a simple element or component; `limits` are decimals and whole digits a column can hold."""
        data = element._resolve_data_ele()
        kind = data["data_type"]
        role = 0
        if element.data_ele == ASKING_ELEMENT:
            role |= rules.ASKS_FORMAT
        if element.data_ele == OBEYING_ELEMENT:
            role |= rules.OBEYS_FORMAT
        row = [0] * rules.EXACT_WIDTH
        row[rules.USE] = USES[element.usage]
        row[rules.TYPE] = rules.INTEGER if kind[0] == "N" else TYPES[kind]
        row[rules.MINIMUM] = data["min_len"]
        row[rules.MAXIMUM] = data["max_len"]
        row[rules.CODE_SET] = self.code_set(element)
        row[rules.REPEATS] = 1
        row[rules.FORMAT_ROLE] = role
        row[rules.DECIMALS], row[rules.WHOLE_DIGITS] = limits
        if element.rec is not None:
            match = DIGIT_RUN.match(element.res)
            if match is None:
                raise GuideError(f"{element.refdes}: no rule for the pattern {element.res}")
            row[rules.DIGIT_RUN] = int(match[1])
        self.exact.append(row)
        self.names.append(element.data_ele)

    def add_composite(self, composite: Any) -> None:
        """Add the row of a composite; its components are added later by `fill_composite`."""
        row = [0] * rules.EXACT_WIDTH
        row[rules.USE] = USES[composite.usage]
        row[rules.TYPE] = rules.COMPOSITE_TYPE
        row[rules.CODE_SET] = -1
        row[rules.COMPONENTS] = len(composite.children)
        row[rules.REPEATS] = composite.repeat or 1
        self.exact.append(row)
        self.names.append(composite.data_ele)


def make_element_tables(
    nodes: list[Any],
    external_codes: Any,
    limits: dict[tuple[int, int, int], tuple[int, int]],
) -> tuple[ElementTables, list[str]]:
    """Tables of all segment nodes, and the data element number of every row.

    Args:
        nodes: Nodes of the map in pre-order.
        external_codes: pyx12's external code lists.
        limits: Decimals and whole digits of (node, element, component) that a column can hold.
    """
    collected = RuleRows(external_codes)
    first = np.zeros(len(nodes) + 1, np.int32)
    condition_start = np.zeros(len(nodes) + 1, np.int32)
    conditions: list[tuple[int, int, int]] = []
    composites: list[tuple[int, int, Any]] = []
    unlimited = (rules.UNLIMITED, rules.UNLIMITED)
    for i, node in enumerate(nodes):
        if node.is_segment():
            for position, element in enumerate(node.children, 1):
                if element.seq != position:
                    raise GuideError(f"{node.id}: element {element.seq} stands at {position}")
                if element.is_composite():
                    composites.append((i, len(collected.exact), element))
                    collected.add_composite(element)
                else:
                    collected.add_element(element, limits.get((i, position, 0), unlimited))
            for kind, *elements in node.syntax:
                mask = sum(1 << element for element in elements)
                conditions.append((CONDITIONS[kind], elements[0], mask))
        first[i + 1] = len(collected.exact)
        condition_start[i + 1] = len(conditions)
    for node_index, row, composite in composites:
        collected.exact[row][rules.FIRST_COMPONENT] = len(collected.exact)
        for position, component in enumerate(composite.children, 1):
            key = (node_index, composite.seq, position)
            collected.add_element(component, limits.get(key, unlimited))
    exact = np.array(collected.exact, np.int32)
    quick_codes, shift = quick_code_table(collected.codes)
    required = exact[:, rules.USE] == rules.REQUIRED
    forbidden = exact[:, rules.USE] == rules.NOT_USED
    packed, composite_rows = packed_rules(exact)
    last_required = np.zeros(len(nodes), np.int32)
    for i in range(len(nodes)):
        where = np.flatnonzero(required[first[i] : first[i + 1]])
        last_required[i] = where[-1] + 1 if len(where) else 0
    tables = ElementTables(
        first=first,
        needed=masks(required, first),
        forbidden=masks(forbidden, first),
        packed=packed,
        composite=composite_rows,
        condition_start=condition_start,
        conditions=np.array(conditions, np.int64).reshape(-1, 3),
        quick_codes=quick_codes,
        quick_shift=np.uint64(shift),
        exact=exact,
        last_required=last_required,
        codes=code_table(collected.codes),
    )
    return tables, collected.names


def masks(chosen: Any, first: Any) -> Any:
    """For every node, bit j set when its element j is chosen."""
    out = np.zeros(len(first) - 1, np.int64)
    for i in range(len(out)):
        for j in np.flatnonzero(chosen[first[i] : first[i + 1]]):
            out[i] |= 1 << (int(j) + 1)
    return out


def packed_rules(exact: Any) -> tuple[Any, Any]:
    """The first tier's word and composite row of every exact rule."""
    packed = np.zeros(len(exact), np.int64)
    composite = np.zeros((len(exact), 4), np.int64)
    for i, row in enumerate(exact.tolist()):
        kind = quick_kind(row)
        if kind == quick.COMPOSITE:
            start, count = row[rules.FIRST_COMPONENT], row[rules.COMPONENTS]
            uses = exact[start : start + count, rules.USE].tolist()
            # The first component of a situational composite may be empty although required.
            needed = [use == rules.REQUIRED for use in uses]
            if row[rules.USE] != rules.REQUIRED and count:
                needed[0] = False
            composite[i] = (
                start,
                count,
                sum(1 << k for k, yes in enumerate(needed) if yes),
                sum(1 << k for k, use in enumerate(uses) if use == rules.NOT_USED),
            )
        minimum = min(row[rules.MINIMUM], 4095)
        span = min(max(row[rules.MAXIMUM] - row[rules.MINIMUM], 0), 65535)
        packed[i] = kind | minimum << 4 | span << 16 | max(row[rules.CODE_SET], 0) << 32
    return packed, composite


def quick_kind(row: list[int]) -> int:
    """Kind of the first tier; OTHER sends every value to the second."""
    kind, coded = row[rules.TYPE], row[rules.CODE_SET] >= 0
    text = kind in {rules.ALPHANUMERIC, rules.IDENTIFIER}
    if kind == rules.COMPOSITE_TYPE:
        return quick.COMPOSITE
    if row[rules.DIGIT_RUN]:
        return quick.OTHER
    if row[rules.FORMAT_ROLE] & rules.OBEYS_FORMAT:
        return quick.FORMATTED if text and not coded else quick.OTHER
    if row[rules.FORMAT_ROLE] & rules.ASKS_FORMAT:
        return quick.QUALIFIER if text and coded else quick.OTHER
    if text:
        return quick.CODED if coded else quick.TEXT
    if kind == rules.INTEGER:
        return quick.CODED_WHOLE if coded else quick.WHOLE
    if coded:
        return quick.OTHER
    return {rules.REAL_NUMBER: quick.REAL, rules.DATE_TYPE: quick.DATE}.get(kind, quick.OTHER)


def quick_code_table(code_sets: list[frozenset[str]]) -> tuple[Any, int]:
    """Open addressing table of (code up to 8 bytes little-endian, code set), and the hash's shift."""
    rows = sorted(
        (int.from_bytes(code.encode(), "little"), number)
        for number, codes in enumerate(code_sets)
        for code in codes
        if len(code.encode()) <= 8
    )
    bits = max(4, (4 * len(rows)).bit_length())
    table = np.zeros((1 << bits, 2), np.uint64)
    for value, number in rows:
        spread = number * 0x9E3779B97F4A7C15 & WORD
        slot = ((value ^ spread) * 0xD6E8FEB86659FD93 & WORD) >> (64 - bits)
        while table[slot, 0]:
            slot = (slot + 1) & ((1 << bits) - 1)
        table[slot] = value, number
    return table, 64 - bits


def code_table(code_sets: list[frozenset[str]]) -> Any:
    """Open addressing table of the hashes of all codes; raises GuideError on a collision."""
    seen: dict[int, tuple[int, str]] = {}
    for number, codes in enumerate(code_sets):
        for code in sorted(codes):
            value = code_hash(number, code.encode())
            if value in seen:
                raise GuideError(f"codes {seen[value]} and {(number, code)} share a hash")
            seen[value] = (number, code)
    bits = max(4, (4 * len(seen)).bit_length())
    table = np.zeros(1 << bits, np.uint64)
    for value in seen:
        slot = value & ((1 << bits) - 1)
        while table[slot]:
            slot = (slot + 1) & ((1 << bits) - 1)
        table[slot] = value
    return table
