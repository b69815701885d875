"""The states of a cycle as data: legal moves are read, everything else is refused."""

from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML

from transforms.funding.errors import CycleStateError
from transforms.warehouse import Connection


@cache
def legal_moves() -> dict[str, frozenset[str]]:
    """States a cycle may move to, by the state it is in."""
    text = files("transforms.funding").joinpath("cycle_states.yaml").read_text(encoding="utf-8")
    loaded = YAML(typ="safe").load(text)
    return {state: frozenset(targets) for state, targets in loaded.items()}


def cycle_state(connection: Connection, cycle_id: str) -> str | None:
    """State of a cycle; None when there is no such cycle."""
    row = connection.execute("select state from cycle where cycle_id = ?", [cycle_id]).fetchone()
    return None if row is None else str(row[0])


def move_cycle(connection: Connection, cycle_id: str, state: str) -> None:
    """Move a cycle.

    Raises:
        CycleStateError: There is no such cycle, or no such move.
    """
    current = cycle_state(connection, cycle_id)
    if current is None:
        raise CycleStateError(f"there is no cycle {cycle_id}")
    if state not in legal_moves()[current]:
        raise CycleStateError(f"cycle {cycle_id} cannot move from {current} to {state}")
    connection.execute("update cycle set state = ? where cycle_id = ?", [state, cycle_id])
