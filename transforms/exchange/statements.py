"""Deposits and approvals that partners drop as CSV files.

A line that cannot be read is never dropped in silence: the file is refused as a whole with the
number of the line, and the night goes on without it.
"""

import csv
import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from transforms.config import PipelineConfig
from transforms.warehouse import Warehouse

DEPOSIT_COLUMNS = ["bank_reference", "funding_account_id", "received_date", "amount_usd"]
APPROVAL_COLUMNS = ["funding_account_id", "cycle_date", "approved_by", "approved_at"]

LARGEST_AMOUNT = Decimal(10) ** 12

Line = TypeVar("Line", "DepositLine", "ApprovalLine")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DepositLine:
    """Money the bank says arrived. `amount_usd` > 0, whole cents."""

    bank_reference: str
    funding_account_id: str
    received_date: date
    amount_usd: Decimal
    file_id: str


@dataclass(frozen=True, slots=True)
class ApprovalLine:
    """A plan sponsor's yes to the funding request of one cycle."""

    funding_account_id: str
    cycle_date: date
    approved_by: str
    approved_at: datetime
    file_id: str


class StatementError(ValueError):
    """A deposits or approvals file is not in its form; the message names the line, not its content."""


def read_deposits(config: PipelineConfig, warehouse: Warehouse, night: date) -> list[DepositLine]:
    """Deposits of the files this night took, in (file, line) order."""
    return _read(config, warehouse, night, "deposits", parse_deposits)


def read_approvals(config: PipelineConfig, warehouse: Warehouse, night: date) -> list[ApprovalLine]:
    """Approvals of the files this night took, in (file, line) order."""
    return _read(config, warehouse, night, "approvals", parse_approvals)


def parse_deposits(file_id: str, content: bytes) -> list[DepositLine]:
    """Read a deposits file.

    Raises:
        StatementError: A column, date or amount is not in its form, or an amount is not > 0.
    """
    return [
        DepositLine(
            bank_reference=row["bank_reference"],
            funding_account_id=row["funding_account_id"],
            received_date=_day(row["received_date"], number),
            amount_usd=_amount(row["amount_usd"], number),
            file_id=file_id,
        )
        for number, row in _rows(content, DEPOSIT_COLUMNS)
    ]


def parse_approvals(file_id: str, content: bytes) -> list[ApprovalLine]:
    """Read an approvals file; times must carry their zone.

    Raises:
        StatementError: A column, date or time is not in its form.
    """
    return [
        ApprovalLine(
            funding_account_id=row["funding_account_id"],
            cycle_date=_day(row["cycle_date"], number),
            approved_by=row["approved_by"],
            approved_at=_moment(row["approved_at"], number),
            file_id=file_id,
        )
        for number, row in _rows(content, APPROVAL_COLUMNS)
    ]


def _read(
    config: PipelineConfig,
    warehouse: Warehouse,
    night: date,
    content_kind: str,
    parse: Callable[[str, bytes], list[Line]],
) -> list[Line]:
    """Parse every file of a kind that the night took; mark each READ or REJECTED."""
    with warehouse.transaction() as connection:
        taken = connection.execute(
            "select file_id from file_register where night = ? and content_kind = ?"
            " order by received_at, first_drop_id",
            [night, content_kind],
        ).fetchall()
    lines: list[Line] = []
    for (file_id,) in taken:
        try:
            lines.extend(parse(file_id, config.raw_path(file_id).read_bytes()))
            status = "READ"
        except StatementError as error:
            logger.warning("%s file %s refused: %s", content_kind, file_id[:12], error)
            status = "REJECTED"
        with warehouse.transaction() as connection:
            connection.execute(
                "update file_register set status = ? where file_id = ?", [status, file_id]
            )
    return lines


def _rows(content: bytes, columns: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and values of each line; every value is there and not empty."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StatementError(f"byte {error.start} is not UTF-8") from None
    reader = csv.reader(io.StringIO(text))
    header = next(reader, [])
    if header != columns:
        raise StatementError(f"line 1 must be {','.join(columns)}")
    for row in reader:
        if len(row) != len(columns) or not all(row):
            raise StatementError(f"line {reader.line_num} must have {len(columns)} values")
        yield reader.line_num, dict(zip(columns, row, strict=True))


def _day(text: str, number: int) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise StatementError(f"line {number}: a date must be YYYY-MM-DD") from None


def _moment(text: str, number: int) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise StatementError(f"line {number}: a time must be ISO 8601") from None
    if moment.tzinfo is None:
        raise StatementError(f"line {number}: a time must carry its zone")
    return moment


def _amount(text: str, number: int) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise StatementError(f"line {number}: an amount must be a decimal number") from None
    whole_cents = amount.is_finite() and -2 <= int(amount.as_tuple().exponent) <= 0
    if not whole_cents or not 0 < amount < LARGEST_AMOUNT:
        raise StatementError(f"line {number}: an amount must be > 0 and whole cents")
    return amount
