"""The guide data and the column files: what they must say, and how a mistake in them is reported."""

import io
import shutil
from pathlib import Path

import pytest

import edi
from edi.column_plan import Column, column_plans, parse_plan, parse_table, tables, union
from edi.compile import compiled_guide, envelope_only
from edi.guides.places import GuideError, Place, all_nodes
from edi.guides.registry import FOLDER, guides
from edi.row_planner import RowPlanner
from tests.edi.pyx12_oracle import accepts, quiet
from tests.edi.x12_files import (
    body_of,
    codes,
    group_of,
    interchange_of,
    joined,
    read,
    sample,
    set_of,
    verdicts,
    write,
)

OXYGEN = "PWK*CT*AD"


def test_the_overlay_mends_a_map_that_refuses_a_valid_attachment(tmp_path: Path) -> None:
    body = body_of()
    at = next(i for i, s in enumerate(body) if s.startswith("DTP*472"))
    body.insert(at, OXYGEN)
    text = joined(interchange_of("000000001", [group_of("1", [set_of("0001", body)])]))
    assert not accepts(text)
    assert codes(read(tmp_path, text)) == []


def near_miss_file() -> str:
    """The sample under the next addendum's number, which is no guide's."""
    body = [s.replace("005010X222A1", "005010X222A2") for s in body_of()]
    group = group_of("1", [set_of("0001", body)], "005010X222A2")
    return joined(interchange_of("000000001", [group]))


def test_a_near_miss_is_read_noted_and_keeps_its_name(tmp_path: Path) -> None:
    reading = read(tmp_path, near_miss_file())
    (note,) = reading.findings.to_pylist()
    assert (note["level"], note["code"], note["segment_id"]) == ("NOTE", "2", "GS")
    assert "'005010X222A2' is read as 005010X222A1" in note["message"]
    assert verdicts(reading) == ["A"]
    assert reading.tables["transaction_sets"]["guide"].to_pylist() == ["005010X222A2"]
    (group,) = reading.tables["functional_groups"].to_pylist()
    assert (group["acknowledgment_code"], group["syntax_error_codes"]) == ("A", [])


@pytest.mark.parametrize("allowed", [[], ["005010X222"]])
def test_a_near_miss_a_partner_may_not_send_is_an_unknown_version(
    tmp_path: Path, allowed: list[str]
) -> None:
    path = write(tmp_path, near_miss_file())
    assert codes(edi.read(path, near_misses=allowed)) == [("GROUP", "2")]
    assert verdicts(edi.read(path, near_misses=["005010X222A2"])) == ["A"]
    adopted = write(tmp_path, near_miss_file().replace("X222A2", "X222A1"))
    assert codes(edi.read(adopted, near_misses=allowed)) == []


def test_a_near_miss_nobody_reads_is_a_mistake_of_ours(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="005010X999"):
        edi.read(write(tmp_path, near_miss_file()), near_misses=["005010X999"])


@pytest.mark.parametrize("version", sorted(guides()))
def test_every_element_of_a_map_is_compiled(version: str) -> None:
    compiled = compiled_guide(version)
    nodes = all_nodes(guides()[version].load_map())
    elements = 0
    for node in nodes:
        if node.is_segment():
            for child in node.children:
                elements += 1 + (len(child.children) if child.is_composite() else 0)
    assert len(compiled.element_numbers) == len(compiled.elements.exact) == elements
    assert compiled.nodes == len(nodes)


@pytest.mark.parametrize(
    "name",
    [
        "837i_perdiem.edi",
        "837d_crown.edi",
        "835_reversal_correction.edi",
        "277ca_mixed.edi",
        "999_partial.edi",
    ],
)
def test_a_guide_without_columns_is_read_and_judged(tmp_path: Path, name: str) -> None:
    reading = read(tmp_path, sample(name))
    assert (codes(reading), verdicts(reading)) == ([], ["A"])
    assert reading.outcome.conservation.segments_unread == 0
    broken = sample(name).replace("~SE*", "~ZZZ*1~SE*")
    assert ("SEGMENT", "1") in codes(read(tmp_path, broken))


def test_pyx12_loads_our_dental_map_and_agrees_on_the_sample(tmp_path: Path) -> None:
    """The map lies beside pyx12's own, as someone would install it, without any of our code."""
    import pyx12.map
    import pyx12.params
    import pyx12.x12n_document

    for path in Path(next(iter(pyx12.map.__path__))).glob("*.xml"):
        shutil.copy(path, tmp_path)
    shutil.copy(FOLDER / "maps" / "837.5010.X224.A2.xml", tmp_path)
    index = tmp_path / "maps.xml"
    entry = '<map vriic="005010X224A2" fic="HC" abbr="837D">837.5010.X224.A2.xml</map>'
    marks = '<map vriic="005010X222A1"'
    index.write_text(index.read_text().replace(marks, entry + marks))
    text = sample("837d_crown.edi")
    for content, wanted in ((text, True), (text.replace("TOO*JP*3*M:O", "TOO*JP*3*M:X"), False)):
        with quiet():
            found = pyx12.x12n_document.x12n_document(
                pyx12.params.params(), io.StringIO(content), None, None, map_path=str(tmp_path)
            )
        assert found is wanted


def test_a_qualifier_of_several_words_tells_segments_apart(tmp_path: Path) -> None:
    """CTX01 of a 999 is a sentence: each kind of CTX is found by all of it, not by its first letters."""
    text = sample("999_partial.edi")
    assert "CTX*CLM01:" in text
    for name, wanted in (
        ("SUBSCRIBER NUMBER REF02", []),
        ("SUBSCRIBER NUMBER REF03", [("ELEMENT", "7")]),
    ):
        assert codes(read(tmp_path, text.replace("CTX*CLM01:", f"CTX*{name}:"))) == wanted


def test_the_envelope_alone_knows_no_body_segment() -> None:
    compiled = envelope_only()
    assert compiled.guide is None
    known = {s for s in compiled.segment_ids if s}
    assert known == {"ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("2300/CLM05-1", Place("2300", "CLM", (), 5, 1)),
        ("2010AA/REF[EI|SY]02", Place("2010AA", "REF", ("EI", "SY"), 2, 0)),
        ("2300/HI[ABK]*-2", Place("2300", "HI", ("ABK",), 0, 2)),
        ("1000A/N104", Place("1000A", "N1", (), 4, 0)),
        ("2000/INS01", Place("2000", "INS", (), 1, 0)),
    ],
)
def test_a_place_is_read_as_written(text: str, place: Place) -> None:
    assert Place.parse(text) == place


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("x", "2300/CLM", "names no place"),
        ("x", "2300/CLM05 as colour", "no type 'colour'"),
        ("x", "2300/CLM05 when 1=2 as text", "names no place"),
    ],
)
def test_a_column_that_cannot_be_read_says_how_to_write_it(
    name: str, text: str, words: str
) -> None:
    with pytest.raises(GuideError, match=words):
        Column.parse(name, text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2300/CLX01", "no segment 2300/CLX"),
        ("2999/CLM01", "no segment 2999/CLM"),
        ("2300/REF[QQ]02", "no segment"),
    ],
)
def test_a_column_of_a_place_the_guide_does_not_have_is_refused(text: str, words: str) -> None:
    plan = column_plans()["005010X222A1"]
    compiled = compiled_guide("005010X222A1")
    nodes = all_nodes(guides()["005010X222A1"].load_map())
    planner = RowPlanner(plan, nodes, compiled.walk.last, compiled.walk.enters)
    with pytest.raises(GuideError, match=words):
        planner.add(0, 0, Column.parse("new", text))


CLAIM_TABLE = {"row": 2300, "index": "claim_index", "columns": {"a": "2300/CLM01"}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"distinct": ["b"]}, "names no column"),
        ({"total": "b"}, "names no column"),
        ({"colums": {}}, "no word colums"),
        ({"segments": "2300/HI"}, "either `row`, loops, or `segments`"),
        ({"parent": "lines"}, "parent lines is no table of loops above it"),
        ({"columns": {"a": "element 1"}}, "rows that are segments take"),
    ],
)
def test_a_table_that_cannot_be_is_refused_with_its_mistake(
    change: dict[str, object], words: str
) -> None:
    with pytest.raises(GuideError, match=words):
        parse_table("t", {**CLAIM_TABLE, **change}, {})


def test_guides_that_share_a_table_must_agree_on_the_types_of_its_columns() -> None:
    plans = []
    for kind in ("text", "money"):
        table = {**CLAIM_TABLE, "columns": {"a": f"2300/CLM02 as {kind}"}}
        entry = {"guide": kind, "content_kind": "", "record": "t", "tables": {"t": table}}
        plans.append(parse_plan(entry))
    with pytest.raises(GuideError, match=r"t\.a: guides disagree on its type"):
        union("t", [(plan, plan.tables[0]) for plan in plans])


def test_every_row_can_be_joined_to_the_rows_around_it() -> None:
    for plan in column_plans().values():
        for table in plan.tables:
            schema = tables()[table.table].schema
            for parent in table.parents:
                assert tables()[parent].index in schema.names


def test_the_engine_names_no_body_segment() -> None:
    """Guides and columns are data: no Python file of edi outside the writers knows CLM or INS."""
    edi = FOLDER.parent
    sources = [*edi.glob("*.py"), *(edi / "kernels").glob("*.py"), *(edi / "guides").glob("*.py")]
    writers = ("remittance", "nacha", "writing")
    for path in sources:
        if not path.name.startswith(writers):
            for segment in ("CLM", "INS", "SV1", "REF", "DTP", "NM1"):
                assert f'"{segment}"' not in path.read_text(), path.name
