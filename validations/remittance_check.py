"""Judge an 835 by its bytes: the gate every remittance passes before it leaves.

Independent by construction: nothing here is imported from `edi`, no layout file is shared, and the
rules were written a second time. A finding names rule, claim number in the file, segment and byte.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from validations.remittance_kernel import (
    ADJUSTED,
    CLAIM_LEVEL,
    CLAIMS,
    CLAIMS_PAID,
    COMPANY,
    EFFECTIVE,
    ENVELOPE,
    FACTS,
    FOOTER,
    GROUP_LEVEL,
    HANDLING,
    HEADER,
    LINE_LEVEL,
    METHOD,
    MOST_FINDINGS,
    PAID,
    PAYEE,
    PAYEE_LEVEL,
    PAYEE_QUALIFIER,
    PAYEE_TAX_ID,
    PRODUCED,
    SCRATCH,
    TRACE,
    TRACE_PAYER,
    Integers,
    check_bytes,
)

RULES = (
    ("835-BAL-01", "SVC02 less line adjustments is not SVC03"),
    ("835-BAL-02", "CLP03 less all adjustments is not CLP04"),
    ("835-BAL-02", "the lines' SVC02 do not add up to CLP03"),
    ("835-BAL-02", "the lines' SVC03 less claim adjustments are not CLP04"),
    ("835-BAL-03", "the PR adjustments do not add up to CLP05"),
    ("835-BAL-04", "the sum of CLP04 less the sum of PLB is not BPR02"),
    ("835-BAL-05", "an adjustment is reported twice"),
    ("835-BAL-06", "BPR02 is below 0"),
    ("835-SEQ-01", "the segment has no place here"),
    ("835-SEQ-02", "the segment comes too late or too often"),
    ("835-SEQ-03", "a segment the guide requires is missing"),
    ("835-AMT-01", "an amount is not in its shortest plain form"),
    ("835-CNT-01", "a trailer's count is wrong"),
    ("835-CNT-02", "a trailer's control number is not its header's"),
    ("835-AMT-02", "an amount of 0 is sent"),
    ("835-CAS-01", "the group code is none of CO, OA, PI, PR"),
    ("835-END-01", "the last segment has no terminator"),
    ("835-END-02", "the interchange does not end with IEA"),
)

WORDS = (
    *("ISA", "GS", "ST", "SE", "GE", "IEA", "BPR", "REF", "CLP", "SVC", "CAS", "PLB", "AMT"),
    *("F8", "22", "PR", "CO", "OA", "PI"),
)

FACT_PLACES = (
    *(("TRN", "", TRACE, 2), ("TRN", "", TRACE_PAYER, 3), ("BPR", "", METHOD, 4)),
    *(("BPR", "", HANDLING, 1), ("BPR", "", COMPANY, 10), ("BPR", "", EFFECTIVE, 16)),
    *(("DTM", "405", PRODUCED, 2), ("N1", "PE", PAYEE_QUALIFIER, 3), ("N1", "PE", PAYEE, 4)),
    ("REF", "TJ", PAYEE_TAX_ID, 2),
)
"""Segment, qualifier, fact, element."""

CLAIM_REFERENCES = "1L 1W 28 6P 9A 9C BB CE EA F8 G1 G3 IG SY"
PROVIDER_REFERENCES = "0B 1A 1B 1C 1D 1G 1H 1J D3 G2 LU"
LINE_REFERENCES = "1S APC BB E9 G1 G3 LU RB"
LINE_PROVIDER_REFERENCES = "0B 1A 1B 1C 1D 1G 1H 1J D3 G2 HPI SY TJ"
CLAIM_AMOUNTS = "AU D8 DY F5 I NL T T2 ZK ZL ZM ZN ZO"

ORDER: dict[int, Sequence[str]] = {
    ENVELOPE: ("ISA", "GS", "ST+", "GE", "IEA"),
    HEADER: (
        *("", "BPR!", "TRN!", "CUR", "REF EV", "REF F2", "DTM 405", "N1 PR!", "N3!", "N4!"),
        *("REF+ 2U EO HI NF", "PER CX", "PER+ BL!", "PER IC"),
    ),
    PAYEE_LEVEL: ("N1 PE", "N3", "N4", "REF+ 0B D3 PQ TJ", "RDM"),
    GROUP_LEVEL: ("LX", "TS3", "TS2"),
    CLAIM_LEVEL: (
        *("CLP", "CAS+", "NM1 QC!", "NM1 IL", "NM1 74", "NM1 82", "NM1 TT", "NM1 PR", "NM1 GB"),
        *("MIA", "MOA", f"REF+ {CLAIM_REFERENCES}", f"REF+ {PROVIDER_REFERENCES}", "DTM+ 232 233"),
        *("DTM 036", "DTM 050", "PER+ CX", f"AMT+ {CLAIM_AMOUNTS}", "QTY+"),
    ),
    LINE_LEVEL: (
        *("SVC", "DTM+ 472 150 151", "CAS+", f"REF+ {LINE_REFERENCES}", "REF 6R"),
        *(f"REF+ {LINE_PROVIDER_REFERENCES}", "REF+ 0K", "AMT+", "QTY+", "LQ+"),
    ),
    FOOTER: ("PLB+", "SE"),
}
"""Segments of each level in order: `+` may repeat, `!` must be there, then the legal qualifiers."""

OPENERS = {
    "N1 PE": PAYEE_LEVEL,
    "LX": GROUP_LEVEL,
    "CLP": CLAIM_LEVEL,
    "SVC": LINE_LEVEL,
    "PLB": FOOTER,
    "SE": FOOTER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceFacts:
    """What one transaction set says about its payment, to hold against the ledger and the ACH file.

    Attributes:
        trace_number: TRN02.
        payment_cents: BPR02.
        payment_method_code: BPR04.
        handling_code: BPR01.
        payer_identifier: TRN03.
        payee_id_qualifier: N103 of the payee; `XX` when `payee_id` is an NPI.
        payee_id: N104.
        payee_tax_id: REF*TJ, or empty.
        effective_date: BPR16.
        production_date: DTM*405, or None.
        interchange_control_number: ISA13.
        claim_count: Number of CLP.
        claims_cents: Sum of CLP04.
        provider_adjustment_cents: Sum of PLB amounts; positive reduces the payment.
    """

    trace_number: str
    payment_cents: int
    payment_method_code: str
    handling_code: str
    payer_identifier: str
    payee_id_qualifier: str
    payee_id: str
    payee_tax_id: str
    effective_date: date | None
    production_date: date | None
    interchange_control_number: str
    claim_count: int
    claims_cents: int
    provider_adjustment_cents: int


@dataclass(frozen=True, slots=True)
class RemittanceJudgement:
    """Findings of a file, none when it may leave, and the facts of its transaction sets."""

    findings: tuple[str, ...]
    facts: tuple[RemittanceFacts, ...]


def check_remittance(content: bytes) -> list[str]:
    """Findings of an 835 interchange; empty when it may leave."""
    return list(judge_remittance(content).findings)


def remittance_facts(content: bytes) -> RemittanceFacts:
    """Facts of an interchange that holds exactly one transaction set.

    Raises:
        ValueError: It holds none or several.
    """
    facts = judge_remittance(content).facts
    if len(facts) != 1:
        raise ValueError(f"one transaction set expected, {len(facts)} found")
    return facts[0]


def judge_remittance(content: bytes) -> RemittanceJudgement:
    """Check one 835 interchange and read its facts; about 5 s a million claims."""
    marks = _marks(content)
    if marks is None:
        return RemittanceJudgement(("835-END-02 the file does not begin with a whole ISA",), ())
    element, segment = bytes(marks[:1]), bytes(marks[2:])
    sets = content.count(segment + b"ST" + element) + content.count(b"\nST" + element)
    claims = content.count(b"CLP" + element) + 1
    findings = np.zeros((MOST_FINDINGS, 7), np.int64)
    counts = np.zeros(6, np.int64)
    spans = np.zeros((sets + 1, FACTS, 2), np.int64)
    sums = np.zeros((sets + 1, 4), np.int64)
    reversals = np.zeros((claims, 4), np.int64)
    originals = np.zeros((content.count(b"F8" + element) + 1, 4), np.int64)
    check_bytes(
        np.frombuffer(content, np.uint8),
        np.frombuffer(marks, np.uint8),
        *_GUIDE,
        findings,
        counts,
        spans,
        sums,
        reversals,
        originals,
        *(np.zeros(shape, np.int64) for shape in SCRATCH),
    )
    found_sets = int(counts[1])
    texts = [_texts(content, spans[k]) for k in range(found_sets)]
    messages = [_message(row) for row in findings[: counts[0]].tolist()]
    if counts[0] > MOST_FINDINGS:
        messages.append(f"and {counts[0] - MOST_FINDINGS} findings more")
    messages += _order_findings(content, reversals[: counts[3]], originals[: counts[4]])
    for text, row in zip(texts, sums.tolist(), strict=False):
        messages += _payment_findings(text, row)
    number = content[90:99].decode("latin-1")
    facts = [_facts(number, text, row) for text, row in zip(texts, sums.tolist(), strict=False)]
    return RemittanceJudgement(tuple(messages), tuple(facts))


def _marks(content: bytes) -> bytes | None:
    """Element, component and segment delimiter as ISA states them; None when there is no ISA."""
    if len(content) < 106 or content[:3] != b"ISA":
        return None
    marks = bytes((content[3], content[104], content[105]))
    return marks if content[:106].count(marks[:1]) == 16 and len(set(marks)) == 3 else None


def _word(text: str) -> int:
    return int.from_bytes(text.encode("ascii"), "big")


def _guide() -> tuple[Integers, Integers, Integers, Integers, Integers]:
    rows = {}
    needed = np.zeros(len(ORDER), np.int64)
    for level, entries in ORDER.items():
        for rank, entry in enumerate(entries):
            plain = entry.replace("!", "").replace("+", "")
            name, _, qualifiers = plain.partition(" ")
            for qualifier in qualifiers.split() or [""]:
                key = (level << 48) + (_word(name) << 24) + _word(qualifier)
                rows[key] = (rank, int("+" in entry), OPENERS.get(plain, -1), rank)
            if "!" in entry:
                needed[level] |= 1 << rank
    keys = np.array(sorted(rows), np.int64)
    ranks = np.array([rows[key] for key in keys.tolist()], np.int64)
    words = np.array([_word(word) for word in WORDS], np.int64)
    facts = [(_word(a), _word(b), fact, element) for a, b, fact, element in FACT_PLACES]
    return keys, ranks, needed, words, np.array(facts, np.int64)


_GUIDE = _guide()


def _texts(content: bytes, spans: Integers) -> list[str]:
    return [content[start:end].decode("latin-1") for start, end in spans.tolist()]


def _message(row: list[int]) -> str:
    what, segment, byte, claim, line, expected, found = row
    code, words = RULES[what]
    place = f"claim {claim}, " * bool(claim) + f"line {line}, " * bool(line)
    numbers = ""
    if code.startswith(("835-BAL", "835-CNT-01")) and expected != found:
        is_count = code.startswith("835-CNT")
        numbers = f": {expected if is_count else _usd(expected)} expected"
        numbers += f", {found if is_count else _usd(found)} found"
    return f"{code} {words}{numbers} ({place}segment {segment}, byte {byte})"


def _usd(cents: int) -> str:
    return f"{'-' * (cents < 0)}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _order_findings(content: bytes, reversals: Integers, originals: Integers) -> Iterator[str]:
    """A claim that names one reversed in the same set stands right behind it."""
    reversed_at = {
        (of_set, content[start:end]): claim for of_set, claim, start, end in reversals.tolist()
    }
    for of_set, claim, start, end in originals.tolist():
        at = reversed_at.get((of_set, content[start:end]))
        if at is not None and at not in {claim, claim - 1}:
            yield f"835-SEQ-04 claim {claim} corrects claim {at} but does not follow it"


def _payment_findings(texts: list[str], sums: list[int]) -> Iterator[str]:
    """BPR and TRN agree with each other and with the amount."""
    method, is_notice, cents = texts[METHOD], texts[HANDLING] == "H", sums[PAID]
    if not texts[TRACE]:
        yield "835-TRN-01 the trace number is missing"
    if texts[COMPANY] and texts[COMPANY] != texts[TRACE_PAYER]:
        yield "835-TRN-02 BPR10 is not TRN03"
    if method == "ACH" and not texts[COMPANY]:
        yield "835-TRN-02 BPR10 is missing on an ACH payment"
    if (method == "NON") != (cents == 0) or is_notice != (method == "NON"):
        yield f"835-PAY-01 handling {texts[HANDLING]} and method {method} do not go with the amount"
    if _date(texts[EFFECTIVE]) is None:
        yield "835-PAY-02 BPR16 is no date"


def _date(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007  # a day, not a moment
    except ValueError:
        return None


def _facts(interchange_number: str, texts: list[str], sums: list[int]) -> RemittanceFacts:
    return RemittanceFacts(
        trace_number=texts[TRACE],
        payment_cents=sums[PAID],
        payment_method_code=texts[METHOD],
        handling_code=texts[HANDLING],
        payer_identifier=texts[TRACE_PAYER],
        payee_id_qualifier=texts[PAYEE_QUALIFIER],
        payee_id=texts[PAYEE],
        payee_tax_id=texts[PAYEE_TAX_ID],
        effective_date=_date(texts[EFFECTIVE]),
        production_date=_date(texts[PRODUCED]),
        interchange_control_number=interchange_number,
        claim_count=sums[CLAIMS],
        claims_cents=sums[CLAIMS_PAID],
        provider_adjustment_cents=sums[ADJUSTED],
    )
