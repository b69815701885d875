"""Who is paid for a claim: the payee of the contract it was priced under, else its billing provider.

A payee without a contract gets a check and a paper remittance through the print vendor.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.funding.errors import FundingError
from transforms.manifest import recorded_key
from transforms.plan.models import Configuration
from transforms.warehouse import Connection, registered

PRINT_PARTNER = "print"

CONTRACT_PAYEE = pa.schema(
    [
        ("contract_id", pa.string()),
        ("payee_name", pa.string()),
        ("payee_method", pa.string()),
        ("receiver_partner_id", pa.string()),
    ]
)

# The first claim of each payee whose name only a claim tells, with where its file was read to.
UNNAMED = """
select
    draft_payment.payment_id,
    claim_decision.file_id,
    claim_decision.claim_index,
    file_register.night
from draft_payment
inner join claim_decision on claim_decision.decision_id = draft_payment.first_decision_id
left join file_register on file_register.file_id = claim_decision.file_id
where draft_payment.payee_name is null
order by draft_payment.payment_id
"""


def contract_payees(configuration: Configuration) -> pa.Table:
    """Payee of every contract of every network.

    Raises:
        FundingError: A payee's receiver is not a partner.
    """
    rows = []
    for network in configuration.networks.values():
        for contract in network.contracts:
            payee = contract.payee
            if payee.receiver_partner_id not in configuration.partners:
                raise FundingError(
                    f"contract {contract.contract_id} sends its remittances to"
                    f" {payee.receiver_partner_id}, which is not a partner"
                )
            rows.append(
                {
                    "contract_id": contract.contract_id,
                    "payee_name": payee.name,
                    "payee_method": payee.method,
                    "receiver_partner_id": payee.receiver_partner_id,
                }
            )
    return pa.Table.from_pylist(rows, schema=CONTRACT_PAYEE)


def name_payees(connection: Connection, lake: Path) -> None:
    """Give every draft payment without a contract the billing provider's name from its first claim.

    Raises:
        FundingError: A claim's file was never registered, or names no billing provider.
    """
    unnamed = connection.execute(UNNAMED).fetchall()
    by_file: dict[tuple[str, object], list[tuple[str, int]]] = {}
    for payment_id, file_id, claim_index, night in unnamed:
        if night is None:
            raise FundingError(f"file {file_id} of a decided claim is not in the register")
        by_file.setdefault((file_id, night), []).append((payment_id, claim_index))
    named: list[dict[str, str]] = []
    for (file_id, night), wanted in by_file.items():
        claims = lake / recorded_key(lake, night, "read", file_id) / "claims.parquet"  # type: ignore[arg-type]
        names = _provider_names(claims, [claim_index for _, claim_index in wanted])
        if len(names) != len({claim_index for _, claim_index in wanted}):
            raise FundingError(f"a claim of file {file_id} names no billing provider")
        named += [
            {"payment_id": payment_id, "payee_name": names[claim_index]}
            for payment_id, claim_index in wanted
        ]
    if named:
        with registered(connection, "named_payees", pa.Table.from_pylist(named)):
            connection.execute(
                "update draft_payment set payee_name = named_payees.payee_name from named_payees"
                " where named_payees.payment_id = draft_payment.payment_id"
            )


def _provider_names(claims: Path, claim_indexes: list[int]) -> dict[int, str]:
    """Billing provider of some claims of a file, by claim; one without a name is left out."""
    wanted = pc.field("claim_index").isin(claim_indexes)
    rows = pq.read_table(claims, columns=["claim_index", "billing_provider_name"], filters=wanted)
    return {
        row["claim_index"]: name
        for row in rows.to_pylist()
        if (name := row["billing_provider_name"])
    }
