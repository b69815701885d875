"""835s from the lake: decisions, claim texts and configuration become the golden sample and its variants."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from edi.remittance import RemittanceError
from tests.remittance.lake import (
    FEBRUARY,
    GOLDEN_INTEREST,
    adjustments,
    decision,
    golden_adjustments,
    golden_decisions,
    golden_lines,
    golden_texts,
    line,
    payment,
    payment_claims,
    provider_adjustments,
    write_lake,
)
from tests.remittance.oracles import claims_of, segments
from tests.remittance.samples import AT, FIXTURES
from transforms.plan.loader import load_configuration
from transforms.plan.models import Configuration
from transforms.remittance import (
    RemittanceDocument,
    RemittanceSourceError,
    build,
    build_remittances,
)
from validations.remittance_check import check_remittance, remittance_facts

GOLDEN = (FIXTURES / "835_reversal_correction.edi").read_text()


@cache
def configuration() -> Configuration:
    return load_configuration(Path(__file__).parents[2])


def built(
    lake: Path,
    payments: list[dict[str, Any]],
    claims: list[dict[str, Any]],
    balances: tuple[dict[str, Any], ...] = (),
    config: Configuration | None = None,
) -> list[RemittanceDocument]:
    return list(
        build_remittances(
            configuration=config or configuration(),
            lake=lake,
            payments=pa.Table.from_pylist(payments),
            provider_adjustments=provider_adjustments(list(balances)),
            payment_claims=pa.Table.from_pylist(claims),
            at=AT,
        )
    )


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    write_lake(tmp_path, golden_decisions(), golden_lines(), golden_adjustments(), golden_texts())
    return tmp_path


def a_claim(lake: Path, *, text: dict[str, Any] | None = None, **more: Any) -> str:
    """One claim of 100.00 paid 60.00, built alone; `more` changes the decision."""
    decisions = [decision("TPA260000000300", "PCN", "100.00 60.00 10.00", 0, **more)]
    lines = [line("TPA260000000300", 1, "99213", "100.00 60.00 70.00", FEBRUARY)]
    rows = adjustments(
        "TPA260000000300 1 1 CO 45 30.00",
        "TPA260000000300 1 2 PR 2 10.00",
    )
    write_lake(lake, decisions, lines, rows, [{**golden_texts()[0], **(text or {})}])
    paid = payment(claim_count=1, amount_usd=Decimal("60.00"))
    (document,) = built(lake, [paid], payment_claims(decisions))
    assert check_remittance(document.content) == []
    return document.content.decode()


def test_the_golden_sample_comes_out_of_the_lake_by_claim_number(lake: Path) -> None:
    """W7 has the lowest claim number, so it comes first; all else is the sample's, byte for byte."""
    (document,) = built(lake, [payment()], payment_claims(golden_decisions()), (GOLDEN_INTEREST,))
    text = GOLDEN.replace("\n", "")
    start, late, end = (text.index(mark) for mark in ("CLP*PCN-W1*22", "CLP*PCN-W7", "PLB*"))
    assert (
        document.content.decode() == text[:start] + text[late:end] + text[start:late] + text[end:]
    )
    assert (document.payment_id, document.partner_id) == ("P1", "lakeside")
    assert document.file_name == "835_A0000001234_000001234.edi"


def test_every_version_follows_the_reversal_of_the_one_before(tmp_path: Path) -> None:
    """A is reversed, B replaces it, is reversed too, C replaces B: A, B, B, C."""
    a, b, c = (f"TPA26000000040{n}" for n in (1, 2, 3))
    decisions = [
        decision(c, "PCN", "100.00 100.00 0.00", 0, chain_icn=a, replaces_icn=a),
        decision(b, "PCN", "100.00 100.00 0.00", 0, chain_icn=a, replaces_icn=a),
        *(
            decision(
                icn,
                "PCN",
                "-100.00 -100.00 0.00",
                0,
                decision_id=f"{icn}R",
                decision_kind="REVERSAL",
                claim_status_code="22",
                chain_icn=a,
            )
            for icn in (b, a)
        ),
        decision("TPA260000000400", "OTHER", "100.00 100.00 0.00", 0),
    ]
    lines = [
        line(
            row["decision_id"],
            1,
            "99213",
            f"{row['charge_usd']} {row['paid_usd']} {row['paid_usd']}",
            FEBRUARY,
        )
        for row in decisions
    ]
    write_lake(tmp_path, decisions, lines, adjustments(f"{a} 9 1 CO 45 1.00"), golden_texts()[:1])
    paid = payment(claim_count=5, amount_usd=Decimal("100.00"))
    (document,) = built(tmp_path, [paid], payment_claims(decisions))
    found = segments(document.content)
    order = [(row[2], row[7][-3:]) for row in found if row[0] == "CLP"]
    assert order == [("1", "400"), ("22", "401"), ("1", "402"), ("22", "402"), ("1", "403")]
    assert [row[2] for row in found if row[:2] == ["REF", "F8"]] == [a, b]
    assert check_remittance(document.content) == []


def test_equal_adjustments_are_added_up_and_groups_kept_together(tmp_path: Path) -> None:
    decisions = [decision("T1", "PCN", "100.00 60.00 15.00", 0)]
    lines = [line("T1", 1, "99213", "100.00 60.00 70.00", FEBRUARY)]
    rows = adjustments(
        "T1 1 1 CO 45 10.00",
        "T1 1 2 PR 2 15.00",
        "T1 1 3 CO 97 8.00 M15",
        "T1 1 4 CO 45 7.00",
        "T1 1 5 CO 59 5.00",
        "T1 1 6 CO 59 -5.00",
        "T1 1 7 PR 3 0.00 M15",
    )
    write_lake(tmp_path, decisions, lines, rows, golden_texts()[:1])
    paid = payment(claim_count=1, amount_usd=Decimal("60.00"))
    (document,) = built(tmp_path, [paid], payment_claims(decisions))
    found = ["*".join(row) for row in segments(document.content)]
    assert [row for row in found if row.startswith(("CAS", "LQ"))] == [
        "CAS*CO*45*17**97*8",
        "CAS*PR*2*15",
        "LQ*HE*M15",
    ]


def test_a_patient_who_is_not_the_subscriber_is_named_beside_the_subscriber(tmp_path: Path) -> None:
    text = a_claim(tmp_path, text={"patient_last_name": "DOE", "patient_first_name": "KIM"})
    assert "NM1*QC*1*DOE*KIM****MI*E100001~NM1*IL*1*DOE*JANE****MI*E100001~" in text


def test_a_provider_without_an_npi_of_its_own_is_not_named(tmp_path: Path) -> None:
    assert "NM1*82" not in a_claim(tmp_path, text={"rendering_provider_npi": None})


def test_an_organisation_that_renders_is_an_organisation(tmp_path: Path) -> None:
    text = a_claim(
        tmp_path,
        text={"rendering_provider_first_name": None, "rendering_provider_last_name": "IMAGING"},
    )
    assert "NM1*82*2*IMAGING*****XX*1000000012~" in text


def test_a_stay_of_several_days_gives_both_dates(tmp_path: Path) -> None:
    decisions = [decision("T1", "PCN", "100.00 100.00 0.00", 0)]
    stay = line("T1", 1, "99231", "100.00 100.00 100.00", FEBRUARY)
    stay |= {"service_end_date": date(2026, 2, 12), "modifiers": "25:GT"}
    stay |= {"unit_count": Decimal("2.500"), "line_control_number": ""}
    write_lake(tmp_path, decisions, [stay], adjustments("T1 9 1 CO 45 1.00"), golden_texts()[:1])
    paid = payment(claim_count=1, amount_usd=Decimal("100.00"))
    (document,) = built(tmp_path, [paid], payment_claims(decisions))
    text = document.content.decode()
    assert "SVC*HC:99231:25:GT*100*100**2.5~DTM*150*20260210~DTM*151*20260212~AMT*B6*100~" in text


def test_letters_an_835_cannot_carry_lose_their_accents(tmp_path: Path) -> None:
    text = a_claim(
        tmp_path, text={"subscriber_last_name": "MÜLLER-Łęcki", "subscriber_first_name": "伟"}
    )
    assert "NM1*QC*1*MULLER-?ecki*?****MI*E100001~" in text


def test_a_control_number_with_delimiters_is_echoed_under_others(tmp_path: Path) -> None:
    text = a_claim(tmp_path, patient_control_number="A*1:2~3")
    assert text[3] != "*"
    assert f"CLP{text[3]}A*1:2~3{text[3]}" in text


def test_a_payee_without_a_contract_gets_a_check_and_its_own_address(tmp_path: Path) -> None:
    decisions = [decision("T1", "PCN", "100.00 100.00 0.00", 0)]
    lines = [line("T1", 1, "99213", "100.00 100.00 100.00", FEBRUARY)]
    write_lake(tmp_path, decisions, lines, adjustments("T1 9 1 CO 45 1.00"), golden_texts()[:1])
    paid = payment(
        claim_count=1,
        amount_usd=Decimal("100.00"),
        method="CHK",
        payee_contract_id="",
        receiver_partner_id="print",
        payee_npi="",
        payee_name="DR WHO",
        trace_number="0000000009",
    )
    (document,) = built(tmp_path, [paid], payment_claims(decisions))
    text = document.content.decode()
    assert document.partner_id == "print"
    assert "*ZZ*PRINTVENDOR    *" in text
    assert "BPR*I*100*C*CHK************20260318~TRN*1*0000000009*1411234567~" in text
    assert "N1*PE*DR WHO*FI*411111111~N3*1 LAKE RD~N4*DULUTH*MN*558020001~LX*1~" in text
    assert remittance_facts(document.content).payee_id == "411111111"


def test_batches_do_not_change_what_is_written(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    payments = [
        payment(payment_id="P2", trace_number="A2", claim_count=2, amount_usd=Decimal("-116.32")),
        payment(payment_id="P1", trace_number="A1", claim_count=2, amount_usd=Decimal("170.59")),
    ]
    balance = {
        "payment_id": "P2",
        "adjustment_number": 1,
        "reason_code": "FB",
        "reference": "A2",
        "amount_usd": Decimal("-116.32"),
    }
    payments[0] |= {"amount_usd": Decimal("0.00"), "method": "NON"}
    decisions = golden_decisions()
    claims = payment_claims(decisions[:2], "P2") + payment_claims(decisions[2:], "P1")
    at_once = built(lake, payments, claims, (balance,))
    monkeypatch.setattr(build, "CLAIMS_A_BATCH", 1)
    assert built(lake, payments, claims, (balance,)) == at_once
    assert [document.payment_id for document in at_once] == ["P1", "P2"]
    assert [claim["number"] for claim in claims_of(at_once[0].content)] == ["PCN-W7", "PCN-W4"]
    assert b"PLB*1999999984*20261231*FB:A2*-116.32~" in at_once[1].content


def test_a_decision_that_does_not_add_up_is_refused(tmp_path: Path) -> None:
    decisions = [decision("T1", "PCN", "100.00 60.00 10.00", 0)]
    lines = [line("T1", 1, "99213", "100.00 60.00 70.00", FEBRUARY)]
    write_lake(tmp_path, decisions, lines, adjustments("T1 1 1 CO 45 39.99"), golden_texts()[:1])
    paid = payment(claim_count=1, amount_usd=Decimal("60.00"))
    with pytest.raises(RemittanceError, match="835-BAL-01"):
        built(tmp_path, [paid], payment_claims(decisions))


def test_a_claim_the_lake_lost_is_missed(lake: Path) -> None:
    with pytest.raises(RemittanceSourceError, match="5 claims expected, 4 found"):
        built(lake, [payment(claim_count=5)], payment_claims(golden_decisions()))


def test_a_text_the_lake_lost_is_missed(tmp_path: Path) -> None:
    write_lake(
        tmp_path, golden_decisions(), golden_lines(), golden_adjustments(), golden_texts()[:3]
    )
    with pytest.raises(RemittanceSourceError, match="4 rows of claim_payment expected, 3 found"):
        built(tmp_path, [payment()], payment_claims(golden_decisions()), (GOLDEN_INTEREST,))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"employer_id": "NOBODY"}, "employer NOBODY is unknown"),
        ({"payee_contract_id": "NS-GONE"}, "contract NS-GONE is not configured"),
        ({"receiver_partner_id": "nobody"}, "partner nobody has no interchange id"),
        ({"receiver_partner_id": "bank"}, "partner bank has no interchange id"),
        ({"payee_contract_id": ""}, "an ACH payment has no bank account"),
    ],
    ids=["employer", "contract", "partner", "partner without id", "no bank data"],
)
def test_what_is_not_configured_is_named(lake: Path, changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(RemittanceSourceError, match=problem) as refused:
        built(lake, [payment(**changes)], payment_claims(golden_decisions()), (GOLDEN_INTEREST,))
    assert "payment P1" in str(refused.value)


def test_the_usage_indicator_is_the_administrators(lake: Path) -> None:
    config = configuration()
    administrator = config.administrator.model_copy(update={"usage_indicator": "P"})
    (document,) = built(
        lake,
        [payment()],
        payment_claims(golden_decisions()),
        (GOLDEN_INTEREST,),
        replace(config, administrator=administrator),
    )
    assert document.content[102:103] == b"P"
