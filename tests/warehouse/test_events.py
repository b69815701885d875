"""Events are numbered without gaps, recorded once a key, and copied to files that never change."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.warehouse import (
    EventConflictError,
    Warehouse,
    WarehouseError,
    canonical_json,
    event_number_of,
    export_events,
    record_event,
)
from transforms.warehouse.migrations import apply_migrations

NIGHT = date(2026, 3, 12)
AT = datetime(2026, 3, 12, 23, 0, tzinfo=UTC)
SCRATCH = duckdb.connect(":memory:")
apply_migrations(SCRATCH)


KEYS = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=25)


def require_no_gaps(keys: list[str]) -> None:
    SCRATCH.execute("begin transaction")
    try:
        numbers = [record_event(SCRATCH, "tick", key, NIGHT, AT, {}) for key in keys]
        stored = SCRATCH.execute("select event_number from event order by 1").fetchall()
        order = list(dict.fromkeys(keys))
        assert numbers == [order.index(key) + 1 for key in keys]
        assert [row[0] for row in stored] == list(range(1, len(order) + 1))
    finally:
        SCRATCH.execute("rollback")


@settings(max_examples=40)
@given(KEYS)
def test_numbers_have_no_gaps_whatever_is_repeated(keys: list[str]) -> None:
    require_no_gaps(keys)


@pytest.mark.slow
@settings(max_examples=400)
@given(KEYS)
def test_numbers_of_many_events_have_no_gaps(keys: list[str]) -> None:
    require_no_gaps(keys)


def test_a_rolled_back_event_leaves_no_gap(warehouse: Warehouse) -> None:
    def record_and_fail() -> None:
        with warehouse.transaction() as connection:
            record_event(connection, "tick", "lost", NIGHT, AT, {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        record_and_fail()
    with warehouse.transaction() as connection:
        assert record_event(connection, "tick", "kept", NIGHT, AT, {}) == 1
        assert event_number_of(connection, "lost") is None


def test_the_same_key_later_gives_the_first_event_back(warehouse: Warehouse) -> None:
    payload: dict[str, object] = {"amount_usd": Decimal("76408.70"), "on": NIGHT}
    with warehouse.transaction() as connection:
        first = record_event(connection, "deposit_received", "deposit:B1", NIGHT, AT, payload)
        again = record_event(
            connection, "deposit_received", "deposit:B1", NIGHT, AT + timedelta(hours=1), payload
        )
        assert first == again == event_number_of(connection, "deposit:B1")
        row = connection.execute("select occurred_at, payload from event").fetchone()
    assert row == (AT.replace(tzinfo=None), '{"amount_usd":"76408.70","on":"2026-03-12"}')


@pytest.mark.parametrize(
    ("kind", "payload"),
    [("deposit_received", {"amount": 2}), ("cycle_approved", {"amount": 1})],
)
def test_the_same_key_with_another_content_is_an_error(
    warehouse: Warehouse, kind: str, payload: dict[str, object]
) -> None:
    with warehouse.transaction() as connection:
        record_event(connection, "deposit_received", "deposit:B1", NIGHT, AT, {"amount": 1})
        with pytest.raises(EventConflictError, match="deposit:B1"):
            record_event(connection, kind, "deposit:B1", NIGHT, AT, payload)


@pytest.mark.parametrize("value", [1.5, [1, {"deep": 2.0}], object(), {1, 2}])
def test_a_float_or_a_thing_without_a_form_cannot_be_recorded(value: object) -> None:
    with pytest.raises(WarehouseError):
        canonical_json({"value": value})


def test_a_time_without_a_zone_is_refused_and_another_zone_is_turned_to_utc(
    warehouse: Warehouse,
) -> None:
    with warehouse.transaction() as connection:
        with pytest.raises(WarehouseError, match="zone"):
            record_event(connection, "tick", "t", NIGHT, AT.replace(tzinfo=None), {})
        chicago = timezone(timedelta(hours=-5))
        record_event(connection, "tick", "t", NIGHT, datetime(2026, 3, 12, 18, tzinfo=chicago), {})
        assert connection.execute("select occurred_at from event").fetchone() == (
            datetime(2026, 3, 12, 23),  # noqa: DTZ001 - the column holds naive UTC
        )


def test_exported_events_are_complete_and_never_rewritten(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    folder = tmp_path / "events"
    with warehouse.transaction() as connection:
        record_event(connection, "tick", "one", NIGHT, AT, {"b": 1, "a": Decimal("2.50")})
    assert export_events(warehouse, folder) == 1
    first = (folder / "1.json").read_bytes()
    with warehouse.transaction() as connection:
        record_event(connection, "tick", "two", NIGHT, AT, {})
    (folder / "1.json").chmod(0o444)
    assert export_events(warehouse, folder) == 1
    assert export_events(warehouse, folder) == 0
    assert (folder / "1.json").read_bytes() == first
    assert json.loads(first) == {
        "event_number": 1,
        "event_kind": "tick",
        "business_key": "one",
        "business_date": "2026-03-12",
        "occurred_at": "2026-03-12T23:00:00Z",
        "payload": {"a": "2.50", "b": 1},
    }
    (folder / "1.json").unlink()
    export_events(warehouse, folder)
    assert (folder / "1.json").read_bytes() == first
