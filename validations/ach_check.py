"""Judge a CCD+ file by its records: the gate every ACH file passes before it leaves.

Independent of the writer: positions, totals and check digits are read here a second time. A finding
names the record by its number and the rule; account numbers and names stay out.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from stdnum.us import rtn

CREDITS = {"22", "32"}
TRACE_TEXT = re.compile(r"TRN\*1\*([^*~]{1,50})\*([^*~]{10})(?:\*[^*~]*)?[~\\]")
"""Payment information of a health care CCD+ entry: the TRN segment of the 835 it pays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AchFacts:
    """What one entry says about its payment, to hold against the 835.

    Attributes:
        trace_number: TRN02 out of the addenda.
        payer_identifier: TRN03 out of the addenda.
        amount_cents: Field 6 of the entry.
        effective_date: Field 9 of its batch header.
        entry_trace_number: The bank's trace number.
    """

    trace_number: str
    payer_identifier: str
    amount_cents: int
    effective_date: date | None
    entry_trace_number: str


@dataclass
class _Totals:
    batches: int = 0
    count: int = 0
    banks: int = 0
    cents: int = 0


@dataclass
class _State:
    findings: list[str] = field(default_factory=list)
    facts: list[AchFacts] = field(default_factory=list)
    traces: set[str] = field(default_factory=set)
    file: _Totals = field(default_factory=_Totals)
    batch: _Totals = field(default_factory=_Totals)
    header: str = ""
    entry: str = ""
    last_trace: str = ""
    last_batch: int = 0


def check_ach(content: bytes) -> list[str]:
    """Findings of a CCD+ credit file; empty when it may leave."""
    return judge_ach(content)[0]


def ach_facts(content: bytes) -> list[AchFacts]:
    """Facts of every entry of a file."""
    return judge_ach(content)[1]


def judge_ach(content: bytes) -> tuple[list[str], list[AchFacts]]:
    """Findings and facts of a file in one pass over its records."""
    lines = content.decode("latin-1").split("\n")
    state = _State()
    if lines.pop() != "":
        state.findings.append("ACH-LEN-01 the last record has no line feed")
    wrong = [n for n, line in enumerate(lines, start=1) if len(line) != 94 or not line.isascii()]
    state.findings += [f"ACH-LEN-01 record {n} is not 94 plain characters" for n in wrong]
    if wrong or not lines:
        return state.findings or ["ACH-LEN-02 the file is empty"], []
    if len(lines) % 10:
        state.findings.append(f"ACH-LEN-02 {len(lines)} records do not fill blocks of ten")
    order = re.fullmatch("1(5(6(7)?)+8)+9(9{0,9})", "".join(line[0] for line in lines))
    if order is None:
        state.findings.append("ACH-SEQ-01 records are not in the order 1 (5 (6 7)* 8)* 9, filler")
        return state.findings, []
    for number, line in enumerate(lines[: order.start(4)], start=1):
        state.findings += [f"{text} (record {number})" for text in _CHECKS[line[0]](line, state)]
    state.findings += _check_end(lines, order.start(4) - 1, state)
    return state.findings, state.facts


def _check_header(line: str, _state: _State) -> Iterator[str]:
    if line[1:3] != "01" or line[34:40] != "094101":
        yield "ACH-HDR-01 priority, record size, blocking or format code is wrong"
    if not rtn.is_valid(line[4:13]):
        yield "ACH-RTN-01 the destination's routing number fails its check digit"
    if _day(line[23:29]) is None:
        yield "ACH-HDR-02 the creation date is none"


def _check_batch_header(line: str, state: _State) -> Iterator[str]:
    state.header, state.batch, state.last_trace = line, _Totals(), ""
    state.file.batches += 1
    if line[1:4] != "220" or line[50:53] != "CCD" or line[53:63] != "HCCLAIMPMT":
        yield "ACH-BAT-01 not a CCD batch of credits for health care claims"
    if _day(line[69:75]) is None:
        yield "ACH-BAT-02 the effective entry date is none"
    number = int(line[87:]) if line[87:].isdecimal() else 0
    if number <= state.last_batch:
        yield "ACH-BAT-03 batch numbers do not ascend"
    state.last_batch = number


def _check_entry(line: str, state: _State) -> Iterator[str]:
    state.entry = line
    if line[1:3] not in CREDITS:
        yield "ACH-ENT-01 the transaction code is no credit"
    if not rtn.is_valid(line[3:12]):
        yield "ACH-RTN-01 the routing number fails its check digit"
    cents = int(line[29:39]) if line[29:39].isdecimal() else 0
    if not cents:
        yield "ACH-ENT-02 the amount is not a positive number of cents"
    if line[78] != "1":
        yield "ACH-ADD-01 a health care payment needs its addenda"
    trace = line[79:]
    if trace in state.traces:
        yield "ACH-TRC-01 the trace number repeats in the file"
    if trace[:8] != state.header[79:87] or trace <= state.last_trace:
        yield "ACH-TRC-02 the trace number is not the bank's, or does not ascend"
    state.traces.add(trace)
    state.last_trace = trace
    state.batch.count += 1
    state.batch.cents += cents
    state.batch.banks += int(line[3:11]) if line[3:11].isdecimal() else 0


def _check_addenda(line: str, state: _State) -> Iterator[str]:
    state.batch.count += 1
    if line[1:3] != "05" or line[83:87] != "0001" or line[87:] != state.entry[87:]:
        yield "ACH-ADD-02 type, sequence or entry number of the addenda is wrong"
    match = TRACE_TEXT.fullmatch(line[3:83].rstrip())
    if match is None:
        yield "ACH-ADD-03 the addenda holds no TRN segment"
        return
    if match[2] != state.header[40:50]:
        yield "ACH-ADD-04 TRN03 is not the batch's company id"
    amount = state.entry[29:39]
    state.facts.append(
        AchFacts(
            trace_number=match[1],
            payer_identifier=match[2],
            amount_cents=int(amount) if amount.isdecimal() else 0,
            effective_date=_day(state.header[69:75]),
            entry_trace_number=state.entry[79:],
        )
    )


def _check_batch_control(line: str, state: _State) -> Iterator[str]:
    batch, whole = state.batch, state.file
    expected = f"{batch.count:06d}{batch.banks % 10**10:010d}{0:012d}{batch.cents:012d}"
    if line[4:44] != expected:
        yield "ACH-TOT-01 count, hash, debit or credit of the batch control is wrong"
    if (line[1:4], line[44:54], line[79:]) != tuple(
        state.header[a:b] for a, b in ((1, 4), (40, 50), (79, 94))
    ):
        yield "ACH-TOT-02 the batch control does not repeat its header"
    whole.count += batch.count
    whole.cents += batch.cents
    whole.banks += batch.banks


def _check_file_control(_line: str, _state: _State) -> Iterator[str]:
    """Judged at the end by `_check_end`, when the totals of all batches are known."""
    yield from ()


_CHECKS: dict[str, Callable[[str, _State], Iterator[str]]] = {
    "1": _check_header,
    "5": _check_batch_header,
    "6": _check_entry,
    "7": _check_addenda,
    "8": _check_batch_control,
    "9": _check_file_control,
}


def _check_end(lines: list[str], control: int, state: _State) -> Iterator[str]:
    whole = state.file
    expected = f"{whole.batches:06d}{len(lines) // 10:06d}{whole.count:08d}"
    expected += f"{whole.banks % 10**10:010d}{0:012d}{whole.cents:012d}"
    if lines[control][1:55] != expected:
        yield f"ACH-TOT-03 a total of the file control is wrong (record {control + 1})"
    if any(set(line) != {"9"} for line in lines[control + 1 :]):
        yield "ACH-SEQ-02 something else than filler follows the file control"


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%y%m%d").date()  # noqa: DTZ007  # a day, not a moment
    except ValueError:
        return None
