"""The chart of accounts and the posting rules, read from data once."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from transforms.ledger.errors import LedgerError


@dataclass(frozen=True, slots=True)
class Account:
    """One account; `kind` tells on which side its balance normally stands."""

    account: str
    name: str
    kind: str


def _load(name: str) -> Any:
    text = files("transforms.ledger").joinpath(name).read_text(encoding="utf-8")
    return YAML(typ="safe").load(text)


@cache
def accounts() -> dict[str, Account]:
    """Every account by its number."""
    return {
        entry["account"]: Account(**entry) for entry in _load("chart_of_accounts.yaml")["accounts"]
    }


@cache
def claims_expense_accounts() -> dict[str, str]:
    """Expense account of the claims of a product line."""
    return dict(_load("chart_of_accounts.yaml")["claims_expense"])


@cache
def _posting_rules() -> dict[str, list[dict[str, str]]]:
    return dict(_load("postings.yaml"))


def posting_accounts(event: str, **named: str) -> list[tuple[str, str]]:
    """Debit and credit account of each transfer a business event makes.

    Args:
        event: A key of `postings.yaml`.
        named: The account a name of the rule stands for, e.g. `claims_expense="5000"`.

    Raises:
        LedgerError: There is no such rule, a name is left open, or an account is not in the chart.
    """
    rules = _posting_rules()
    if event not in rules:
        raise LedgerError(f"no posting rule for {event!r}")
    pairs = [
        (named.get(rule["debit"], rule["debit"]), named.get(rule["credit"], rule["credit"]))
        for rule in rules[event]
    ]
    require_accounts(account for pair in pairs for account in pair)
    return pairs


def require_accounts(numbers: Any) -> None:
    """Refuse accounts the chart does not have.

    Raises:
        LedgerError: Names the first of them.
    """
    for number in sorted(set(numbers)):
        if number not in accounts():
            raise LedgerError(f"account {number!r} is not in the chart of accounts")
