"""What one night did, as data: the page, the terminal and `summary.json` are three views of it.

Amounts are US dollars as exact decimals and stand in the JSON as text. Nothing here is about one
member, and payees that are not in a network's contract appear without a name.
"""

import dataclasses
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from transforms.report.marts import Audit

SUMMARY_FILE = "summary.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conservation:
    """A law of the night: what went in is what came out. `unit` is bytes, segments, claims or USD."""

    law: str
    left_name: str
    left: Decimal
    right_name: str
    right: Decimal
    unit: str

    @property
    def holds(self) -> bool:
        """Whether both sides agree exactly."""
        return self.left == self.right


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """One file a partner dropped, what was in it and how it was answered."""

    partner_id: str
    remote_name: str
    drop_status: str
    content: str
    byte_count: int
    set_count: int
    set_accepted_count: int
    set_rejected_count: int
    record_count: int
    claim_rejected_count: int
    ta1_count: int
    acknowledgment_999_count: int
    acknowledgment_277ca_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRow:
    """Transaction sets of one kind."""

    transaction_set_code: str
    received: int
    accepted: int
    accepted_with_errors: int
    rejected: int
    record_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCounts:
    """Claims of the night. `received` counts every claim of every 837 set that was read."""

    received: int
    refused_with_set: int
    returned: int
    approved: int
    denied: int
    pended: int
    cancelled: int
    reversals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """US dollars of the night."""

    billed_usd: Decimal
    allowed_usd: Decimal
    paid_usd: Decimal
    member_usd: Decimal
    requested_usd: Decimal
    deposited_usd: Decimal
    released_usd: Decimal
    waiting_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Dollars:
    """Where a part of the billed dollars went. `group` is paid, discount, member, denied or open."""

    group: str
    label: str
    amount_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """Claims or lines under one code, with what the code means in our words."""

    code: str
    meaning: str
    count: int
    amount_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """One line of a funding request."""

    reference: str
    kind: str
    description: str
    quantity: int
    rate_usd: Decimal | None
    amount_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """One funding cycle with its request and what is paid of it."""

    employer_id: str
    employer_name: str
    cycle_id: str
    cycle_date: date
    cycle_state: str
    request_number: str
    request_date: date | None
    due_date: date | None
    claim_count: int
    net_usd: Decimal
    request_usd: Decimal
    carried_usd: Decimal
    deposited_usd: Decimal
    balance_usd: Decimal
    age_bucket: str
    lines: tuple[RequestLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """One payment. `payee_name` is empty unless a network's contract names the payee."""

    employer_id: str
    payee_name: str
    payee_npi: str
    method: str
    status: str
    trace_number: str
    claim_count: int
    amount_usd: Decimal
    effective_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetMonth:
    """Budget and actual of one month; actual is None for months not begun."""

    month: date
    budget_usd: Decimal
    actual_usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRow:
    """One component of a budget, year to date through the night's month."""

    employer_id: str
    employer_name: str
    component_id: str
    description: str
    ytd_budget_usd: Decimal
    ytd_actual_usd: Decimal
    ytd_variance_usd: Decimal
    ytd_variance_basis_points: int | None
    annual_budget_usd: Decimal
    projected_usd: Decimal
    projected_basis_points: int | None
    alerts: tuple[str, ...]
    months: tuple[BudgetMonth, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRow:
    """One account of the trial balance; a debit balance is positive."""

    funding_account_id: str
    account: str
    name: str
    debit_usd: Decimal
    credit_usd: Decimal
    balance_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Everything the report of a night says.

    Attributes:
        payment_count: All payments of the night; `payments` holds the greatest of them.
        enrollment: Coverage transactions by what was done with them.
        documents: Documents of the night by kind.
        mart_files: Names of the files that hold the rows behind the figures.
        last_event: Number and time of the last event the figures include.
    """

    night: date
    administrator: str
    last_event: int
    last_event_at: str
    files: tuple[FileRow, ...]
    file_count: int
    sets: tuple[SetRow, ...]
    claims: ClaimCounts
    money: Money
    dollars: tuple[Dollars, ...]
    returned: tuple[CodeRow, ...]
    pended: tuple[CodeRow, ...]
    denied: tuple[CodeRow, ...]
    enrollment: tuple[CodeRow, ...]
    requests: tuple[RequestRow, ...]
    payments: tuple[PaymentRow, ...]
    payment_count: int
    released_count: int
    budgets: tuple[BudgetRow, ...]
    trial_balance: tuple[BalanceRow, ...]
    documents: dict[str, int]
    conservation: tuple[Conservation, ...]
    audits: tuple[Audit, ...]
    mart_files: tuple[str, ...]

    @property
    def wrong(self) -> tuple[str, ...]:
        """Laws and audits that do not hold; empty on a good night."""
        laws = [line.law for line in self.conservation if not line.holds]
        return (*laws, *(audit.promise for audit in self.audits if audit.wrong_count))

    @property
    def is_right(self) -> bool:
        """Whether every law and audit holds."""
        return not self.wrong

    def to_json(self) -> str:
        """Canonical text: amounts and dates as text, keys sorted, one value a line."""
        value = dataclasses.asdict(self)
        for line, law in zip(value["conservation"], self.conservation, strict=True):
            line["verdict"] = "OK" if law.holds else "WRONG"
        value["wrong"] = list(self.wrong)
        return json.dumps(value, default=_text, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    def write(self, folder: Path) -> Path:
        """Write `summary.json` and return its path."""
        path = folder / SUMMARY_FILE
        path.write_text(self.to_json(), encoding="utf-8")
        return path


def read_summary(folder: Path) -> Summary:
    """Read the summary back from the report folder of a night.

    Raises:
        FileNotFoundError: The night has no report.
        KeyError, ValueError: The file was written by other code.
    """
    value = json.loads((folder / SUMMARY_FILE).read_text(encoding="utf-8"))
    summary: Summary = _decode(Summary, value)
    return summary


def _text(value: Any) -> str:
    if isinstance(value, Decimal | date):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a summary")


def _decode(kind: Any, value: Any) -> Any:
    """Turn JSON back into what `kind` says it was."""
    origin = get_origin(kind)
    if origin is tuple:
        return tuple(_decode(get_args(kind)[0], item) for item in value)
    if origin in {Union, UnionType}:
        return None if value is None else _decode(get_args(kind)[0], value)
    if kind is date:
        return date.fromisoformat(value)
    if kind is Decimal:
        return Decimal(value)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        names = [field.name for field in dataclasses.fields(kind)]
        return kind(**{name: _decode(hints[name], value[name]) for name in names})
    return value
