"""Every rule of the 835, broken by one change to the golden tables: nothing is written, and why is said."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from edi.remittance import RemittanceError, write_remittances
from edi.remittance_codes import code_rules, expand
from tests.remittance.samples import AT, NON_PAYMENT, adjustments, golden_rows, tables

Rows = dict[str, list[dict[str, Any]]]
Change = Callable[[Rows], object]


def refusal_codes(rows: Rows, at: datetime = AT) -> set[str]:
    with pytest.raises(RemittanceError) as refused:
        list(write_remittances(tables(rows), at=at))
    for refusal in refused.value.refusals:
        assert refusal.place
        assert refusal.problem
        assert refusal.advice.endswith(".")
    return {refusal.code for refusal in refused.value.refusals}


def set_value(table: str, row: int, **values: Any) -> Change:
    return lambda rows: rows[table][row].update(values)


def set_adjustments(line: int, *texts: str) -> Change:
    """Replace the adjustments of a line by `group reason amount` texts."""

    def change(rows: Rows) -> None:
        kept = [row for row in rows["service_adjustment"] if row["parent_row"] != line]
        added = adjustments(*(f"{line} {text}" for text in texts))
        rows["service_adjustment"] = sorted([*kept, *added], key=lambda row: row["parent_row"])

    return change


def both(*changes: Change) -> Change:
    def change(rows: Rows) -> None:
        for each in changes:
            each(rows)

    return change


CHANGES: list[tuple[str, str, Change]] = [
    (
        "a line pays a cent too much",
        "835-BAL-01",
        set_value("service_payment", 2, payment_usd="82.49"),
    ),
    (
        "a claim pays a cent too little",
        "835-BAL-02",
        set_value("claim_payment", 2, payment_usd="82.47"),
    ),
    (
        "lines do not add up to the charge",
        "835-BAL-02",
        set_value("service_payment", 3, charge_usd="75.01"),
    ),
    (
        "patient responsibility is a cent off",
        "835-BAL-03",
        set_value("claim_payment", 3, patient_responsibility_usd="540.01"),
    ),
    ("the payment is a cent off", "835-BAL-04", set_value("payment", 0, payment_usd="56.02")),
    (
        "a provider adjustment is forgotten",
        "835-BAL-04",
        lambda rows: rows.pop("provider_adjustment"),
    ),
    (
        "a line's adjustment is reported at the claim too",
        "835-BAL-05",
        lambda rows: rows.update(claim_adjustment=adjustments("2 CO 45 52.52")),
    ),
    (
        "the same pair stands twice at a line",
        "835-BAL-05",
        set_adjustments(2, "CO 45 50.00", "CO 45 2.52", "PR 3 30.00"),
    ),
    ("a payment is below zero", "835-BAL-06", set_value("payment", 0, payment_usd="-1.00")),
    (
        "a balance is carried under another name than this trace",
        "835-PLB-01",
        set_value("provider_adjustment", 0, reason_code="FB", reference="A0000001233"),
    ),
    (
        "a recovery names no claim",
        "835-PLB-02",
        set_value("provider_adjustment", 0, reason_code="WO", reference=None),
    ),
    (
        "an adjustment of nothing is sent",
        "835-CAS-01",
        set_adjustments(5, "PR 204 480.00", "PR 3 0.00"),
    ),
    (
        "a group comes again after another",
        "835-CAS-02",
        set_adjustments(2, "CO 45 50.00", "PR 3 30.00", "CO 59 2.52"),
    ),
    ("a reversal is positive", "835-REV-01", set_value("claim_payment", 0, claim_status_code="1")),
    ("money without a method", "835-PAY-01", set_value("payment", 0, payment_method_code="NON")),
    ("a notice with money", "835-PAY-01", set_value("payment", 0, transaction_handling_code="H")),
    (
        "ACH without an account",
        "835-PAY-02",
        set_value("payment", 0, payee_account_number=None, payee_account_qualifier=None),
    ),
    (
        "BPR10 differs from TRN03",
        "835-PAY-03",
        set_value("payment", 0, payer_identifier="1411234568"),
    ),
    ("no technical contact", "835-PAY-05", set_value("payer_contact", 0, function_code="CX")),
    ("the payee has no id", "835-ELM-01", set_value("payment", 0, payee_id=None)),
    ("the charge is missing", "835-ELM-01", set_value("claim_payment", 0, charge_usd=None)),
    (
        "a number is too long",
        "835-ELM-02",
        set_value("claim_payment", 0, patient_control_number="A" * 39),
    ),
    ("a status is unknown", "835-ELM-03", set_value("claim_payment", 0, claim_status_code="9")),
    ("group code CR", "835-ELM-03", set_adjustments(2, "CR 45 52.52", "PR 3 30.00")),
    (
        "a name holds a delimiter",
        "835-ELM-04",
        set_value("claim_payment", 0, patient_last_name="D~E"),
    ),
    (
        "a name holds a line feed",
        "835-ELM-04",
        set_value("claim_payment", 0, patient_last_name="D\nE"),
    ),
    ("a name is not ASCII", "835-ELM-04", set_value("claim_payment", 0, patient_last_name="DÖE")),
    ("eleven digits", "835-ELM-05", set_value("claim_payment", 3, coverage_usd="100000000.00")),
    ("a negative count", "835-ELM-05", set_value("claim_group", 0, group_number=-1)),
    ("a qualifier without an id", "835-ELM-06", set_value("claim_payment", 0, rendering_id=None)),
    (
        "references are out of order",
        "835-ORD-01",
        lambda rows: rows["claim_reference"].insert(
            0, {"parent_row": 1, "qualifier": "G2", "value": "X"}
        ),
    ),
    (
        "a correction does not follow its reversal",
        "835-ORD-02",
        set_value("claim_reference", 0, parent_row=2),
    ),
    ("CO-1", "835-CODE-03", set_adjustments(3, "CO 45 60.51", "CO 1 14.49")),
    ("CO-3", "835-CODE-03", set_adjustments(2, "CO 45 52.52", "CO 3 30.00")),
    ("OA-45", "835-CODE-03", set_adjustments(2, "OA 45 52.52", "PR 3 30.00")),
    ("PI-45", "835-CODE-03", set_adjustments(2, "PI 45 52.52", "PR 3 30.00")),
    ("CO-18", "835-CODE-03", set_adjustments(6, "CO 18 25.00")),
    ("PR-18", "835-CODE-03", set_adjustments(6, "PR 18 25.00")),
    ("CO-23", "835-CODE-03", set_adjustments(6, "CO 23 25.00")),
    ("PR-29", "835-CODE-03", set_adjustments(6, "PR 29 25.00")),
    ("OA-275", "835-CODE-03", set_adjustments(6, "OA 275 25.00")),
    ("reason 42 is gone", "835-CODE-01", set_adjustments(6, "CO 42 25.00")),
    ("reason 125 is gone", "835-CODE-01", set_adjustments(6, "CO 125 25.00")),
    ("reason 9999 never was", "835-CODE-01", set_adjustments(6, "CO 9999 25.00")),
    ("a pended claim is sent", "835-CODE-02", set_adjustments(6, "OA 133 25.00")),
    ("a reason of the 837 alone", "835-CODE-02", set_adjustments(6, "OA 192 25.00")),
    ("45 takes the whole charge", "835-CODE-04", set_adjustments(6, "CO 45 25.00")),
    (
        "16 without a remark",
        "835-CODE-05",
        both(set_adjustments(6, "CO 16 25.00"), lambda rows: rows["service_remark"].pop()),
    ),
    (
        "16 with an alert only",
        "835-CODE-05",
        both(set_adjustments(6, "CO 16 25.00"), set_value("service_remark", 1, remark_code="MA67")),
    ),
    (
        "96 with an alert of the No Surprises Act only",
        "835-CODE-05",
        both(set_adjustments(6, "PR 96 25.00"), set_value("service_remark", 1, remark_code="N830")),
    ),
    (
        "16 asks for an attachment",
        "835-CODE-06",
        both(set_adjustments(6, "CO 16 25.00"), set_value("service_remark", 1, remark_code="N706")),
    ),
    ("a remark nobody knows", "835-CODE-07", set_value("service_remark", 1, remark_code="N9999")),
    (
        "a remark at line and claim",
        "835-CODE-08",
        set_value("claim_payment", 3, outpatient_remark_code_1="M15"),
    ),
    (
        "an ordinary denial under status 4",
        "835-CODE-09",
        set_value("claim_payment", 3, claim_status_code="4"),
    ),
    ("an unknown patient under status 1", "835-CODE-09", set_adjustments(5, "PR 31 480.00")),
]


@pytest.mark.parametrize(
    ("code", "change"), [case[1:] for case in CHANGES], ids=[c[0] for c in CHANGES]
)
def test_a_broken_rule_is_refused(code: str, change: Change) -> None:
    rows = golden_rows()
    change(rows)
    assert code in refusal_codes(rows)


def test_a_refusal_tells_both_numbers_and_the_place() -> None:
    rows = golden_rows()
    rows["service_payment"][2]["payment_usd"] = "82.49"
    with pytest.raises(RemittanceError) as refused:
        list(write_remittances(tables(rows), at=AT))
    assert str(refused.value) == (
        "835-BAL-01 SVC02 - line CAS = SVC03: 82.48 expected, 82.49 found\n"
        "  at   payment P1, claim TPA260000000180, line 1, column payment_usd\n"
        "  do   Correct the decision that made these amounts; an 835 is exact to the cent."
    )


@pytest.mark.parametrize("change", [case[2] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_no_refusal_names_a_person(change: Change) -> None:
    rows = golden_rows()
    change(rows)
    with pytest.raises(RemittanceError) as refused:
        list(write_remittances(tables(rows), at=AT))
    text = str(refused.value)
    for secret in ("DOE", "JANE", "ROE", "POE", "E100001", "PCN-W1", "7654321", "1234567\n", "D~E"):
        assert secret not in text


@pytest.mark.parametrize(
    ("group", "reason", "remark"),
    [("PR", "96", "N130"), ("CO", "16", "M51"), ("OA", "18", "M15"), ("CO", "252", "N706")],
)
def test_a_legal_denial_passes_with_status_1(group: str, reason: str, remark: str) -> None:
    rows = golden_rows()
    set_adjustments(6, f"{group} {reason} 25.00")(rows)
    rows["service_remark"][1]["remark_code"] = remark
    if group == "PR":
        rows["claim_payment"][3]["patient_responsibility_usd"] = "565.00"
    (written,) = write_remittances(tables(rows), at=AT)
    assert f"CAS*{group}*{reason}*25~".encode() in written.content
    assert b"CLP*PCN-W7*1*" in written.content


def test_a_patient_nobody_knows_is_denied_under_status_4() -> None:
    rows = golden_rows()
    set_adjustments(4, "PR 31 220.00")(rows)
    set_adjustments(6, "PR 31 25.00")(rows)
    set_adjustments(5, "PR 31 480.00")(rows)
    rows["service_payment"][4] |= {"payment_usd": "0.00", "allowed_usd": None}
    rows["claim_payment"][3] |= {
        "claim_status_code": "4",
        "payment_usd": "0.00",
        "patient_responsibility_usd": "725.00",
        "interest_usd": None,
    }
    rows.pop("provider_adjustment")
    rows["payment"][0] |= {**NON_PAYMENT, "payment_usd": "0.00"}
    rows["provider_adjustment"] = [
        {
            "parent_row": 0,
            "provider_id": "1999999984",
            "fiscal_period_date": date(2026, 12, 31),
            "reason_code": "FB",
            "reference": "NP0000000031",
            "amount_usd": "-33.84",
        }
    ]
    for name in [n for n in rows["payment"][0] if n not in NON_PAYMENT]:
        rows["payment"][0][name] = None
    (written,) = write_remittances(tables(rows), at=AT)
    assert b"CLP*PCN-W7*4*725*0*725*" in written.content


def test_a_remark_of_the_whole_claim_satisfies_its_lines() -> None:
    rows = golden_rows()
    set_adjustments(6, "CO 16 25.00")(rows)
    rows["service_remark"].pop()
    rows["claim_payment"][3]["outpatient_remark_code_1"] = "M51"
    (written,) = write_remittances(tables(rows), at=AT)
    assert b"MOA***M51~" in written.content


def test_more_than_ten_thousand_claims_are_refused() -> None:
    rows = golden_rows()
    whole = tables(rows)
    claim = whole["claim_payment"].slice(2, 1)
    claims = pa.concat_tables([claim] * 10_001)
    parents = pa.array([0] * 10_001, pa.int64())
    tables_with_many = {
        name: whole[name] for name in ("payment", "payer_contact", "payer_reference", "claim_group")
    }
    tables_with_many["claim_payment"] = claims.set_column(
        claims.column_names.index("parent_row"), "parent_row", parents
    )
    with pytest.raises(RemittanceError) as refused:
        list(write_remittances(tables_with_many, at=AT))
    problems = {r.code: r.problem for r in refused.value.refusals}
    assert problems["835-PAY-04"] == "has 10001 claims, at most 10000 fit"


Tables = dict[str, pa.Table]
SHAPES: list[tuple[str, str, Callable[[Tables], object]]] = [
    ("no payments", "835-TAB-01", lambda t: t.pop("payment")),
    ("an unknown table", "835-TAB-01", lambda t: t.update(claims=t["claim_payment"])),
    (
        "an unknown column",
        "835-TAB-02",
        lambda t: t.update(payment=t["payment"].append_column("x", pa.array(["x"]))),
    ),
    (
        "no parents",
        "835-TAB-02",
        lambda t: t.update(claim_group=t["claim_group"].drop_columns(["parent_row"])),
    ),
    (
        "floats for money",
        "835-TAB-03",
        lambda t: t.update(
            provider_adjustment=t["provider_adjustment"]
            .drop_columns(["amount_usd"])
            .append_column("amount_usd", pa.array([-1.74]))
        ),
    ),
    (
        "rows out of order",
        "835-TAB-04",
        lambda t: t.update(service_payment=t["service_payment"].take(pa.array([1, 0, 2]))),
    ),
    (
        "rows of no claim",
        "835-TAB-04",
        lambda t: t.update(claim_payment=t["claim_payment"].slice(0, 3)),
    ),
]


@pytest.mark.parametrize(("code", "change"), [s[1:] for s in SHAPES], ids=[s[0] for s in SHAPES])
def test_tables_of_another_shape_are_refused(code: str, change: Callable[[Tables], object]) -> None:
    made = tables(golden_rows())
    change(made)
    with pytest.raises(RemittanceError) as refused:
        list(write_remittances(made, at=AT))
    assert code in {refusal.code for refusal in refused.value.refusals}


def test_code_rules_hold_from_their_date_on() -> None:
    assert "N830" in code_rules(date(2026, 3, 13)).alerts
    assert "N830" not in code_rules(date(2021, 12, 31)).alerts
    assert not code_rules(date(2019, 12, 31)).needs_remark
    rows = golden_rows()
    set_adjustments(6, "CO 45 25.00")(rows)
    assert "835-CODE-04" in refusal_codes(rows)
    assert "835-CODE-04" not in refusal_codes(rows, at=datetime(2019, 12, 31, tzinfo=UTC))


def test_ranges_of_codes_include_their_ends() -> None:
    assert list(expand(["1-3", "M15", "MA09-MA11", "A0-A1"])) == [
        *("1", "2", "3", "M15", "MA09", "MA10", "MA11", "A0", "A1")
    ]
