"""Double-entry books of the employers' plan funds: append-only, idempotent, balanced by form."""

from transforms.ledger.balances import AuditFinding, account_balances, run_audits
from transforms.ledger.chart import Account, accounts, claims_expense_accounts, posting_accounts
from transforms.ledger.errors import JournalConflictError, LedgerError
from transforms.ledger.journal import (
    INCOMING,
    Journal,
    Transfer,
    post,
    post_journals,
    post_transfers,
    reverse,
    transfers_of,
)

__all__ = [
    "INCOMING",
    "Account",
    "AuditFinding",
    "Journal",
    "JournalConflictError",
    "LedgerError",
    "Transfer",
    "account_balances",
    "accounts",
    "claims_expense_accounts",
    "post",
    "post_journals",
    "post_transfers",
    "posting_accounts",
    "reverse",
    "run_audits",
    "transfers_of",
]
