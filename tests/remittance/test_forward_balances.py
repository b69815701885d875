"""Balances carried between payments, and payments of nothing, as they look in the 835."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from edi.remittance import RemittanceError, write_remittances
from edi.writing import money_text
from tests.remittance.oracles import oxedi_diagnostics, pyx12_complaints
from tests.remittance.samples import (
    AT,
    CONTACT,
    NON_PAYMENT,
    PAYMENT,
    adjustments,
    claim,
    golden_rows,
    line,
    tables,
)
from validations.remittance_check import check_remittance, remittance_facts

DAY = date(2026, 3, 2)
CHILDREN = ("payer_contact", "payee_reference", "claim_group")


def carried(reference: str, amount: str) -> dict[str, Any]:
    return {
        "parent_row": 0,
        "provider_id": "1999999984",
        "fiscal_period_date": date(2026, 12, 31),
        "reason_code": "FB",
        "reference": reference,
        "amount_usd": amount,
    }


def one_claim(paid: str, payment: dict[str, Any], *balances: dict[str, Any]) -> dict[str, Any]:
    """A payment with one claim that is paid in full, and balances."""
    return {
        "payment": [payment],
        "payer_contact": [CONTACT],
        "payee_reference": [{"parent_row": 0, "qualifier": "TJ", "value": "411111111"}],
        "claim_group": [{"parent_row": 0, "group_number": 1}],
        "claim_payment": [claim("PCN", "TPA260000000200", "1", f"{paid} {paid} 0.00")],
        "service_payment": [line(0, "99213", f"{paid} {paid} {paid}", DAY)],
        "provider_adjustment": list(balances),
    }


def correction_alone() -> dict[str, Any]:
    """The golden reversal and correction without the other claims: the payee owes 116.32."""
    rows = golden_rows()
    rows["claim_payment"] = rows["claim_payment"][:2]
    rows["service_payment"] = rows["service_payment"][:2]
    rows["service_adjustment"] = [a for a in rows["service_adjustment"] if a["parent_row"] < 2]
    rows.pop("service_remark")
    rows["payment"] = [dict(NON_PAYMENT)]
    rows["provider_adjustment"] = [carried("NP0000000031", "-116.32")]
    return rows


def written(rows: dict[str, Any], *, plb_segments: int = 1) -> bytes:
    (document,) = write_remittances(tables(rows), at=AT)
    assert check_remittance(document.content) == []
    # pyx12 takes every PLB for a new footer of which there may be one; the guide lets PLB repeat.
    surplus = f"Loop FOOTER exceeded max count.  Found {plb_segments}, should have 1"
    assert pyx12_complaints(document.content) == ([] if plb_segments == 1 else [surplus])
    assert oxedi_diagnostics(document.content) == []
    return document.content


def test_a_negative_payment_is_carried_forward_under_its_own_trace_number() -> None:
    content = written(correction_alone())
    assert b"BPR*H*0*C*NON************20260318~" in content
    assert b"TRN*1*NP0000000031*1411234567~" in content
    assert b"PLB*1999999984*20261231*FB:NP0000000031*-116.32~" in content
    facts = remittance_facts(content)
    assert (facts.claims_cents, facts.provider_adjustment_cents, facts.payment_cents) == (
        *(-11632, -11632, 0),
    )


def test_the_next_cycle_applies_the_balance_under_the_same_name() -> None:
    content = written(
        one_claim("500.00", {**PAYMENT, "payment_usd": "383.68"}, carried("NP0000000031", "116.32"))
    )
    assert b"BPR*I*383.68*C*ACH*" in content
    assert b"PLB*1999999984*20261231*FB:NP0000000031*116.32~" in content


def test_a_cycle_too_small_for_the_balance_carries_the_rest_on() -> None:
    payment = {**NON_PAYMENT, "trace_number": "NP0000000032"}
    balances = carried("NP0000000031", "116.32"), carried("NP0000000032", "-66.32")
    content = written(one_claim("50.00", payment, *balances))
    assert b"BPR*H*0*C*NON*" in content
    expected = b"PLB*1999999984*20261231*FB:NP0000000031*116.32*FB:NP0000000032*-66.32~"
    assert expected in content
    assert remittance_facts(content).payment_cents == 0


def test_a_seventh_balance_starts_a_second_segment() -> None:
    balances = [carried(f"NP{number:010d}", "1.00") for number in range(7)]
    rows = one_claim("500.00", {**PAYMENT, "payment_usd": "493.00"}, *balances)
    content = written(rows, plb_segments=2)
    assert content.count(b"PLB*1999999984*20261231*FB:") == 2
    assert b"PLB*1999999984*20261231*FB:NP0000000006*1~" in content


def test_carrying_a_balance_under_the_number_of_a_claim_is_refused() -> None:
    rows = correction_alone()
    rows["provider_adjustment"] = [carried("TPA260000000177", "-116.32")]
    with pytest.raises(RemittanceError, match="835-PLB-01"):
        list(write_remittances(tables(rows), at=AT))


def test_a_payment_of_nothing_is_a_notice() -> None:
    """All of the charge is deductible: H, NON, 0, and no bank data."""
    rows = one_claim("100.00", dict(NON_PAYMENT))
    rows["claim_payment"] = [claim("PCN", "TPA260000000200", "1", "100.00 0.00 100.00")]
    rows["service_payment"] = [line(0, "99213", "100.00 0.00 100.00", DAY)]
    rows["service_adjustment"] = adjustments("0 PR 1 100.00")
    content = written(rows)
    assert b"BPR*H*0*C*NON************20260318~" in content
    assert b"CLP*PCN*1*100*0*100*12*" in content
    assert remittance_facts(content).payment_method_code == "NON"


def test_amounts_of_the_worked_examples_add_up() -> None:
    total = Decimal("-450.60") + Decimal("334.28")
    assert total == Decimal("-116.32")
    assert money_text(int((Decimal(500) + total) * 100)) == "383.68"
    assert Decimal(50) + total == Decimal("-66.32")
