"""What must be true at the end of a week, whatever went wrong in it."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.soak.partners import ON_SERVER, Partners
from transforms.exchange.register import printable
from transforms.sample.comparison import WAREHOUSE_TABLES, compare_with_answers
from transforms.warehouse import Connection, Warehouse, in_duckdb, table_columns

LEDGER = (
    "accumulator_transaction", "claim_decision", "counted_member", "cycle", "cycle_claim", "deposit",
    "deposit_allocation", "eligibility_span", "fund_credit", "funding_balance", "funding_line",
    "funding_request", "line_adjustment", "line_decision", "member", "payment", "payment_release",
    "provider_adjustment", "rejected_claim", "transfer",
)  # fmt: skip
"""Who is covered, what was decided, what is owed, asked for, paid in and paid out."""

NOT_COMPARED = (
    "event_number", "valid_from_event", "valid_to_event", "received_at",  # when it was noted
    "decisions_key",  # a folder named by what was known then, events of deliveries among it
)  # fmt: skip
"""Columns that tell when the machine got round to something, not what came of it."""


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def rows_of(connection: Connection, query: str) -> list[tuple[object, ...]]:
    """All rows of a query."""
    return connection.execute(query).fetchall()


def files_known(warehouse: str) -> list[str]:
    """Ids of all files, in order."""
    with Warehouse(warehouse).transaction() as connection:
        found = rows_of(connection, "select file_id from file_register order by file_id")
    return [str(file_id) for (file_id,) in found]


def unaccounted(partners: Partners, home: Path, warehouse: str) -> list[str]:
    """Files that were dropped and of which the system cannot say what became."""
    with Warehouse(warehouse).transaction() as connection:
        received = Counter(
            rows_of(
                connection, "select partner_id, remote_name, received_digest from received_drop"
            )
        )
        unread = rows_of(
            connection,
            "select file_id from file_register where content_kind = 'x12'"
            " and (night is null or status = 'RECEIVED')",
        )
        known = rows_of(connection, "select file_id from file_register")
    found = []
    expected: Counter[tuple[object, ...]] = Counter(
        (one.partner_id, printable(one.name), one.digest) for one in partners.dropped
    )
    found += [f"dropped, but not received once: {one}" for one in (expected - received)]
    found += [f"received, but not dropped: {one}" for one in (received - expected)]
    found += [f"never read: {one}" for one in unread]
    found += [
        f"its bytes are gone: {file_id}"
        for (file_id,) in known
        if digest_of(home / "raw" / str(file_id)[:2] / str(file_id)) != file_id
    ]
    for one in partners.dropped:
        if one.partner_id in ON_SERVER:
            lying = partners.inbound(one.partner_id).rglob(one.name)
            if [digest_of(path) for path in lying] != [one.digest]:
                found.append(f"not in the archive as it was dropped: {one}")
    return found


def twice_or_never(partners: Partners, home: Path, warehouse: str) -> list[str]:
    """Payments, answers and deliveries that happened twice, or not at all."""
    queries = {
        "decision in two cycles": "select decision_id from cycle_claim group by 1 having count(*) > 1",
        "payment with two remittances": "select about from outbox where document_kind = '835'"
        " group by about having count(*) > 1",
        "payment released without a remittance": "select payment_id from payment"
        " where status = 'RELEASED' and remittance_document_id is null",
        "release left open": "select release_id from payment_release where status <> 'RELEASED'",
        "file answered twice": "select about, document_kind from outbox"
        " where document_kind in ('TA1', '999', '277CA') and document_id not like 'again/%'"
        " group by about, document_kind having count(*) > 1",
        "drop answered again twice": "select document_id from outbox group by 1 having count(*) > 1",
        "set of a good interchange without a 999": "select distinct t.file_id"
        " from transaction_set as t inner join interchange as i on i.file_id = t.file_id"
        " and i.interchange_index = t.interchange_index and i.acknowledgment_code <> 'R'"
        " left join outbox as o on o.about = t.file_id and o.document_kind = '999'"
        " where o.document_id is null",
        "never delivered": "select document_id from outbox where delivered_at is null",
        "delivered without a receipt": "select o.document_id from outbox as o left join event as e"
        " on e.business_key = 'document_delivered:' || o.document_id where e.event_number is null",
    }  # fmt: skip
    found = []
    with Warehouse(warehouse).transaction() as connection:
        for what, query in queries.items():
            found += [f"{what}: {row}" for row in rows_of(connection, query)]
        documents = rows_of(
            connection, "select partner_id, delivered_name, content_digest from outbox"
        )
    at_places = {}
    for partner_id, name, digest in documents:
        path = home / "outbound" / str(partner_id) / str(name)
        if partner_id in ON_SERVER:
            path = partners.server.root / str(partner_id) / "out" / str(name)
            times = partners.shown[f"{partner_id}/out/{name}"]
            if times != 1:
                found.append(f"shown to {partner_id} {times} times: {name}")
        at_places[path] = digest
    found += [
        f"not as it was made: {path.name}"
        for path, digest in at_places.items()
        if not path.exists() or digest_of(path) != digest
    ]
    lying = [p for p in partners.server.root.glob("*/out/*") if p.is_file()]
    lying += [p for p in (home / "outbound").glob("*/*") if p.is_file()]
    found += [f"nobody sent it: {path}" for path in lying if path not in at_places]
    return found


def differences_from_answers(week: Path, nights: Sequence[str], warehouse: str) -> list[str]:
    """What any night came to other than known, as it stood when that night ended."""
    found = []
    with (
        Warehouse(warehouse).read() as connection,
        in_duckdb(connection, WAREHOUSE_TABLES) as joined,
    ):
        for night in nights:
            told = compare_with_answers(week / "answers" / night, joined)
            found += [f"{night}: {line}" for line in told]
    return found


def ledger_of(warehouse: str) -> dict[str, Counter[str]]:
    """Rows of each table of the ledger."""
    ledger = {}
    with Warehouse(warehouse).transaction() as connection:
        for table in LEDGER:
            columns = [c for c in table_columns(connection, table) if c not in NOT_COMPARED]
            found = rows_of(connection, f"select {', '.join(columns)} from {table}")
            ledger[table] = Counter(json.dumps(row, default=str) for row in found)
    return ledger


def ledger_differences(had: dict[str, Counter[str]], have: dict[str, Counter[str]]) -> list[str]:
    """Rows that only one of two ledgers has, counted by table."""
    return [
        f"{table}: {(had[table] - have[table]).total()} rows missing,"
        f" {(have[table] - had[table]).total()} not expected"
        for table in LEDGER
        if had[table] != have[table]
    ]


def faults_found(
    partners: Partners, home: Path, warehouse: str, nights: Sequence[str]
) -> list[str]:
    """Everything that is not as it must be; empty when the week is right."""
    return [
        *unaccounted(partners, home, warehouse),
        *twice_or_never(partners, home, warehouse),
        *differences_from_answers(partners.week, nights, warehouse),
    ]
