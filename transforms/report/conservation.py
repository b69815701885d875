"""The laws of a night: what went in is what came out, in bytes, segments, claims and dollars.

Each law compares two figures that were stored by different steps. Rules: docs/domain/reports.md
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from transforms.manifest import recorded_key
from transforms.report.rows import LEDGER_USD, ZERO, amount, count
from transforms.report.summary import Conservation, Dollars
from transforms.warehouse import Connection

SEGMENT_FATES = (
    "segments_envelope",
    "segments_mapped",
    "segments_unmapped",
    "segments_unexpected",
    "segments_unread",
)


def conservation_lines(connection: Connection, night: date, lake: Path) -> list[Conservation]:
    """Every law of the night with both of its sides.

    Args:
        connection: Holds the built marts of the night.
        night: Business date.
        lake: Where the readings of the night's files lie; a reading that is gone leaves out the
            laws of bytes and segments.
    """
    return [
        *_reading(connection, night, lake),
        *_claims(connection, night),
        *_decisions(connection, night),
        *_funding(connection, night),
        *_ledger(connection),
    ]


def dollars_line(dollars: tuple[Dollars, ...], billed_usd: Decimal) -> Conservation:
    """The law that the parts the page shows are all that was billed."""
    return Conservation(
        law="Every dollar billed has a place on the page",
        left_name="billed",
        left=billed_usd,
        right_name="parts of the picture",
        right=sum((part.amount_usd for part in dollars), ZERO),
        unit="USD",
    )


def _reading(connection: Connection, night: date, lake: Path) -> Iterator[Conservation]:
    files = connection.execute(
        "select file_id, byte_count from file_register"
        " where night = ? and content_kind = 'x12' and status <> 'RECEIVED' order by file_id",
        [night],
    ).fetchall()
    outcomes = []
    for file_id, _ in files:
        try:
            path = lake / recorded_key(lake, night, "read", file_id) / "outcome.json"
            outcomes.append(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return
    yield Conservation(
        law="Every byte received was read",
        left_name="bytes received",
        left=Decimal(sum(byte_count for _, byte_count in files)),
        right_name="bytes in segments, blanks and junk",
        right=_sum(outcomes, "bytes_consumed"),
        unit="bytes",
    )
    yield Conservation(
        law="Every segment is in a row, unmapped, or in a finding",
        left_name="segments read",
        left=Decimal(sum(int(outcome["segments"]) for outcome in outcomes)),
        right_name="envelope + mapped + unmapped + unexpected + unread",
        right=_sum(outcomes, *SEGMENT_FATES),
        unit="segments",
    )
    yield Conservation(
        law="Every dollar charged in a set is on a row",
        left_name="charges by the totals of the sets",
        left=_sum(outcomes, "charge_cents_in_sets").scaleb(-2),
        right_name="charges of the rows written",
        right=_sum(outcomes, "charge_cents_in_rows").scaleb(-2),
        unit="USD",
    )
    yield Conservation(
        law="Every transaction set read is in the register",
        left_name="sets read",
        left=Decimal(sum(int(outcome["sets"]) for outcome in outcomes)),
        right_name="sets registered",
        right=Decimal(count(connection, "select sum(set_count) from mart_file_activity")),
        unit="sets",
    )


def _sum(outcomes: Iterable[dict[str, Any]], *names: str) -> Decimal:
    """Sum of figures of `conservation` over readings."""
    return Decimal(
        sum(int(outcome["conservation"][name]) for outcome in outcomes for name in names)
    )


def _claims(connection: Connection, night: date) -> Iterator[Conservation]:
    """Claims: each is in a refused set, returned, decided, or waits for its employer."""
    sets = "from transaction_set where night = ? and transaction_set_code = '837'"
    refused = f"{sets} and acceptance_code not in ('A', 'E')"
    returned = "from mart_claim_outcome where outcome = 'REJECTED' and night = ?"
    # A claim decided is known by its place in its file: a void has a reversal and no decision of
    # its own, a replacement has both.
    decided = (
        "from (select distinct claim_decision.file_id, claim_decision.claim_index"
        " from claim_decision inner join file_register"
        " on claim_decision.file_id = file_register.file_id"
        " where file_register.night = ? and claim_decision.night = ?) as decided"
    )
    yield Conservation(
        law="Every claim received was answered",
        left_name="claims received",
        left=Decimal(count(connection, f"select sum(record_count) {sets}", [night])),
        right_name="in refused sets + returned + decided + waiting",
        right=Decimal(
            count(connection, f"select sum(record_count) {refused}", [night])
            + count(connection, f"select sum(claim_count) {returned}", [night])
            + count(connection, f"select count(*) {decided}", [night, night])
            + count(connection, "select count(*) from waiting_claim where night = ?", [night])
        ),
        unit="claims",
    )


def _decisions(connection: Connection, night: date) -> Iterator[Conservation]:
    decided = (
        "from line_decision inner join claim_decision"
        " on line_decision.decision_id = claim_decision.decision_id"
        " where claim_decision.night = ? and claim_decision.decision <> 'PENDED'"
    )
    paid = amount(connection, f"select sum(line_decision.paid_usd) {decided}", [night])
    yield Conservation(
        law="Every dollar billed was paid or adjusted",
        left_name="billed on decided lines",
        left=amount(connection, f"select sum(line_decision.charge_usd) {decided}", [night]),
        right_name="plan paid + adjustments",
        right=paid + amount(connection, "select sum(amount_usd) from mart_claim_adjustment"),
        unit="USD",
    )


def _funding(connection: Connection, night: date) -> Iterator[Conservation]:
    cycles = "where cycle_night = ?"
    claims = amount(
        connection,
        f"select sum(claims_usd + reversals_usd) from mart_funding_register {cycles}",
        [night],
    )
    yield Conservation(
        law="Claims paid are what the funding requests ask for claims",
        left_name="claims paid detail",
        left=amount(
            connection, f"select sum(paid_usd) from mart_claims_paid_detail {cycles}", [night]
        ),
        right_name="claims and reversals lines",
        right=claims,
        unit="USD",
    )
    yield Conservation(
        law="Funding requests cover the payments to the cent",
        left_name="claims, reversals, payee balances",
        left=claims
        + amount(
            connection,
            f"select sum(payee_balance_usd) from mart_funding_register {cycles}",
            [night],
        ),
        right_name="payments drawn up",
        right=amount(
            connection, f"select sum(amount_usd) from mart_payment_register {cycles}", [night]
        ),
        unit="USD",
    )


def _ledger(connection: Connection) -> Iterator[Conservation]:
    """Over all nights: the books against the documents they are about."""
    yield Conservation(
        law="Requests are deposits plus what employers still owe",
        left_name="requested",
        left=amount(
            connection,
            "select sum(request_usd) from mart_funding_register where request_date is not null",
        ),
        right_name="deposits allocated + ledger 1100",
        right=amount(connection, "select sum(amount_usd) from deposit_allocation")
        + amount(
            connection, "select sum(balance_usd) from mart_trial_balance where account = '1100'"
        ),
        unit="USD",
    )
    yield Conservation(
        law="Payments released left claims payable",
        left_name="payments released",
        left=amount(
            connection,
            "select sum(amount_usd) from mart_payment_register where payment_status = 'RELEASED'",
        ),
        right_name="ledger 2000 to 2020",
        right=amount(
            connection,
            f"select {LEDGER_USD} from transfer"
            " where debit_account = '2000' and credit_account = '2020'",
        ),
        unit="USD",
    )
    yield Conservation(
        law="The trial balance is zero",
        left_name="debits",
        left=amount(connection, "select sum(debit_usd) from mart_trial_balance"),
        right_name="credits",
        right=amount(connection, "select sum(credit_usd) from mart_trial_balance"),
        unit="USD",
    )
