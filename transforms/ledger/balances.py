"""What the books say: balances of accounts, and the audits that must find nothing."""

from dataclasses import dataclass
from importlib.resources import files

from transforms.warehouse import Connection

BALANCES = """
with posting as (
    select
        funding_account_id,
        debit_account as account,
        amount_cents as cents
    from transfer
    union all
    select
        funding_account_id,
        credit_account as account,
        -amount_cents as cents
    from transfer
)

select
    account,
    cast(sum(cents) as bigint) as balance_cents
from posting
where funding_account_id = ?
group by account
order by account
"""


def account_balances(connection: Connection, funding_account_id: str) -> dict[str, int]:
    """Debits less credits in cents of every account that was ever posted to."""
    rows = connection.execute(BALANCES, [funding_account_id]).fetchall()
    return {str(account): int(cents) for account, cents in rows}


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """An audit that selected rows: how many, and the first of them as text."""

    audit: str
    row_count: int
    first_row: str


def run_audits(connection: Connection) -> list[AuditFinding]:
    """Run every query of `sql/audits`; each selects rows that are wrong, so all must select none."""
    findings = []
    for entry in sorted(files("sql.audits").iterdir(), key=lambda entry: entry.name):
        if not entry.name.endswith(".sql") or entry.name.startswith("mart_"):
            continue
        wrong = connection.execute(entry.read_text(encoding="utf-8")).fetchall()
        if wrong:
            first = ", ".join(str(value) for value in wrong[0])
            findings.append(AuditFinding(entry.name.removesuffix(".sql"), len(wrong), first))
    return findings
