"""The golden 835 from tables, and the text form of what it is made of."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi.remittance import Remittance, write_remittances
from edi.remittance_kernel import put_date, put_integer, put_scaled
from edi.remittance_layout import layout
from edi.writing import (
    ALTERNATIVE_DELIMITERS,
    Delimiters,
    Envelope,
    WritingError,
    decimal_text,
    money_text,
    render_segment,
    render_set,
)
from tests.remittance.oracles import segments
from tests.remittance.samples import AT, FIXTURES, PAYMENT, golden_rows, tables

GOLDEN = (FIXTURES / "835_reversal_correction.edi").read_bytes()


def write(rows: dict[str, list[dict[str, Any]]], **options: Any) -> list[Remittance]:
    return list(write_remittances(tables(rows), at=AT, **options))


def test_the_golden_sample_comes_from_tables_byte_for_byte() -> None:
    (written,) = write(golden_rows(), newline=True)
    assert written.content == GOLDEN
    assert (written.payment_id, written.segment_count) == ("P1", 81)


def test_without_the_newline_option_nothing_follows_a_terminator() -> None:
    (written,) = write(golden_rows())
    assert written.content == GOLDEN.replace(b"\n", b"")


def test_payments_are_written_the_same_alone_and_in_any_batch() -> None:
    rows = golden_rows()
    for number in range(1, 5):
        again = golden_rows()
        again["payment"][0] |= {"payment_id": f"Q{number}", "interchange_control_number": number}
        sizes = {name: len(rows[name]) for name in rows}
        for name, of_table in again.items():
            parent = layout()[name].parent
            shift = sizes[parent] if parent else 0
            rows[name] += [
                {**row, "parent_row": row["parent_row"] + shift} if parent else row
                for row in of_table
            ]
    whole = write(rows)
    one_by_one = write(rows, batch_claims=1)
    assert whole == one_by_one
    assert [document.payment_id for document in whole] == ["P1", "Q1", "Q2", "Q3", "Q4"]
    body = whole[0].content.replace(b"*000001234", b"*000000003")
    assert whole[3].content == body


def twice(without: str = "") -> dict[str, list[dict[str, Any]]]:
    """The golden payment and a second one like it, which has no rows of the table named."""
    rows = golden_rows()
    again = golden_rows()
    again["payment"][0] |= {"payment_id": "Q1", "interchange_control_number": 1}
    if without:
        again[without] = []
    sizes = {name: len(rows[name]) for name in rows}
    for name, of_table in again.items():
        parent = layout()[name].parent
        shift = sizes[parent] if parent else 0
        rows[name] += [
            {**row, "parent_row": row["parent_row"] + shift} if parent else row for row in of_table
        ]
    return rows


@pytest.mark.parametrize("table", ["service_remark", "claim_reference", "payee_reference"])
def test_a_batch_in_which_no_row_of_a_table_falls_is_written_like_any_other(table: str) -> None:
    rows = twice(without=table)
    assert write(rows, batch_claims=1) == write(rows)


def test_a_text_with_a_delimiter_is_echoed_under_other_delimiters() -> None:
    rows = golden_rows()
    rows["claim_payment"][2]["patient_control_number"] = "A*B:C"
    (written,) = write(rows, delimiters=ALTERNATIVE_DELIMITERS)
    text = written.content.decode()
    assert (text[3], text[82], text[104], text[105]) == ("|", "^", ">", "~")
    assert [row[1] for row in segments(written.content) if row[0] == "CLP"][2] == "A*B:C"


def test_a_seventh_reason_of_one_group_starts_a_second_segment() -> None:
    rows = golden_rows()
    reasons = ["45", "59", "94", "97", "104", "131", "144"]
    rows["service_adjustment"] = [
        {"parent_row": 0, "group_code": "CO", "reason_code": reason, "amount_usd": "-1.00"}
        for reason in reasons
    ] + [a for a in rows["service_adjustment"] if a["parent_row"] > 0]
    rows["service_payment"][0]["payment_usd"] = "-1193.00"
    rows["claim_payment"][0]["payment_usd"] = "-1193.00"
    rows["payment"][0]["payment_usd"] = "0.00"
    rows["provider_adjustment"][0]["amount_usd"] = "-688.13"
    rows["payment"][0] |= dict.fromkeys([n for n in PAYMENT if n.startswith("originating")])
    rows["payment"][0] |= {"transaction_handling_code": "H", "payment_method_code": "NON"}
    (written,) = write(rows)
    cas = [row for row in segments(written.content) if row[0] == "CAS"][:2]
    items = [part for reason in reasons[:6] for part in (reason, "-1", "")]
    assert cas[0] == ["CAS", "CO", *items[:-1]]
    assert cas[1] == ["CAS", "CO", "144", "-1"]


def test_quantities_of_adjustments_keep_their_places() -> None:
    rows = golden_rows()
    rows["service_adjustment"][1]["quantity"] = "2.500"
    (written,) = write(rows)
    assert b"CAS*PR*1*-312.15*2.5*2*-112.65~" in written.content


def test_everything_the_guide_allows_has_a_column() -> None:
    """Every segment of the layout is written when its columns have values, in the layout's order."""
    rows = golden_rows()
    rows["payment"][0] |= {
        "currency_code": "USD",
        "receiver_identification": "EVID",
        "version_identification": "V1",
        "payer_id_qualifier": "XV",
        "payer_id": "99999",
        "delivery_code": "FT",
        "delivery_name": "SERVER",
        "delivery_address": "HOST",
    }
    rows["payer_contact"] = [
        {"parent_row": 0, "function_code": "CX", "name": "DESK"},
        *rows["payer_contact"],
        {"parent_row": 0, "function_code": "IC", "number_1_qualifier": "UR", "number_1": "A.B"},
    ]
    rows["claim_group"][0] |= {"provider_id": "PROV", "facility_type_code": "11"}
    rows["claim_group"][0] |= {"claim_count": 4, "charge_usd": "765.00", "drg_usd": "1.00"}
    rows["claim_payment"][1] |= {
        "drg_code": "470",
        "drg_weight": "1.250",
        "subscriber_entity_type": "1",
        "subscriber_last_name": "SUB",
        "subscriber_id_qualifier": "MI",
        "subscriber_id": "S1",
        "corrected_entity_type": "1",
        "corrected_last_name": "COR",
        "crossover_carrier_name": "CARRIER",
        "corrected_payer_name": "OTHER PAYER",
        "other_subscriber_entity_type": "1",
        "other_subscriber_last_name": "OSUB",
        "inpatient_covered_day_count": 3,
        "inpatient_remark_code_5": "MA67",
        "outpatient_remark_code_1": "N1",
        "coverage_expiration_date": date(2026, 4, 1),
        "coverage_usd": "730.00",
        "tax_usd": "1.00",
        "visits_quantity": "2.000",
    }
    rows["claim_reference"].append({"parent_row": 1, "qualifier": "G2", "value": "COMMERCIAL"})
    rows["claim_contact"] = [
        {"parent_row": 1, "name": "CLAIMS", "number_1_qualifier": "TE", "number_1": "8005550101"}
    ]
    rows["service_payment"][1] |= {
        "modifier_1": "25",
        "revenue_code": "0450",
        "submitted_procedure_qualifier": "HC",
        "submitted_procedure_code": "99245",
        "submitted_unit_count": "2.000",
        "service_date": None,
        "service_start_date": date(2026, 2, 10),
        "service_end_date": date(2026, 2, 11),
        "tax_usd": "0.00",
        "federal_category_1_quantity": "1.000",
    }
    rows["service_reference"] = [
        {"parent_row": 1, "qualifier": "LU", "value": "LOC"},
        {"parent_row": 1, "qualifier": "HPI", "value": "1000000012"},
        {"parent_row": 1, "qualifier": "0K", "value": "POLICY"},
    ]
    (written,) = write(rows)
    found = ["*".join(row) for row in segments(written.content)]
    start = found.index("CLP*PCN-W1*1*1000*334.28*395.72*12*TPA260000000177*11*7**470*1.25")
    end = next(n for n in range(start, len(found)) if found[n].startswith("CLP*PCN-W4"))
    assert found[3:6] == [found[3], "TRN*1*A0000001234*1411234567", "CUR*PR*USD"]
    assert [s for s in found if s.startswith(("REF*EV", "REF*F2", "RDM", "TS3", "TS2"))] == [
        "REF*EV*EVID",
        "REF*F2*V1",
        "RDM*FT*SERVER*HOST",
        "TS3*PROV*11**4*765",
        "TS2*1",
    ]
    assert [s for s in found if s.startswith("PER")][:3] == [
        "PER*CX*DESK",
        "PER*BL*EDI SUPPORT*TE*8005550100*EM*EDI@TPA.EXAMPLE",
        "PER*IC**UR*A.B",
    ]
    assert found[start + 1 : end] == [
        "NM1*QC*1*DOE*JANE****MI*E100001",
        "NM1*IL*1*SUB*****MI*S1",
        "NM1*74*1*COR",
        "NM1*82*1*SMITH*ANN****XX*1000000012",
        "NM1*TT*2*CARRIER",
        "NM1*PR*2*OTHER PAYER",
        "NM1*GB*1*OSUB",
        "MIA*3**********************MA67",
        "MOA***N1",
        "REF*F8*TPA260000000101",
        "REF*G2*COMMERCIAL",
        "DTM*232*20260210",
        "DTM*233*20260210",
        "DTM*036*20260401",
        "DTM*050*20260303",
        "PER*CX*CLAIMS*TE*8005550101",
        "AMT*AU*730",
        "AMT*T*1",
        "QTY*VS*2",
        "SVC*HC:99244:25*1000*334.28*0450*1*HC:99245*2",
        "DTM*150*20260210",
        "DTM*151*20260211",
        "CAS*CO*45*270",
        "CAS*PR*1*312.15**2*83.57",
        "REF*LU*LOC",
        "REF*6R*1",
        "REF*HPI*1000000012",
        "REF*0K*POLICY",
        "AMT*B6*730",
        "AMT*T*0",
        "QTY*ZK*1",
    ]


@given(st.integers(-(10**11), 10**11))
def test_the_kernel_writes_amounts_as_the_text_form_says(cents: int) -> None:
    out = np.zeros(40, np.uint8)
    end = put_scaled(out, 0, cents, 2)
    assert out[:end].tobytes().decode() == money_text(cents)
    assert Decimal(money_text(cents)) * 100 == cents


@given(st.integers(-(10**12), 10**12))
def test_the_kernel_writes_quantities_as_the_text_form_says(thousandths: int) -> None:
    out = np.zeros(40, np.uint8)
    end = put_scaled(out, 0, thousandths, 3)
    assert out[:end].tobytes().decode() == decimal_text(Decimal(thousandths).scaleb(-3))


@given(st.dates())
def test_the_kernel_writes_dates_as_the_calendar_says(day: date) -> None:
    out = np.zeros(40, np.uint8)
    end = put_date(out, 0, (day - date(1970, 1, 1)).days)
    assert out[:end].tobytes().decode() == f"{day.year:04d}{day:%m%d}"


def test_control_numbers_are_padded_to_nine_digits() -> None:
    out = np.zeros(40, np.uint8)
    end = put_integer(out, 0, 1234, 9)
    assert out[:end].tobytes() == b"000001234"


@pytest.mark.parametrize(
    ("cents", "text"),
    [(-45060, "-450.6"), (5601, "56.01"), (0, "0"), (5, ".05"), (-5, "-.05"), (100000, "1000")],
)
def test_amounts_have_no_zeros_to_spare(cents: int, text: str) -> None:
    assert money_text(cents) == text


def test_empty_elements_and_components_at_the_end_are_dropped() -> None:
    assert render_segment(["SV", ["HC", "99213", "", ""], "", "1", "", ""]) == "SV*HC:99213**1~"


@pytest.mark.parametrize("value", ["A*B", "A~B", "A:B", "A^B", "A\nB", "A\x00B"])
def test_a_value_with_a_delimiter_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(WritingError) as refused:
        render_segment(["REF", "6R", value])
    assert "REF02" in str(refused.value)
    assert value not in str(refused.value)


def test_delimiters_are_four_different_marks() -> None:
    for marks in (("*", "*", ":", "~"), ("A", "^", ":", "~"), ("**", "^", ":", "~")):
        with pytest.raises(ValueError, match="delimiter"):
            Delimiters(*marks)


ENVELOPE = Envelope(
    sender_qualifier="ZZ",
    sender_id="TPA01",
    receiver_qualifier="ZZ",
    receiver_id="LAKESIDE",
    sender_code="TPA01",
    receiver_code="LAKESIDE",
    at=datetime(2026, 3, 13, 12, 0, tzinfo=UTC),
    interchange_control_number=1234,
    usage_indicator="T",
    acknowledgment_requested=True,
)


def test_the_envelope_of_the_golden_sample_is_written_by_the_envelope_too() -> None:
    lines = GOLDEN.decode().splitlines()
    sets = [render_set("835", "0001", [["LX", "1"]])]
    text = ENVELOPE.group(
        functional_identifier_code="HP",
        group_control_number=1234,
        guide="005010X221A1",
        sets=sets,
    )
    assert ENVELOPE.header() == lines[0]
    assert text == f"{lines[1]}ST*835*0001~LX*1~SE*3*0001~{lines[-2]}"
    assert ENVELOPE.trailer(1) == lines[-1]


def test_an_isa_that_would_not_have_106_characters_is_refused() -> None:
    with pytest.raises(WritingError, match="106"):
        replace(ENVELOPE, sender_id="A" * 16).header()
