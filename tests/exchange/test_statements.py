"""Deposits and approvals as CSV: read whole or refused whole, with the line that is wrong."""

from decimal import Decimal

import pytest

from transforms.exchange.statements import StatementError, parse_approvals, parse_deposits

HEADER = b"bank_reference,funding_account_id,received_date,amount_usd\n"
APPROVAL_HEADER = b"funding_account_id,cycle_date,approved_by,approved_at\n"


def test_a_deposit_line_is_read_to_the_cent() -> None:
    (line,) = parse_deposits("f", HEADER + b"W1,ACME-CLAIMS,2026-03-05,76408.71\n")
    assert (line.bank_reference, line.amount_usd) == ("W1", Decimal("76408.71"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"W1,ACME-CLAIMS,2026-03-05,0.00", "line 2: an amount must be > 0"),
        (b"W1,ACME-CLAIMS,2026-03-05,-5.00", "line 2: an amount must be > 0"),
        (b"W1,ACME-CLAIMS,2026-03-05,1.005", "whole cents"),
        (b"W1,ACME-CLAIMS,2026-03-05,NaN", "whole cents"),
        (b"W1,ACME-CLAIMS,2026-03-05,1e400000", "line 2"),
        (b"W1,ACME-CLAIMS,2026-03-05,ten", "decimal number"),
        (b"W1,ACME-CLAIMS,03/05/2026,1.00", "YYYY-MM-DD"),
        (b"W1,ACME-CLAIMS,2026-03-05", "line 2 must have 4 values"),
        (b"W1,,2026-03-05,1.00", "line 2 must have 4 values"),
        (b"W1,\xff,2026-03-05,1.00", "not UTF-8"),
    ],
)
def test_a_wrong_deposit_line_refuses_the_file_and_is_named(line: bytes, words: str) -> None:
    with pytest.raises(StatementError, match=words):
        parse_deposits("f", HEADER + line + b"\n")


def test_another_header_refuses_the_file() -> None:
    with pytest.raises(StatementError, match="line 1 must be bank_reference"):
        parse_deposits("f", b"a,b\n1,2\n")


def test_an_approval_time_needs_its_zone() -> None:
    line = b"ACME-CLAIMS,2026-03-05,cfo,2026-03-05T18:00:00"
    with pytest.raises(StatementError, match="must carry its zone"):
        parse_approvals("f", APPROVAL_HEADER + line + b"\n")
    (approval,) = parse_approvals("f", APPROVAL_HEADER + line + b"-06:00\n")
    assert approval.approved_by == "cfo"
