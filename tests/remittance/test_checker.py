"""The gate reads bytes: a clean 835 passes, every planted fault is named with its place."""

import ast
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from edi.remittance import write_remittances
from edi.writing import ALTERNATIVE_DELIMITERS
from tests.remittance.samples import AT, FIXTURES, golden_rows, tables
from validations import ach_check, remittance_check, remittance_kernel
from validations.remittance_check import (
    RemittanceFacts,
    check_remittance,
    judge_remittance,
    remittance_facts,
)

GOLDEN = (FIXTURES / "835_reversal_correction.edi").read_bytes()


def replaced(old: str, new: str) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        assert content.count(old.encode()) == 1, old
        return content.replace(old.encode(), new.encode())

    return change


def moved(segment: str, before: str) -> Callable[[bytes], bytes]:
    """Take one segment out and put it before another."""
    return lambda content: content.replace(f"{segment}~\n".encode(), b"").replace(
        before.encode(), f"{segment}~\n{before}".encode()
    )


W4_CLAIM = "CLP*PCN-W4*1*240*82.48*44.49*12*TPA260000000180*11*1~\n"
CORRECTION = "CLP*PCN-W1*1*1000*"

FAULTS: list[tuple[str, str, Callable[[bytes], bytes]]] = [
    ("rule 1", "835-BAL-01", replaced("SVC*HC:99213*165*82.48", "SVC*HC:99213*165*82.49")),
    ("rule 1, an adjustment", "835-BAL-01", replaced("CAS*CO*45*71.89", "CAS*CO*45*71.88")),
    ("rule 2", "835-BAL-02", replaced("*240*82.48*44.49", "*240*82.47*44.49")),
    ("rule 2, charges", "835-BAL-02", replaced("*725*88.11*540", "*726*88.11*540")),
    ("rule 3", "835-BAL-03", replaced("*725*88.11*540", "*725*88.11*539.99")),
    ("rule 3 on a reversal", "835-BAL-03", replaced("*-450.6**12*", "*-450.6*-424.8*12*")),
    ("rule 4", "835-BAL-04", replaced("BPR*I*56.01", "BPR*I*56.02")),
    ("rule 4, PLB", "835-BAL-04", replaced("TPA260000000042*-1.74", "TPA260000000042*-1.73")),
    ("rule 5 at one line", "835-BAL-05", replaced("CAS*PR*3*60", "CAS*PR*3*30**3*30")),
    (
        "rule 5 at claim and line",
        "835-BAL-05",
        replaced(W4_CLAIM, W4_CLAIM + "CAS*CO*45*52.52~\n"),
    ),
    ("rule 6", "835-BAL-06", replaced("BPR*I*56.01", "BPR*I*-56.01")),
    ("an unknown segment", "835-SEQ-01", replaced("REF*6R*3", "XYZ*6R*3")),
    ("a qualifier of another loop", "835-SEQ-01", replaced("REF*6R*3", "REF*2U*3")),
    ("a date after an amount", "835-SEQ-02", moved("AMT*I*1.74", "DTM*232*20260105")),
    ("a payee before the payer", "835-SEQ-02", moved("REF*2U*TPA01", "N3*100 MAIN ST")),
    ("a service before its claim", "835-SEQ-02", moved("LX*1", "CLP*PCN-W4")),
    ("two patients", "835-SEQ-02", replaced("NM1*82*1*SMITH*ANN****XX*1000000012~\nREF*F8", "NM1*QC*1*X~\nREF*F8")),
    ("no patient", "835-SEQ-03", replaced("NM1*QC*1*ROE*JOHN****MI*E100002~\n", "")),
    ("no trace", "835-SEQ-03", replaced("TRN*1*A0000001234*1411234567~\n", "")),
    ("no technical contact", "835-SEQ-03", replaced("PER*BL*EDI SUPPORT*TE*8005550100*EM*EDI@TPA.EXAMPLE~\n", "")),
    ("a plus sign", "835-AMT-01", replaced("AMT*B6*730", "AMT*B6*+730")),
    ("a zero too many", "835-AMT-01", replaced("*-1200*-450.6**12", "*-1200*-450.60**12")),
    ("a leading zero", "835-AMT-01", replaced("SVC*HC:80053*75*", "SVC*HC:80053*075*")),
    ("three decimals", "835-AMT-01", replaced("AMT*B6*730", "AMT*B6*730.001")),
    ("minus nothing", "835-AMT-01", replaced("SVC*HC:80053*75*0", "SVC*HC:80053*75*-0")),
    ("an amount that is a word", "835-AMT-01", replaced("AMT*B6*730", "AMT*B6*A")),
    ("an adjustment of nothing", "835-AMT-02", replaced("CAS*PR*3*60", "CAS*PR*3*60**2*0")),
    ("a group code of the 837", "835-CAS-01", replaced("CAS*CO*97*25", "CAS*CR*97*25")),
    ("SE01", "835-CNT-01", replaced("SE*81*", "SE*80*")),
    ("GE01", "835-CNT-01", replaced("GE*1*", "GE*2*")),
    ("IEA01", "835-CNT-01", replaced("IEA*1*", "IEA*2*")),
    ("SE02", "835-CNT-02", replaced("SE*81*0001", "SE*81*0002")),
    ("GE02", "835-CNT-02", replaced("GE*1*1234", "GE*1*1235")),
    ("IEA02", "835-CNT-02", replaced("IEA*1*000001234", "IEA*1*000001235")),
    ("BPR10 is not TRN03", "835-TRN-02", replaced("TRN*1*A0000001234*1411234567", "TRN*1*A0000001234*1411234568")),
    ("money under NON", "835-PAY-01", replaced("*C*ACH*", "*C*NON*")),
    ("no effective date", "835-PAY-02", replaced("*7654321*20260318", "*7654321*20260231")),
    ("cut in the middle", "835-END-02", lambda content: content[:1500]),
    ("no IEA", "835-END-02", replaced("IEA*1*000001234~\n", "")),
    ("no last terminator", "835-END-01", lambda content: content[:-2]),
    ("not an interchange", "835-END-02", lambda content: content[3:]),
    ("nothing", "835-END-02", lambda content: content[:0]),
    (
        "a correction away from its reversal",
        "835-SEQ-04",
        lambda content: content.replace(b"REF*F8*TPA260000000101~\n", b"").replace(
            b"DTM*232*20260105~\n", b"REF*F8*TPA260000000101~\nDTM*232*20260105~\n"
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "change"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_planted_fault_is_found(code: str, change: Callable[[bytes], bytes]) -> None:
    faulty = change(GOLDEN)
    assert faulty != GOLDEN
    assert code in {finding.partition(" ")[0] for finding in check_remittance(faulty)}


@pytest.mark.parametrize("change", [f[2] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_no_finding_names_a_person(change: Callable[[bytes], bytes]) -> None:
    findings = " ".join(check_remittance(change(GOLDEN)))
    for secret in ("DOE", "JANE", "ROE", "POE", "E10000", "PCN-", "7654321"):
        assert secret not in findings


def test_the_golden_sample_is_clean_with_and_without_newlines() -> None:
    assert check_remittance(GOLDEN) == []
    assert check_remittance(GOLDEN.replace(b"\n", b"")) == []


def test_a_finding_tells_both_numbers_and_the_place() -> None:
    faulty = GOLDEN.replace(b"SVC*HC:99213*165*82.48", b"SVC*HC:99213*165*82.49")
    assert check_remittance(faulty)[0] == (
        "835-BAL-01 SVC02 less line adjustments is not SVC03: 82.48 expected, 82.49 found"
        " (claim 3, line 1, segment 51, byte 1426)"
    )


@pytest.mark.parametrize("marks", ALTERNATIVE_DELIMITERS, ids=["standard", "bars", "separators"])
def test_delimiters_come_from_the_isa(marks: object) -> None:
    (written,) = write_remittances(tables(golden_rows()), at=AT, delimiters=[marks])  # type: ignore[list-item]
    assert check_remittance(written.content) == []
    assert remittance_facts(written.content) == remittance_facts(GOLDEN)


def test_the_facts_are_those_of_the_payment() -> None:
    assert remittance_facts(GOLDEN) == RemittanceFacts(
        trace_number="A0000001234",
        payment_cents=5601,
        payment_method_code="ACH",
        handling_code="I",
        payer_identifier="1411234567",
        payee_id_qualifier="XX",
        payee_id="1999999984",
        payee_tax_id="411111111",
        effective_date=date(2026, 3, 18),
        production_date=date(2026, 3, 13),
        interchange_control_number="000001234",
        claim_count=4,
        claims_cents=5427,
        provider_adjustment_cents=-174,
    )


def test_facts_of_several_sets_are_kept_apart() -> None:
    body = GOLDEN[GOLDEN.index(b"ST*835") : GOLDEN.index(b"GE*")]
    second = body.replace(b"*0001~", b"*0002~").replace(b"A0000001234", b"A0000001235")
    twice = GOLDEN.replace(body, body + second).replace(b"GE*1*", b"GE*2*")
    judgement = judge_remittance(twice)
    assert judgement.findings == ()
    assert [facts.trace_number for facts in judgement.facts] == ["A0000001234", "A0000001235"]
    assert {facts.claim_count for facts in judgement.facts} == {4}
    with pytest.raises(ValueError, match="2 found"):
        remittance_facts(twice)


def test_any_cut_and_any_byte_is_judged_without_an_exception() -> None:
    for end in range(len(GOLDEN) - 1):
        assert check_remittance(GOLDEN[:end]) != [], end
    for position in range(106, len(GOLDEN), 7):
        damaged = bytearray(GOLDEN)
        damaged[position] = 0xFF
        judge_remittance(bytes(damaged))


def test_more_findings_than_are_kept_are_counted() -> None:
    faulty = GOLDEN.replace(b"CLP*PCN-W4*", b"XXX~" * 300 + b"CLP*PCN-W4*")
    findings = check_remittance(faulty)
    assert any(finding.startswith("and ") and "findings more" in finding for finding in findings)


@pytest.mark.parametrize(
    "module", [remittance_check, remittance_kernel, ach_check], ids=lambda m: m.__name__
)
def test_the_gate_shares_no_code_with_the_writers(module: object) -> None:
    tree = ast.parse(Path(str(module.__file__)).read_text())  # type: ignore[attr-defined]
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not {name for name in imported if name.startswith(("edi", "transforms"))}
