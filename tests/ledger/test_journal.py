"""Journals balance by form, are posted once, and are only ever taken back by their mirror image."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from transforms.ledger import (
    Journal,
    JournalConflictError,
    LedgerError,
    Transfer,
    account_balances,
    accounts,
    post,
    post_journals,
    posting_accounts,
    reverse,
    transfers_of,
)
from transforms.ledger.chart import _posting_rules
from transforms.warehouse import Connection, read_integer

ON = date(2026, 3, 12)


def journal(journal_id: str, *transfers: Transfer, account: str = "ACME-CLAIMS") -> Journal:
    return Journal(
        journal_id=journal_id,
        funding_account_id=account,
        event_number=1,
        business_date=ON,
        transfers=transfers,
    )


def test_a_payee_balance_carried_and_applied_ends_at_nothing(books: Connection) -> None:
    """Reversal 450.60 and correction 334.28 leave the payee owing 116.32; 500.00 follow."""
    medical = {"claims_expense": "5000"}
    post(
        books,
        journal(
            "cycle:1",
            *transfers_of("claims_reversed", 45060, "reversal", **medical),
            *transfers_of("claims_approved", 33428, "correction", **medical),
            *transfers_of("payee_balance_carried", 11632, "carried"),
        ),
    )
    balances = account_balances(books, "ACME-CLAIMS")
    assert balances == {"1200": 11632, "2000": 0, "5000": -11632}
    post(
        books,
        journal(
            "cycle:2",
            *transfers_of("claims_approved", 50000, "claims", **medical),
            *transfers_of("payee_balance_applied", 11632, "applied"),
        ),
    )
    post(books, journal("payment:1", *transfers_of("payment_released", 38368, "payment")))
    post(books, journal("payment:1:cleared", *transfers_of("payment_cleared", 38368, "cleared")))
    assert account_balances(books, "ACME-CLAIMS") == {
        "1000": -38368,
        "1200": 0,
        "2000": 0,
        "2020": 0,
        "5000": 38368,
    }


def test_posting_twice_changes_nothing(books: Connection) -> None:
    entry = journal("deposit:B1", Transfer("1000", "1100", 500, "deposit"))
    assert post(books, entry)
    assert not post(books, entry)
    assert account_balances(books, "ACME-CLAIMS") == {"1000": 500, "1100": -500}


@pytest.mark.parametrize(
    "other",
    [
        journal("deposit:B1", Transfer("1000", "1100", 501, "deposit")),
        journal("deposit:B1", Transfer("1000", "3000", 500, "deposit")),
        journal("deposit:B1", Transfer("1000", "1100", 500, "deposit"), account="BETA-CLAIMS"),
        journal(
            "deposit:B1",
            Transfer("1000", "1100", 500, "deposit"),
            Transfer("1000", "1100", 1, "deposit"),
        ),
    ],
)
def test_other_transfers_under_a_known_journal_are_refused(
    books: Connection, other: Journal
) -> None:
    post(books, journal("deposit:B1", Transfer("1000", "1100", 500, "deposit")))
    with pytest.raises(JournalConflictError, match="deposit:B1"):
        post_journals(books, [journal("deposit:B2", Transfer("1000", "1100", 9, "x")), other])
    assert read_integer(books, "select count(*) from transfer") == 1


@pytest.mark.parametrize("cents", [0, -1, True, 1.5, "3"])
def test_a_transfer_moves_a_positive_whole_number_of_cents(cents: Any) -> None:
    with pytest.raises(LedgerError):
        Transfer("1000", "1100", cents, "x")


def test_a_transfer_needs_two_accounts_of_the_chart(books: Connection) -> None:
    with pytest.raises(LedgerError, match="1000 twice"):
        Transfer("1000", "1000", 1, "x")
    with pytest.raises(LedgerError, match="9999"):
        post(books, journal("x", Transfer("1000", "9999", 1, "x")))


def test_an_amount_of_nothing_makes_no_transfer_and_no_journal(books: Connection) -> None:
    assert transfers_of("request_issued", 0, "request") == ()
    assert not post(books, journal("request:1"))


def test_every_posting_rule_names_accounts_of_the_chart() -> None:
    named = {"claims_expense": "5000", "fee_expense": "5100", "fee_payable": "2100"}
    for event in _posting_rules():
        assert posting_accounts(event, **named)
    with pytest.raises(LedgerError, match="claims_expense"):
        posting_accounts("claims_approved")
    with pytest.raises(LedgerError, match="no posting rule"):
        posting_accounts("nothing")


def test_what_was_taken_back_leaves_every_account_as_before(books: Connection) -> None:
    post(books, journal("cycle:1:v1", Transfer("5000", "2000", 700, "claims")))
    before = account_balances(books, "ACME-CLAIMS")
    post(books, journal("cycle:2:v1", Transfer("5000", "2000", 300, "claims")))
    for _ in range(2):
        reverse(books, ["cycle:2:v1"], event_number=2, business_date=ON, suffix="taken_back")
    assert account_balances(books, "ACME-CLAIMS") == before
    rows = books.execute(
        "select journal_id, debit_account, credit_account, amount_cents from transfer"
        " where event_number = 2"
    ).fetchall()
    assert rows == [("cycle:2:v1:taken_back", "2000", "5000", 300)]


pairs = st.lists(st.sampled_from(sorted(accounts())), min_size=2, max_size=2, unique=True)
entries = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.sampled_from(["ACME-CLAIMS", "BETA-CLAIMS"]),
        st.lists(st.tuples(pairs, st.integers(1, 10**11)), min_size=1, max_size=3),
    ),
    max_size=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(entries)
def test_whatever_is_posted_the_books_of_each_account_add_up_to_zero(
    schema: Connection, entries: list[Any]
) -> None:
    schema.execute("begin transaction")
    try:
        expected: dict[str, dict[str, int]] = {}
        posted = set()
        for name, account, moves in entries:
            content = tuple(Transfer(pair[0], pair[1], cents, "x") for pair, cents in moves)
            try:
                is_new = post(schema, journal(name, *content, account=account))
            except JournalConflictError:
                assert name in posted
                continue
            assert is_new == (name not in posted)
            posted.add(name)
            for move in content if is_new else ():
                book = expected.setdefault(account, {})
                book[move.debit] = book.get(move.debit, 0) + move.amount_cents
                book[move.credit] = book.get(move.credit, 0) - move.amount_cents
            for account_id in ("ACME-CLAIMS", "BETA-CLAIMS"):
                balances = account_balances(schema, account_id)
                assert sum(balances.values()) == 0
                assert balances == expected.get(account_id, {})
    finally:
        schema.execute("rollback")
