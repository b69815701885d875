"""Laws of the 835: what is drawn at random balances, is written, passes every judge, reads back the same."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi.remittance import RemittanceError, write_remittances
from edi.writing import ALTERNATIVE_DELIMITERS
from tests.remittance.oracles import claims_of, oxedi_diagnostics, pyx12_complaints, segments
from tests.remittance.samples import AT, CONTACT, NON_PAYMENT, PAYMENT, claim, line, tables
from validations.remittance_check import check_remittance, remittance_facts

DAY = date(2026, 3, 2)
PATIENT_REASONS = ("1", "2", "3", "119", "204")
CONTRACT_REASONS = ("45", "59", "97", "131", "144", "236", "94", "104")
TEXT = "ABCDEFGHIJKLMNOPQRSTUVWXYZ abc0123456789 '-,./&()"
words = st.text(TEXT, min_size=1, max_size=20).map(lambda text: f"X{text.strip()}")


@st.composite
def lines(draw: st.DrawFn) -> dict[str, Any]:
    """A line whose charge falls apart into adjustments and a payment of at least one cent."""
    amounts = st.integers(1, 500_000)
    contract = draw(st.lists(st.sampled_from(CONTRACT_REASONS), max_size=7, unique=True))
    patient = draw(st.lists(st.sampled_from(PATIENT_REASONS), max_size=5, unique=True))
    pairs = [("CO", reason) for reason in contract] + [("PR", reason) for reason in patient]
    return {
        "paid": draw(amounts),
        "adjustments": [(group, reason, draw(amounts)) for group, reason in pairs],
        "code": draw(st.sampled_from(["99213", "80053", "D2740", "J0897"])),
        "units": draw(st.integers(1, 9_999)),
    }


claims = st.lists(st.lists(lines(), min_size=1, max_size=4), min_size=1, max_size=5)


def usd(cents: int) -> str:
    return str(Decimal(cents).scaleb(-2))


def rows_of(drawn: list[list[dict[str, Any]]], names: list[str], forward: int) -> dict[str, Any]:
    """Remittance rows of drawn claims; `forward` cents are taken off by an earlier balance."""
    rows: dict[str, Any] = {
        "payer_contact": [CONTACT],
        "payee_reference": [{"parent_row": 0, "qualifier": "TJ", "value": "411111111"}],
        "claim_group": [{"parent_row": 0, "group_number": 1}],
        "claim_payment": [],
        "service_payment": [],
        "service_adjustment": [],
        "provider_adjustment": [],
    }
    for number, of_claim in enumerate(drawn):
        totals = {"charge": 0, "paid": 0, "patient": 0}
        for each in of_claim:
            adjusted = sum(cents for _, _, cents in each["adjustments"])
            charge = each["paid"] + adjusted
            totals["charge"] += charge
            totals["paid"] += each["paid"]
            totals["patient"] += sum(c for group, _, c in each["adjustments"] if group == "PR")
            row = len(rows["service_payment"])
            rows["service_payment"].append(
                line(
                    number,
                    each["code"],
                    f"{usd(charge)} {usd(each['paid'])} -",
                    DAY,
                    paid_unit_count=str(Decimal(each["units"]).scaleb(-1)),
                )
            )
            rows["service_adjustment"] += [
                {"parent_row": row, "group_code": g, "reason_code": r, "amount_usd": usd(c)}
                for g, r, c in each["adjustments"]
            ]
        amounts = " ".join(usd(totals[name]) for name in ("charge", "paid", "patient"))
        name = names[number % len(names)]
        rows["claim_payment"].append(
            claim(f"P{number}", f"TPA26{number:010d}", "1", amounts, patient_last_name=name)
        )
    total = sum(each["paid"] for of_claim in drawn for each in of_claim)
    forward = min(forward, total)
    if forward:
        rows["provider_adjustment"].append(
            {
                "parent_row": 0,
                "provider_id": "1999999984",
                "fiscal_period_date": date(2026, 12, 31),
                "reason_code": "FB",
                "reference": "NP0000000007",
                "amount_usd": usd(forward),
            }
        )
    base = PAYMENT if total > forward else NON_PAYMENT
    rows["payment"] = [{**base, "payment_usd": usd(total - forward)}]
    return rows


@settings(max_examples=60)
@given(claims, st.lists(words, min_size=1, max_size=5), st.integers(0, 600_000))
def test_what_is_written_balances_and_reads_back_the_same(
    drawn: list[list[dict[str, Any]]], names: list[str], forward: int
) -> None:
    rows = rows_of(drawn, names, forward)
    (written,) = write_remittances(tables(rows), at=AT)
    assert check_remittance(written.content) == []
    facts = remittance_facts(written.content)
    paid = [[each["paid"] for each in of_claim] for of_claim in drawn]
    assert facts.claim_count == len(drawn)
    assert facts.claims_cents == sum(map(sum, paid))
    assert facts.payment_cents == facts.claims_cents - facts.provider_adjustment_cents
    assert segments(written.content)[-3][1] == str(written.segment_count)
    for read, of_claim in zip(claims_of(written.content), drawn, strict=True):
        assert [found["paid"] * 100 for found in read["lines"]] == [
            each["paid"] for each in of_claim
        ]
        for found, each in zip(read["lines"], of_claim, strict=True):
            expected = [(g, r, Decimal(c).scaleb(-2)) for g, r, c in each["adjustments"]]
            assert found["adjustments"] == expected
            assert found["charge"] == found["paid"] + sum(c for _, _, c in expected)


@settings(max_examples=10)  # pyx12 loads its maps for every file
@given(claims, st.lists(words, min_size=1, max_size=5), st.integers(0, 600_000))
def test_other_peoples_readers_find_nothing_wrong(
    drawn: list[list[dict[str, Any]]], names: list[str], forward: int
) -> None:
    (written,) = write_remittances(tables(rows_of(drawn, names, forward)), at=AT)
    assert oxedi_diagnostics(written.content) == []
    assert pyx12_complaints(written.content) == []


@settings(max_examples=60)
@given(claims, st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30))
def test_any_printable_name_is_echoed_whatever_delimiters_it_holds(
    drawn: list[list[dict[str, Any]]], name: str
) -> None:
    rows = rows_of(drawn, [f"X{name}X"], 0)
    (written,) = write_remittances(tables(rows), at=AT, delimiters=ALTERNATIVE_DELIMITERS)
    patients = [row for row in segments(written.content) if row[:2] == ["NM1", "QC"]]
    assert {row[3] for row in patients} == {f"X{name}X"}
    assert check_remittance(written.content) == []


@settings(max_examples=60)
@given(claims, st.data())
def test_a_cent_anywhere_is_one_cent_too_many(
    drawn: list[list[dict[str, Any]]], data: st.DataObject
) -> None:
    rows = rows_of(drawn, ["DOE"], 0)
    places = [
        (table, row, column)
        for table, columns in (
            ("payment", ["payment_usd"]),
            ("claim_payment", ["charge_usd", "payment_usd", "patient_responsibility_usd"]),
            ("service_payment", ["charge_usd", "payment_usd"]),
            ("service_adjustment", ["amount_usd"]),
        )
        for row in range(len(rows[table]))
        for column in columns
    ]
    table, row, column = data.draw(st.sampled_from(places))
    rows[table][row][column] = str(Decimal(rows[table][row][column]) + Decimal("0.01"))
    with pytest.raises(RemittanceError) as refused:
        list(write_remittances(tables(rows), at=AT))
    assert {refusal.code[:7] for refusal in refused.value.refusals} == {"835-BAL"}
