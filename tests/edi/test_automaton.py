"""Our automaton and pyx12's walker find the same node for every state and every kind of segment."""

from typing import Any

import pytest

from edi.automaton import ENVELOPE_SEGMENTS, Symbols, Transitions, make_symbols, state_table
from edi.guides.places import all_nodes, qualifier_of
from edi.guides.registry import guides


def segments_of_symbols(nodes: list[Any], symbols: Symbols) -> dict[int, Any]:
    """One segment for every symbol: its id, with the qualifier where the guide looks for it."""
    import pyx12.segment

    found = {}
    for (segment, qualifier), symbol in symbols.value.items():
        if symbol in found:
            continue
        elements = [segment, "", "", ""]
        element = symbols.place[segment][0]
        if segment in ENVELOPE_SEGMENTS:
            (node,) = symbols.nodes[symbol]
            own = qualifier_of(nodes[node])
            if own is not None:
                elements[own.element] = min(own.codes)
        elif element:
            elements[element] = "ZQZ" if qualifier is None else qualifier
        found[symbol] = pyx12.segment.Segment("*".join(elements), "~", "*", ":")
    return found


@pytest.mark.parametrize(
    "every", [7, pytest.param(1, marks=pytest.mark.slow)], ids=["one of seven", "all"]
)
@pytest.mark.parametrize("version", sorted(guides()))
def test_every_transition_is_that_of_pyx12(version: str, every: int) -> None:
    """In the quick suite each state meets another seventh of the segments."""
    import pyx12.map_walker

    nodes = all_nodes(guides()[version].load_map())
    symbols = make_symbols(nodes)
    table = Transitions(nodes, symbols).table()
    index = {id(node): i for i, node in enumerate(nodes)}
    segments = segments_of_symbols(nodes, symbols)
    different = []
    compared = 0
    for state, node in enumerate(nodes):
        if not node.is_segment():
            continue
        for symbol, segment in list(segments.items())[state % every :: every]:
            walker = pyx12.map_walker.walk_tree()
            theirs = walker.walk_errors(node, segment, 0, 0, None)[0]
            wanted = -1 if theirs is None else index[id(theirs)]
            compared += 1
            if wanted != table[state, symbol]:
                different.append((node.get_path(), segment.format(), wanted))
    assert different == []
    assert compared > 200 // every


@pytest.mark.parametrize("version", sorted(guides()))
def test_an_envelope_segment_is_found_from_everywhere_and_an_unexpected_one_changes_nothing(
    version: str,
) -> None:
    nodes = all_nodes(guides()[version].load_map())
    symbols = make_symbols(nodes)
    table = Transitions(nodes, symbols).table()
    states = state_table(table, nodes, symbols)
    count = len(nodes)
    for symbol, segment in enumerate(symbols.segment):
        if segment in ENVELOPE_SEGMENTS and segment != "TA1":
            assert {nodes[i].id for i in states[:, symbol].tolist()} == {segment}
    assert (states[:count] == states[count:]).all()
    unexpected = states[:count, 0]
    assert (unexpected == range(count, 2 * count)).all()


def test_a_ta1_inside_a_functional_group_is_unexpected() -> None:
    nodes = all_nodes(guides()["005010X222A1"].load_map())
    symbols = make_symbols(nodes)
    states = state_table(Transitions(nodes, symbols).table(), nodes, symbols)
    ta1 = symbols.segment.index("TA1")
    claim = next(i for i, node in enumerate(nodes) if node.is_segment() and node.id == "CLM")
    header = next(i for i, node in enumerate(nodes) if node.is_segment() and node.id == "ISA")
    assert states[claim, ta1] == claim + len(nodes)
    assert nodes[states[header, ta1]].id == "TA1"
