"""A guide and its columns, compiled into flat arrays for the kernels."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from edi.automaton import ENVELOPE_SEGMENTS, Symbols, first_child, make_symbols, make_walk_tables
from edi.column_plan import ColumnPlan, column_plans
from edi.element_rules import make_element_tables
from edi.guides.places import all_nodes
from edi.guides.registry import Guide, guides
from edi.kernels.quick import ElementTables
from edi.kernels.tokens import SymbolTables
from edi.kernels.walk import WalkTables
from edi.row_planner import RowPlan, RowPlanner

LONGEST_VERSION = 16


@dataclass(frozen=True, slots=True)
class CompiledGuide:
    """What the reader needs of one guide.

    Attributes:
        guide: The guide; None for the envelope alone, under which unknown guides are read.
        plan: Its columns; None if it has none.
        nodes: Number of nodes; states run to twice that.
        symbols, walk, elements: Kernel tables.
        rows: How its rows are made; None without a plan.
        begins: For all states the table of loops whose row begins, -1 for none.
        envelope_kind: Kind of envelope segment (ENVELOPE_SEGMENTS) for all states, 0 for others.
        notable: For all states, 1 for envelope segments and for those that check_numbers looks at.
        judged: 1 for nodes whose elements the rules judge.
        segment_ids, loop_ids: Of every node; the loop id is empty for loops that exist only in the map.
        element_numbers: Data element number of every row of `elements`.
        set_node: Node of ST.
        set_code, set_versions, set_version_lengths: ST01 and the possible ST03, as bytes.
    """

    guide: Guide | None
    plan: ColumnPlan | None
    nodes: int
    symbols: SymbolTables
    walk: WalkTables
    elements: ElementTables
    rows: RowPlan | None
    begins: npt.NDArray[np.int8]
    envelope_kind: npt.NDArray[np.int8]
    notable: npt.NDArray[np.int8]
    judged: npt.NDArray[np.int8]
    segment_ids: tuple[str, ...]
    loop_ids: tuple[str, ...]
    element_numbers: tuple[str, ...]
    set_node: int
    set_code: npt.NDArray[np.uint8]
    set_versions: npt.NDArray[np.uint8]
    set_version_lengths: npt.NDArray[np.int64]


def segment_id(node: Any) -> str:
    """Id of a segment node, or of the first segment of a loop."""
    while node is not None and not node.is_segment():
        node = first_child(node)
    return "" if node is None else str(node.id)


def loop_id(node: Any) -> str:
    """Id of the loop of a node as a 999 names it; empty for header, detail and envelope.

    A loop that only wraps others is named by the one it begins with.
    """
    loop = node.parent if node.is_segment() else node
    while not node.is_segment() and (first := first_child(loop)) is not None and first.is_loop():
        loop = first
    return "" if loop.is_map_root() or loop.type is not None else str(loop.id)


def compile_nodes(guide: Guide | None, plan: ColumnPlan | None, tree: Any) -> CompiledGuide:
    """Compile a map, which must hold the six envelope segments."""
    nodes = all_nodes(tree)
    symbols: Symbols = make_symbols(nodes)
    walk = make_walk_tables(nodes, symbols, guide.numbered if guide else ())
    rows = None if plan is None else RowPlanner(plan, nodes, walk.last, walk.enters).build()
    elements, numbers = make_element_tables(
        nodes, tree.ext_codes, {} if rows is None else rows.limits
    )
    count = len(nodes)
    versions = guide.conventions if guide else ("",)
    kinds = [ENVELOPE_SEGMENTS.get(n.id, 0) if n.is_segment() else 0 for n in nodes]
    begins = np.full(2 * count, -1, np.int8)
    if rows is not None:
        begins[:count] = rows.rows.begins
    envelope_kind = np.array(kinds + [0] * count, np.int8)
    notable = (envelope_kind > 0).astype(np.int8)
    notable[:count] |= walk.number_kind > 0
    return CompiledGuide(
        guide=guide,
        plan=plan,
        nodes=count,
        symbols=symbols.tables,
        walk=walk,
        elements=elements,
        rows=rows,
        begins=begins,
        envelope_kind=envelope_kind,
        notable=notable,
        judged=np.array(
            [n.is_segment() and not k for n, k in zip(nodes, kinds, strict=True)], np.int8
        ),
        segment_ids=tuple(segment_id(node) for node in nodes),
        loop_ids=tuple("" if i == 0 else loop_id(node) for i, node in enumerate(nodes)),
        element_numbers=tuple(numbers),
        set_node=kinds.index(ENVELOPE_SEGMENTS["ST"]),
        set_code=np.frombuffer(guide.transaction_set.encode() if guide else b"", np.uint8),
        set_versions=np.array(
            [list(v.encode().ljust(LONGEST_VERSION)) for v in versions], np.uint8
        ),
        set_version_lengths=np.array([len(v) for v in versions], np.int64),
    )


@cache
def compiled_guide(version: str, wanted: frozenset[str] | None = None) -> CompiledGuide:
    """The guide of that version (a key of registry.yaml), compiled once a process.

    `wanted`: the tables to be written; None for all of them.
    """
    guide = guides()[version]
    plan = column_plans().get(version)
    if plan is not None and wanted is not None:
        plan = plan.only(wanted)
    return compile_nodes(guide, plan, guide.load_map())


@cache
def envelope_only() -> CompiledGuide:
    """ISA, GS, ST, SE, GE, IEA and TA1 alone: how the groups of unknown guides are read."""
    guide = next(iter(guides().values()))
    tree = guide.load_map()
    for node in all_nodes(tree):
        if not node.is_segment() and node.id == "ST_LOOP":
            for position, held in list(node.pos_map.items()):
                kept = [child for child in held if child.id in ENVELOPE_SEGMENTS]
                if kept:
                    node.pos_map[position] = kept
                else:
                    del node.pos_map[position]
    return compile_nodes(None, None, tree)
