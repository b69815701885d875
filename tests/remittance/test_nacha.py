"""CCD+ files: the golden one, what is refused, what the gate finds, and other people's judges."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import achkit
import pytest
from achlens.core.validator import validate
from hypothesis import given
from hypothesis import strategies as st

from edi.nacha import AchBatch, AchEntry, AchFile, NachaError, read_ach, write_ach
from tests.remittance.samples import FIXTURES
from validations.ach_check import ach_facts, check_ach

GOLDEN = (FIXTURES / "ach_ccdplus.txt").read_bytes()
ENTRY = AchEntry(
    transaction_code="22",
    routing_number="071000013",
    account_number="7654321",
    amount_cents=5601,
    individual_id="1999999984",
    individual_name="LAKESIDE CLINIC",
    trace_number="091000010000001",
    payment_information="TRN*1*A0000001234*1411234567~",
)
BATCH = AchBatch(
    service_class_code="220",
    company_name="ACME HEALTH PLAN",
    company_id="1411234567",
    entry_class_code="CCD",
    entry_description="HCCLAIMPMT",
    descriptive_date=date(2026, 3, 16),
    effective_date=date(2026, 3, 18),
    origin_bank="09100001",
    batch_number=1,
    entries=(ENTRY,),
)
FILE = AchFile(
    destination_routing_number="091000019",
    origin_id="1411234567",
    created_at=datetime(2026, 3, 16, 12, 0, tzinfo=UTC),
    file_id_modifier="A",
    destination_name="FED BANK",
    origin_name="TPA CLAIMS",
    batches=(BATCH,),
)


def with_entry(**changes: Any) -> AchFile:
    return replace(FILE, batches=(replace(BATCH, entries=(replace(ENTRY, **changes),)),))


def test_the_golden_file_is_written_and_read_back() -> None:
    assert write_ach(FILE) == GOLDEN
    assert read_ach(GOLDEN) == FILE


def test_the_golden_file_passes_the_gate_and_two_other_judges() -> None:
    assert check_ach(GOLDEN) == []
    assert achkit.validate(GOLDEN.decode()) == {"ok": True, "errors": []}
    assert validate(GOLDEN.decode()).findings == []


def test_the_facts_are_those_of_the_payment() -> None:
    (facts,) = ach_facts(GOLDEN)
    assert (facts.trace_number, facts.payer_identifier) == ("A0000001234", "1411234567")
    assert (facts.amount_cents, facts.effective_date) == (5601, date(2026, 3, 18))


UNFIT: list[tuple[str, AchFile, str]] = [
    ("check digit", with_entry(routing_number="071000014"), "check digit"),
    ("no amount", with_entry(amount_cents=0), "amount"),
    ("a negative amount", with_entry(amount_cents=-5), "amount"),
    ("eleven digits", with_entry(amount_cents=10**10), "amount"),
    ("transaction code", with_entry(transaction_code="99"), "transaction code"),
    ("account", with_entry(account_number="1" * 18), "17 plain"),
    ("name", with_entry(individual_name="N" * 23), "22 plain"),
    ("a letter outside ASCII", with_entry(individual_name="CLINIQUE É"), "22 plain"),
    ("a line feed", with_entry(individual_name="A\nB"), "22 plain"),
    ("addenda", with_entry(payment_information="T" * 81), "80 plain"),
    ("another bank's trace", with_entry(trace_number="071000010000001"), "out of order"),
    ("a short trace", with_entry(trace_number="09100001000000"), "15 digits"),
    ("a trace twice in a batch", replace(FILE, batches=(replace(BATCH, entries=(ENTRY, ENTRY)),)), "out of order"),
    ("a trace twice in the file", replace(FILE, batches=(BATCH, replace(BATCH, batch_number=2))), "repeats in the file"),
    ("the destination's check digit", replace(FILE, destination_routing_number="091000018"), "check digit"),
    ("company name", replace(FILE, batches=(replace(BATCH, company_name="A" * 17),)), "16 plain"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "problem"), [u[1:] for u in UNFIT], ids=[u[0] for u in UNFIT])
def test_what_does_not_fit_is_refused_and_not_shown(changed: AchFile, problem: str) -> None:
    with pytest.raises(NachaError, match=problem) as refused:
        write_ach(changed)
    text = str(refused.value)
    for secret in ("7654321", "LAKESIDE", "CLINIQUE", "NNN"):
        assert secret not in text


def edited(record: int, start: int, text: str) -> Callable[[bytes], bytes]:
    """Overwrite part of a record; the first record is 1, the first character 0."""

    def change(content: bytes) -> bytes:
        at = (record - 1) * 95 + start
        return content[:at] + text.encode() + content[at + len(text) :]

    return change


FAULTS: list[tuple[str, str, Callable[[bytes], bytes]]] = [
    ("a short record", "ACH-LEN-01", lambda c: c[:10] + c[11:]),
    ("no last line feed", "ACH-LEN-01", lambda c: c[:-1]),
    ("no filler", "ACH-LEN-02", lambda c: c[: 6 * 95]),
    ("nothing", "ACH-LEN-02", lambda c: c[:0]),
    ("records out of order", "ACH-SEQ-01", lambda c: c[95:190] + c[:95] + c[190:]),
    ("text in the filler", "ACH-SEQ-02", edited(8, 5, "0")),
    ("record size", "ACH-HDR-01", edited(1, 34, "095")),
    ("creation date", "ACH-HDR-02", edited(1, 23, "260231")),
    ("the destination's check digit", "ACH-RTN-01", edited(1, 12, "8")),
    ("not CCD", "ACH-BAT-01", edited(2, 50, "PPD")),
    ("debits", "ACH-BAT-01", edited(2, 1, "225")),
    ("another description", "ACH-BAT-01", edited(2, 53, "PAYROLL   ")),
    ("no effective date", "ACH-BAT-02", edited(2, 69, "260299")),
    ("batch number", "ACH-BAT-03", edited(2, 87, "0000000")),
    ("a debit", "ACH-ENT-01", edited(3, 1, "27")),
    ("nothing paid", "ACH-ENT-02", edited(3, 29, "0000000000")),
    ("the payee's check digit", "ACH-RTN-01", edited(3, 11, "4")),
    ("addenda not announced", "ACH-ADD-01", edited(3, 78, "0")),
    ("another bank's trace", "ACH-TRC-02", edited(3, 79, "07")),
    ("addenda type", "ACH-ADD-02", edited(4, 1, "02")),
    ("addenda of another entry", "ACH-ADD-02", edited(4, 87, "0000002")),
    ("no TRN in the addenda", "ACH-ADD-03", edited(4, 3, "TRX")),
    ("TRN03 of another payer", "ACH-ADD-04", edited(4, 21, "1411234568")),
    ("the batch hash", "ACH-TOT-01", edited(5, 10, "0007100002")),
    ("the batch total", "ACH-TOT-01", edited(5, 32, "000000005602")),
    ("the batch count", "ACH-TOT-01", edited(5, 4, "000003")),
    ("another company in the control", "ACH-TOT-02", edited(5, 44, "1411234568")),
    ("the file total", "ACH-TOT-03", edited(6, 43, "000000005602")),
    ("the block count", "ACH-TOT-03", edited(6, 7, "000002")),
    ("another amount", "ACH-TOT-01", edited(3, 29, "0000005602")),
]


@pytest.mark.parametrize(("code", "change"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_planted_fault_is_found(code: str, change: Callable[[bytes], bytes]) -> None:
    faulty = change(GOLDEN)
    assert faulty != GOLDEN
    assert code in {finding.partition(" ")[0] for finding in check_ach(faulty)}


@pytest.mark.parametrize(
    "change",
    [edited(5, 10, "0007100002"), edited(6, 7, "000002"), edited(5, 44, "X"), lambda c: c[:285]],
    ids=["hash", "blocks", "company", "cut"],
)
def test_the_reader_refuses_wrong_totals(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(NachaError, match="record"):
        read_ach(change(GOLDEN))


entries = st.lists(
    st.tuples(
        st.sampled_from(["071000013", "091000019", "021000021"]),
        st.integers(1, 99_999_999),
        st.text("ABCDEFGHIJ 0123456789", min_size=1, max_size=22).map(str.strip),
    ),
    min_size=1,
    max_size=25,
)


@given(st.lists(entries, min_size=1, max_size=3))
def test_any_file_reads_back_and_passes_every_judge(
    drawn: list[list[tuple[str, int, str]]],
) -> None:
    batches, trace = [], 0
    for number, of_batch in enumerate(drawn, start=1):
        made = []
        for routing, cents, name in of_batch:
            trace += 1
            made.append(
                replace(
                    ENTRY,
                    routing_number=routing,
                    amount_cents=cents,
                    individual_name=name or "X",
                    trace_number=f"09100001{trace:07d}",
                    payment_information=f"TRN*1*A{trace:010d}*1411234567~",
                )
            )
        batches.append(replace(BATCH, batch_number=number, entries=tuple(made)))
    file = replace(FILE, batches=tuple(batches))
    content = write_ach(file)
    assert read_ach(content) == file
    assert check_ach(content) == []
    assert achkit.validate(content.decode())["ok"]
    errors = [
        finding for finding in validate(content.decode()).findings if finding.severity == "error"
    ]
    assert errors == []
    assert sum(facts.amount_cents for facts in ach_facts(content)) == sum(
        cents for of_batch in drawn for _, cents, _ in of_batch
    )
