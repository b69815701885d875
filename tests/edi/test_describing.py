import itertools
from pathlib import Path

from edi.describe.records import find_record, record_loops, record_plans
from edi.describe.words import finding_words
from edi.findings import (
    ELEMENT_MESSAGES,
    GROUP_MESSAGES,
    INTERCHANGE_MESSAGES,
    SEGMENT_MESSAGES,
    SET_MESSAGES,
    code_text,
)
from edi.guides.names import guide_names
from edi.guides.registry import guide_nodes, guides
from edi.identifiers.elements import segment_rules, unlisted
from edi.segment_stream import SegmentBlock, segment_blocks, segments_at
from tests.edi.x12_files import SAMPLES, sample, write


def test_every_code_of_the_reader_has_words_and_no_words_are_left_over() -> None:
    codes = {("SEGMENT", code_text(number)) for number in SEGMENT_MESSAGES}
    codes |= {("ELEMENT", code_text(number)) for number in ELEMENT_MESSAGES}
    codes |= {("TA1", code) for code in INTERCHANGE_MESSAGES}
    codes |= {("GROUP", code) for code in GROUP_MESSAGES}
    codes |= {("SET", code) for code in SET_MESSAGES}
    codes.add(("NOTE", "2"))
    assert set(finding_words()) == codes


def test_every_text_element_of_every_guide_is_classified() -> None:
    missing = []
    for version in guides():
        nodes = guide_nodes(version)
        for node in nodes:
            if node.is_segment():
                rules = segment_rules(node.id, node.parent.id)
                missing += [
                    f"{version} {node.parent.id}/{node.id}{element:02d}-{component}"
                    for element, component in unlisted(node, nodes[0].data_elements, rules)
                ]
    assert missing == []


def test_every_element_of_every_guide_has_a_name() -> None:
    for version in guides():
        names = guide_names(version)
        held = [name for elements in names.elements for name in elements.values()]
        assert len(held) > 50
        assert [name for name in held if not name or name == "None"] == []


def test_every_guide_says_what_a_record_is_and_has_that_loop() -> None:
    assert set(record_plans()) == set(guides())
    for version in guides():
        assert record_loops(version).first


def test_segments_and_places_are_those_of_the_reader_wherever_a_block_is_cut() -> None:
    path = SAMPLES / "837p_w4.edi"
    whole = [block for block in segment_blocks(path) if isinstance(block, SegmentBlock)]
    cut = [
        block for block in segment_blocks(path, block_bytes=100) if isinstance(block, SegmentBlock)
    ]
    assert len(whole) == 1
    assert len(cut) > 5
    assert [b.segment(n) for b in cut for n in range(len(b))] == [
        whole[0].segment(n) for n in range(len(whole[0]))
    ]
    assert (
        b"".join(whole[0].segment(n).content + b"~" for n in range(len(whole[0])))
        == sample().encode()
    )


def test_the_segments_of_a_number_are_found(tmp_path: Path) -> None:
    path = write(tmp_path, sample())
    found = segments_at(path, {0, 19, 48, 99})
    assert {number: one.segment_id for number, one in found.items()} == {
        0: "ISA",
        19: "CLM",
        48: "IEA",
    }
    assert found[19].loop_id == "2300"


def test_records_are_counted_through_sets_or_in_one_of_them(tmp_path: Path) -> None:
    body = sample()
    start, end = body.index("ST*837"), body.index("GE*1")
    second = body[start:end].replace("*0001", "*0002").replace("PCN-W4", "PCN-X4")
    path = write(tmp_path, body[:end] + second + body[end:].replace("GE*1", "GE*2"))
    assert find_record(path, "claim", 5) == 4
    whole = find_record(path, "claim", 3)
    inside = find_record(path, "claim", 1, set_control_number="0002")
    assert not isinstance(whole, int)
    assert not isinstance(inside, int)
    assert whole.segments == inside.segments
    assert whole.set_control_number == "0002"
    assert whole.segments[0].elements[1] == b"PCN-X4"
    assert all(a.index < b.index for a, b in itertools.pairwise(whole.around))
    assert b"ROE" in {e for segment in whole.around for e in segment.elements}
    assert b"NOPE" not in {e for segment in whole.around for e in segment.elements}
