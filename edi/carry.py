"""What a block must know of everything before it."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from edi.compile import CompiledGuide

HIERARCHY_DEPTHS = 16  # two counters and the open number of each depth; guides nest three deep


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A row that began in an earlier block and has not ended.

    Attributes:
        segment_start, byte_start: Where it began, in the file.
        set_index: Its transaction set.
        node: The guide's node that began it.
        links: Numbers of the rows around it, -1 for none.
    """

    segment_start: int
    byte_start: int
    set_index: int
    node: int
    links: tuple[int, ...]


@dataclass(slots=True)
class Carry:
    """State at a block start.

    Attributes:
        position: File offset up to which everything was consumed.
        segments: Segments before the block.
        previous_end: File offset behind the last segment.
        line_end: Line ends behind it; None if something was skipped since.
        sets: Transaction sets begun.
        set_start: Segment index of the ST of the open set, -1 when none is open.
        wide: Bytes above 0x7F were seen.
        row_numbers: Rows begun, by table of loops.
        state: Automaton state.
        counts: Uses of every node in the open loops.
        numbers: Memory of check_numbers.
        values: Bytes of every column set so far, None for null.
        open_rows: The row under way of every table of loops.
        top: Its highest node so far, -1 for none.
        entries: List column values of the open record.
    """

    position: int = 0
    segments: int = 0
    previous_end: int = 0
    line_end: bytes | None = None
    sets: int = 0
    set_start: int = -1
    wide: bool = False
    row_numbers: dict[str, int] = field(default_factory=dict)
    state: int = 0
    counts: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    numbers: npt.NDArray[np.int64] = field(
        default_factory=lambda: np.zeros(HIERARCHY_DEPTHS, np.int64)
    )
    values: list[bytes | None] = field(default_factory=list)
    open_rows: list[OpenRow | None] = field(default_factory=list)
    top: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    entries: list[bytes] = field(default_factory=list)

    def begin_anew(self, compiled: CompiledGuide) -> None:
        """Reset what belongs to a guide; what belongs to the file goes on."""
        self.state = 0
        self.counts = np.zeros(compiled.nodes, np.int32)
        self.numbers = np.zeros(HIERARCHY_DEPTHS, np.int64)
        rows = compiled.rows
        self.values = [None] * (0 if rows is None else rows.loop_columns)
        self.open_rows = [None] * (0 if rows is None else len(rows.loop_tables))
        self.top = np.full(len(self.open_rows), -1, np.int32)
        self.entries = []
