"""Make the bank file of released ACH payments: one CCD+ credit a payment, addenda with its trace.

Rules with a worked example: docs/domain/nacha.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

import pyarrow as pa

from edi.nacha import CREDITS_ONLY, MOST_CENTS, AchBatch, AchEntry, AchFile, write_ach
from transforms.plan.models import Configuration, Employer
from transforms.remittance.errors import RemittanceSourceError
from transforms.remittance.parties import employer_of, payee_of

FILE_MODIFIERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
CREDIT_CODES = {"checking": "22", "savings": "32"}
TRACES = 10**7
"""Trace numbers of a bank have seven digits of their own; they start again after the last."""


@dataclass(frozen=True, slots=True)
class AchDocument:
    """One bank file to send; the name holds account, day and number, and names nobody."""

    file_name: str
    content: bytes


def build_ach_file(
    *,
    configuration: Configuration,
    funding_account_id: str,
    payments: pa.Table,
    file_number: int,
    first_trace_number: int,
    at: datetime,
) -> AchDocument:
    """One file of all ACH payments of a funding account, one batch an effective date.

    Args:
        configuration: Administrator, employers, networks.
        funding_account_id: The account that pays; every payment's employer must own it.
        payments: Warehouse columns of `payment` with method ACH; not empty.
        file_number: Number of the file, from 1: 36 in a row have different modifiers.
        first_trace_number: Bank trace number of the first entry; payment n of the file, in the order
            of effective date and payment id, has that plus n.
        at: Time in the file header.

    Raises:
        RemittanceSourceError: A payment is not ACH, of another account, or its payee has no bank data.
        edi.nacha.NachaError: A routing number fails its check digit or a value does not fit.
    """
    rows = sorted(
        payments.to_pylist(), key=lambda row: (row["effective_date"], str(row["payment_id"]))
    )
    employer = _paying_employer(configuration, funding_account_id, rows)
    administrator = configuration.administrator
    traces = {
        row["payment_id"]: (first_trace_number + number - 1) % (TRACES - 1) + 1
        for number, row in enumerate(rows)
    }
    batches = tuple(
        _batch(
            configuration, employer, list(of_day), traces, number=number, effective_date=on, at=at
        )
        for number, (on, of_day) in enumerate(
            groupby(rows, key=lambda row: row["effective_date"]), start=1
        )
    )
    file = AchFile(
        destination_routing_number=administrator.bank.destination_routing_number,
        origin_id=administrator.company_id,
        created_at=at,
        file_id_modifier=FILE_MODIFIERS[(file_number - 1) % len(FILE_MODIFIERS)],
        destination_name=administrator.bank.destination_name,
        origin_name=administrator.name[:23].upper(),
        batches=batches,
    )
    name = f"ach_{funding_account_id}_{at:%Y%m%d}_{file_number:04d}.txt"
    return AchDocument(name, write_ach(file))


def _paying_employer(
    configuration: Configuration, funding_account_id: str, rows: Sequence[Mapping[str, Any]]
) -> Employer:
    for row in rows:
        employer = employer_of(configuration, row)
        if row["method"] != "ACH" or employer.funding.funding_account_id != funding_account_id:
            raise RemittanceSourceError(
                f"not an ACH payment of account {funding_account_id}",
                f"payment {row['payment_id']}",
                "Choose the payments of one account that are paid by ACH.",
            )
    if not rows:
        fix = "Make no file when nothing is paid by ACH."
        raise RemittanceSourceError("there is nothing to pay", f"account {funding_account_id}", fix)
    return employer_of(configuration, rows[0])


def _batch(
    configuration: Configuration,
    employer: Employer,
    rows: Sequence[Mapping[str, Any]],
    traces: Mapping[str, int],
    *,
    number: int,
    effective_date: date,
    at: datetime,
) -> AchBatch:
    administrator = configuration.administrator
    origin_bank = administrator.bank.origin_routing_number[:8]
    return AchBatch(
        service_class_code=CREDITS_ONLY,
        company_name=employer.payer.name[:16].rstrip(),
        company_id=administrator.company_id,
        entry_class_code="CCD",
        entry_description="HCCLAIMPMT",
        descriptive_date=at.date(),
        effective_date=effective_date,
        origin_bank=origin_bank,
        batch_number=number,
        entries=tuple(
            _entry(configuration, row, f"{origin_bank}{traces[row['payment_id']]:07d}")
            for row in rows
        ),
    )


def _entry(configuration: Configuration, row: Mapping[str, Any], trace: str) -> AchEntry:
    payee = payee_of(configuration, row)
    if payee is None or not payee.routing_number or not payee.account_number:
        fix = "Complete the payee's bank data, or pay by check."
        place = f"payment {row['payment_id']}"
        raise RemittanceSourceError("an ACH payment has no bank account to go to", place, fix)
    cents = int(row["amount_usd"].scaleb(2))
    if cents > MOST_CENTS:
        fix = "Split the payment in two with two trace numbers."
        raise RemittanceSourceError("over ten digits of cents", f"payment {row['payment_id']}", fix)
    return AchEntry(
        transaction_code=CREDIT_CODES[payee.account_kind],
        routing_number=payee.routing_number,
        account_number=payee.account_number,
        amount_cents=cents,
        individual_id=row["payee_npi"] or row["payee_tax_id"],
        individual_name=row["payee_name"][:22].rstrip(),
        trace_number=trace,
        payment_information=(
            f"TRN*1*{row['trace_number']}*{configuration.administrator.company_id}~"
        ),
    )
