"""The state machine: every legal move works, every other one is refused and changes nothing."""

import duckdb
import pytest

from transforms.funding.cycle_states import cycle_state, legal_moves, move_cycle
from transforms.funding.errors import CycleStateError
from transforms.warehouse import Connection
from transforms.warehouse.migrations import apply_migrations

STATES = sorted(legal_moves())


@pytest.fixture(scope="module")
def connection() -> Connection:
    """A cycle in memory whose state a test may set."""
    database = duckdb.connect(":memory:")
    apply_migrations(database)
    database.execute(
        "insert into cycle values ('c', 'a', 'e', '2026-03-05', 'REGULAR', 1, 'CALCULATED',"
        " '2026-03-05')"
    )
    return database


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_only_the_moves_of_the_table_are_possible(
    connection: Connection, before: str, after: str
) -> None:
    connection.execute("update cycle set state = ?", [before])
    if after in legal_moves()[before]:
        move_cycle(connection, "c", after)
        assert cycle_state(connection, "c") == after
    else:
        with pytest.raises(CycleStateError, match=f"from {before} to {after}"):
            move_cycle(connection, "c", after)
        assert cycle_state(connection, "c") == before


def test_money_cannot_leave_a_cycle_that_nobody_approved() -> None:
    reached, seen = {"CALCULATED"}, set[str]()
    while reached:
        state = reached.pop()
        seen.add(state)
        if state not in {"APPROVED"}:
            reached |= legal_moves()[state] - seen
    assert seen == {"CALCULATED", "APPROVED", "CANCELLED"}


def test_a_cycle_that_does_not_exist_cannot_move(connection: Connection) -> None:
    with pytest.raises(CycleStateError, match="no cycle"):
        move_cycle(connection, "nothing", "APPROVED")
