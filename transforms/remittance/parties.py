"""Who pays, who is paid and how: the payment table of the 835 from configuration and payment rows."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from transforms.plan.models import Configuration, Contract, Employer, Payee
from transforms.remittance.errors import RemittanceSourceError

ACCOUNT_QUALIFIERS = {"checking": "DA", "savings": "SG"}
DECEMBER_31 = (12, 31)

PaymentRow = Mapping[str, Any]


def contract_of(configuration: Configuration, payment: PaymentRow) -> Contract | None:
    """The contract that names the payee; None when the claims do.

    Raises:
        RemittanceSourceError: The payment names a contract that is not configured.
    """
    contract_id = payment["payee_contract_id"]
    if not contract_id:
        return None
    for network in configuration.networks.values():
        for contract in network.contracts:
            if contract.contract_id == contract_id:
                return contract
    fix = "Configure the contract again, or draft the payment anew."
    place = f"payment {payment['payment_id']}"
    raise RemittanceSourceError(f"contract {contract_id} is not configured", place, fix)


def payee_of(configuration: Configuration, payment: PaymentRow) -> Payee | None:
    """The payee of the payment's contract; None without a contract."""
    contract = contract_of(configuration, payment)
    return contract.payee if contract else None


def employer_of(configuration: Configuration, payment: PaymentRow) -> Employer:
    """The plan sponsor whose plan pays.

    Raises:
        RemittanceSourceError: It is not configured.
    """
    employer = configuration.employers.get(payment["employer_id"])
    if employer is None:
        fix = "Configure the employer; a payment outlives its agreement."
        place = f"payment {payment['payment_id']}"
        raise RemittanceSourceError(f"employer {payment['employer_id']} is unknown", place, fix)
    return employer


def payment_columns(
    configuration: Configuration, payment: PaymentRow, billing_address: Mapping[str, str | None]
) -> dict[str, Any]:
    """One row of the writer's payment table.

    Args:
        configuration: Administrator, partners, employers, networks.
        payment: Warehouse columns, with interchange_control_number and group_control_number.
        billing_address: Street, city, state and ZIP code of the payee without a contract.
    """
    employer = employer_of(configuration, payment)
    payee = payee_of(configuration, payment)
    method = payment["method"]
    return {
        "payment_id": payment["payment_id"],
        **_addresses(configuration, payment),
        "interchange_control_number": payment["interchange_control_number"],
        "group_control_number": payment["group_control_number"],
        "transaction_handling_code": "H" if method == "NON" else "I",
        "payment_usd": payment["amount_usd"],
        "credit_debit_code": "C",
        "payment_method_code": method,
        **(_bank_columns(configuration, employer, payee, payment) if method == "ACH" else {}),
        "effective_date": payment["effective_date"] or payment["released_date"],
        "trace_number": payment["trace_number"],
        "payer_identifier": configuration.administrator.company_id,
        "production_date": payment["released_date"],
        "payer_name": employer.payer.name,
        "payer_street": employer.payer.address.street,
        "payer_city": employer.payer.address.city,
        "payer_state_code": employer.payer.address.state,
        "payer_zip_code": employer.payer.address.zip_code,
        "payee_name": payment["payee_name"],
        "payee_id_qualifier": "XX" if payment["payee_npi"] else "FI",
        "payee_id": payment["payee_npi"] or payment["payee_tax_id"],
        **(_payee_address(payee) if payee else billing_address),
    }


def _addresses(configuration: Configuration, payment: PaymentRow) -> dict[str, str]:
    administrator = configuration.administrator
    partner_id = payment["receiver_partner_id"]
    partner = configuration.partners.get(partner_id)
    if partner is None or not partner.sender_ids:
        fix = "Give the partner an interchange id in partners/."
        place = f"payment {payment['payment_id']}"
        raise RemittanceSourceError(f"partner {partner_id} has no interchange id", place, fix)
    sender_qualifier, _, sender_id = administrator.interchange_id.partition(":")
    receiver_qualifier, _, receiver_id = partner.sender_ids[0].partition(":")
    return {
        "sender_qualifier": sender_qualifier,
        "sender_id": sender_id,
        "receiver_qualifier": receiver_qualifier,
        "receiver_id": receiver_id,
        "sender_code": administrator.application_id,
        "receiver_code": receiver_id,
        "acknowledgment_requested_code": "1",
        "usage_indicator": administrator.usage_indicator,
    }


def _bank_columns(
    configuration: Configuration, employer: Employer, payee: Payee | None, payment: PaymentRow
) -> dict[str, str | None]:
    if payee is None or not payee.routing_number or not payee.account_number:
        fix = "Complete the payee's bank data, or pay by check."
        place = f"payment {payment['payment_id']}"
        raise RemittanceSourceError("an ACH payment has no bank account to go to", place, fix)
    return {
        "payment_format_code": "CCP",
        "payer_bank_qualifier": "01",
        "payer_routing_number": employer.funding.bank.routing_number,
        "payer_account_qualifier": "DA",
        "payer_account_number": employer.funding.bank.account_number,
        "originating_company_id": configuration.administrator.company_id,
        "payee_bank_qualifier": "01",
        "payee_routing_number": payee.routing_number,
        "payee_account_qualifier": ACCOUNT_QUALIFIERS[payee.account_kind],
        "payee_account_number": payee.account_number,
    }


def _payee_address(payee: Payee) -> dict[str, str | None]:
    return {
        "payee_street": payee.address.street,
        "payee_city": payee.address.city,
        "payee_state_code": payee.address.state,
        "payee_zip_code": payee.address.zip_code,
    }


def payer_rows(
    configuration: Configuration, payments: Sequence[PaymentRow]
) -> dict[str, list[dict[str, Any]]]:
    """Rows of the writer's reference and contact tables, in payment order."""
    tables: dict[str, list[dict[str, Any]]] = {
        "payer_reference": [],
        "payer_contact": [],
        "payee_reference": [],
        "claim_group": [],
    }
    for row, payment in enumerate(payments):
        payer = employer_of(configuration, payment).payer
        tables["payer_reference"].append(
            {"parent_row": row, "qualifier": "2U", "value": payer.payer_id}
        )
        tables["payer_contact"].append(
            {
                "parent_row": row,
                "function_code": "BL",
                "name": payer.contact.name,
                "number_1_qualifier": "TE",
                "number_1": payer.contact.telephone,
                "number_2_qualifier": "EM",
                "number_2": payer.contact.email,
            }
        )
        if payment["payee_npi"] and payment["payee_tax_id"]:
            tables["payee_reference"].append(
                {"parent_row": row, "qualifier": "TJ", "value": payment["payee_tax_id"]}
            )
        tables["claim_group"].append({"parent_row": row, "group_number": 1})
    return tables


def provider_adjustment_rows(
    payments: Sequence[PaymentRow], adjustments: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """PLB rows in payment order; the fiscal period of a payee ends with the calendar year."""
    row_of = {payment["payment_id"]: row for row, payment in enumerate(payments)}
    kept = [adjustment for adjustment in adjustments if adjustment["payment_id"] in row_of]
    kept.sort(key=lambda a: (row_of[a["payment_id"]], a["adjustment_number"]))
    return [
        {
            "parent_row": row_of[adjustment["payment_id"]],
            "provider_id": _provider_id(payments[row_of[adjustment["payment_id"]]]),
            "fiscal_period_date": _year_end(payments[row_of[adjustment["payment_id"]]]),
            "reason_code": adjustment["reason_code"],
            "reference": adjustment["reference"],
            "amount_usd": adjustment["amount_usd"],
        }
        for adjustment in kept
    ]


def _provider_id(payment: PaymentRow) -> str:
    return str(payment["payee_npi"] or payment["payee_tax_id"])


def _year_end(payment: PaymentRow) -> date:
    return date(payment["released_date"].year, *DECEMBER_31)


SCHEMAS = {
    "payer_reference": {"qualifier": pa.string(), "value": pa.string()},
    "payee_reference": {"qualifier": pa.string(), "value": pa.string()},
    "payer_contact": {
        "function_code": pa.string(),
        "name": pa.string(),
        "number_1_qualifier": pa.string(),
        "number_1": pa.string(),
        "number_2_qualifier": pa.string(),
        "number_2": pa.string(),
    },
    "claim_group": {"group_number": pa.int64()},
    "provider_adjustment": {
        "provider_id": pa.string(),
        "fiscal_period_date": pa.date32(),
        "reason_code": pa.string(),
        "reference": pa.string(),
        "amount_usd": pa.decimal128(14, 2),
    },
}


def child_table(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows of a small child table with the types the writer wants."""
    schema = pa.schema([("parent_row", pa.int64()), *SCHEMAS[name].items()])
    return pa.Table.from_pylist(list(rows), schema=schema)
