"""Posting: a journal is a set of transfers, each from a credited to a debited account.

A transfer moves one positive amount, so every journal balances by construction. The id of a journal
comes from business keys: posting it twice changes nothing, posting other transfers under it is
refused. Nothing is ever changed or deleted; what was wrong is taken back by the mirrored journal.

Rules with examples: docs/domain/ledger.md
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from transforms.ledger.chart import posting_accounts, require_accounts
from transforms.ledger.errors import JournalConflictError, LedgerError
from transforms.warehouse import Connection, read_integer, registered, select_table

TRANSFER_COLUMNS = (
    "transfer_id, journal_id, transfer_number, event_number, funding_account_id, debit_account,"
    " credit_account, amount_cents, business_date, description"
)

INCOMING = pa.schema(
    [
        ("journal_id", pa.string()),
        ("transfer_number", pa.int32()),
        ("event_number", pa.int64()),
        ("funding_account_id", pa.string()),
        ("debit_account", pa.string()),
        ("credit_account", pa.string()),
        ("amount_cents", pa.int64()),
        ("business_date", pa.date32()),
        ("description", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Transfer:
    """`amount_cents` (US cents, > 0) moves from `credit` to `debit`."""

    debit: str
    credit: str
    amount_cents: int
    description: str

    def __post_init__(self) -> None:
        if isinstance(self.amount_cents, bool) or not isinstance(self.amount_cents, int):
            raise LedgerError(f"an amount in cents is a whole number, not {self.amount_cents!r}")
        if self.amount_cents <= 0:
            raise LedgerError(
                f"a transfer moves more than 0 cents, not {self.amount_cents}: swap the accounts"
            )
        if self.debit == self.credit:
            raise LedgerError(f"a transfer needs two accounts, not {self.debit} twice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """One business event in the books of one funding account.

    Attributes:
        journal_id: `source_kind:source_id:step`, unique for ever.
        event_number: The recorded event it follows from.
    """

    journal_id: str
    funding_account_id: str
    event_number: int
    business_date: date
    transfers: tuple[Transfer, ...]


def transfers_of(
    event: str, amount_cents: int, description: str, **named: str
) -> tuple[Transfer, ...]:
    """Transfers a business event makes by its posting rule; none for an amount of 0.

    Args:
        event: A key of `postings.yaml`.
        amount_cents: US cents, >= 0.
        description: What the books say about it. Names no person.
        named: Accounts the rule leaves open.
    """
    if amount_cents == 0:
        return ()
    return tuple(
        Transfer(debit, credit, amount_cents, description)
        for debit, credit in posting_accounts(event, **named)
    )


def post(connection: Connection, journal: Journal) -> bool:
    """Post one journal; return False when it was posted before. A journal without transfers is none.

    Raises:
        JournalConflictError: It was posted before with other transfers.
        LedgerError: An account is not in the chart.
    """
    return post_journals(connection, [journal]) > 0


def post_journals(connection: Connection, journals: Sequence[Journal]) -> int:
    """Post several journals; return how many transfers are new. Errors as `post`."""
    rows = [
        {
            "journal_id": journal.journal_id,
            "transfer_number": number,
            "event_number": journal.event_number,
            "funding_account_id": journal.funding_account_id,
            "debit_account": transfer.debit,
            "credit_account": transfer.credit,
            "amount_cents": transfer.amount_cents,
            "business_date": journal.business_date,
            "description": transfer.description,
        }
        for journal in journals
        for number, transfer in enumerate(journal.transfers, start=1)
    ]
    return post_transfers(connection, pa.Table.from_pylist(rows, schema=INCOMING))


def post_transfers(connection: Connection, transfers: pa.Table) -> int:
    """Post the transfers of many journals at once; return how many are new.

    Args:
        connection: An open transaction of the warehouse.
        transfers: The columns of `INCOMING`; all transfers of each journal named, numbered from 1.

    Raises:
        JournalConflictError: A journal was posted before with other transfers.
        LedgerError: An account is not in the chart.
    """
    if transfers.num_rows == 0:
        return 0
    require_accounts(
        account
        for column in ("debit_account", "credit_account")
        for account in transfers.column(column).unique().to_pylist()
    )
    with registered(connection, "incoming_transfers", transfers.cast(INCOMING)):
        _refuse_other_content(connection)
        return read_integer(
            connection,
            f"insert into transfer ({TRANSFER_COLUMNS})"
            " select sha256(incoming.journal_id || chr(10) || incoming.transfer_number),"
            " incoming.journal_id, incoming.transfer_number, incoming.event_number,"
            " incoming.funding_account_id, incoming.debit_account, incoming.credit_account,"
            " incoming.amount_cents, incoming.business_date, incoming.description"
            " from incoming_transfers as incoming"
            " where not exists (select 1 from transfer"
            " where transfer.journal_id = incoming.journal_id)"
            " order by incoming.journal_id, incoming.transfer_number",
        )


def _refuse_other_content(connection: Connection) -> None:
    """Compare what is known of the incoming journals with what comes in."""
    content = (
        "journal_id, transfer_number, funding_account_id, debit_account, credit_account,"
        " amount_cents"
    )
    known = (
        f"select {content} from transfer"
        " where journal_id in (select journal_id from incoming_transfers)"
    )
    again = (
        f"select {content} from incoming_transfers"
        " where journal_id in (select journal_id from transfer)"
    )
    changed = connection.execute(
        f"select min(journal_id) from ((({known}) except ({again}))"
        f" union all (({again}) except ({known}))) as difference"
    ).fetchone()
    if changed is not None and changed[0] is not None:
        raise JournalConflictError(f"journal {changed[0]!r} was posted with other transfers")


def reverse(
    connection: Connection,
    journal_ids: Iterable[str],
    *,
    event_number: int,
    business_date: date,
    suffix: str,
) -> int:
    """Take journals back by mirrored ones named `<journal id>:<suffix>`; return how many transfers.

    Taking back twice under one suffix changes nothing; an id nobody posted has nothing to take back.
    """
    ids = sorted(set(journal_ids))
    if not ids:
        return 0
    with registered(connection, "reversed_journals", pa.table({"journal_id": ids})):
        mirrored = select_table(
            connection,
            "select transfer.journal_id || ':' || ? as journal_id, transfer.transfer_number,"
            " cast(? as bigint) as event_number, transfer.funding_account_id,"
            " transfer.credit_account as debit_account, transfer.debit_account as credit_account,"
            " transfer.amount_cents, cast(? as date) as business_date,"
            " 'Taken back: ' || transfer.description as description"
            " from transfer where journal_id in (select journal_id from reversed_journals)"
            " order by journal_id, transfer_number",
            [suffix, event_number, business_date],
        )
    return post_transfers(connection, mirrored)
