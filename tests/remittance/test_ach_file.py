"""Bank files from payment rows and configuration."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from edi.nacha import read_ach
from tests.remittance.lake import payment
from tests.remittance.test_build import configuration
from transforms.remittance import AchDocument, RemittanceSourceError, build_ach_file
from validations.ach_check import ach_facts, check_ach

AT = datetime(2026, 3, 16, 12, 0, tzinfo=UTC)


def ach_file(payments: list[dict[str, Any]], **options: Any) -> AchDocument:
    return build_ach_file(
        configuration=configuration(),
        funding_account_id=options.pop("funding_account_id", "ACME-CLAIMS"),
        payments=pa.Table.from_pylist(payments),
        **{"file_number": 1, "first_trace_number": 1, "at": AT, **options},
    )


def test_the_golden_payment_becomes_one_credit() -> None:
    document = ach_file([payment()])
    assert document.file_name == "ach_ACME-CLAIMS_20260316_0001.txt"
    assert check_ach(document.content) == []
    lines = document.content.decode().splitlines()
    assert lines[0].startswith("101 09100001914112345672603161200A094101FED BANK  ")
    assert lines[1][:20] == "5220ACME WIDGETS HEA"
    assert lines[2] == (
        "6220710000137654321          00000056011999999984     LAKESIDE CLINIC         1"
        "091000010000001"
    )
    assert lines[3][:33] == "705TRN*1*A0000001234*1411234567~ "


def test_each_effective_date_is_a_batch_and_traces_go_on() -> None:
    payments = [
        payment(payment_id="P3", trace_number="A3", effective_date=date(2026, 3, 19)),
        payment(payment_id="P2", trace_number="A2", amount_usd=Decimal("1.00")),
        payment(
            payment_id="P1",
            trace_number="A1",
            payee_contract_id="NS-NORTH",
            payee_npi="1666666668",
            payee_name="NORTH HOSPITAL AND CLINICS OF DULUTH",
        ),
    ]
    document = ach_file(payments, file_number=37, first_trace_number=500)
    file = read_ach(document.content)
    assert check_ach(document.content) == []
    assert file.file_id_modifier == "A"
    assert [batch.effective_date.day for batch in file.batches] == [18, 19]
    entries = [entry for batch in file.batches for entry in batch.entries]
    assert [entry.trace_number[-4:] for entry in entries] == ["0500", "0501", "0502"]
    assert [facts.trace_number for facts in ach_facts(document.content)] == ["A1", "A2", "A3"]
    assert entries[0].individual_name == "NORTH HOSPITAL AND CLI"
    assert entries[0].routing_number == "091000019"


@pytest.mark.parametrize(("number", "modifier"), [(1, "A"), (26, "Z"), (27, "0"), (36, "9")])
def test_files_of_a_day_are_told_apart(number: int, modifier: str) -> None:
    assert read_ach(ach_file([payment()], file_number=number).content).file_id_modifier == modifier


@pytest.mark.parametrize(
    ("payments", "account", "problem"),
    [
        ([payment(method="CHK")], "ACME-CLAIMS", "not an ACH payment"),
        ([payment()], "OTHER", "not an ACH payment of account OTHER"),
        ([payment(payee_contract_id="")], "ACME-CLAIMS", "no bank account"),
        ([payment(amount_usd=Decimal("100000000.00"))], "ACME-CLAIMS", "over ten digits"),
    ],
    ids=["check", "another account", "no bank data", "too much"],
)
def test_what_cannot_be_paid_by_ach_is_refused(
    payments: list[dict[str, Any]], account: str, problem: str
) -> None:
    with pytest.raises(RemittanceSourceError, match=problem):
        ach_file(payments, funding_account_id=account)


def test_no_payment_makes_no_file() -> None:
    with pytest.raises(RemittanceSourceError, match="nothing to pay"):
        build_ach_file(
            configuration=configuration(),
            funding_account_id="ACME-CLAIMS",
            payments=pa.Table.from_pylist([payment()]).slice(0, 0),
            file_number=1,
            first_trace_number=1,
            at=AT,
        )
