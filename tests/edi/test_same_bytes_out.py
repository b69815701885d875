"""The same file gives the same bytes, whatever the block size and the number of threads."""

import random
from pathlib import Path

import pytest

import edi
from tests.edi.x12_files import body_of, digests, group_of, interchange_of, joined, set_of, write


def many_sets(kind: str, count: int, luck: random.Random, damage: float) -> str:
    """Sets of both samples' bodies, some segments damaged, in several groups and interchanges."""
    names = {"837": ["837p_w4.edi"], "834": ["834_change.edi"]}
    names["both"] = names["837"] + names["834"]
    interchanges = []
    for interchange in range(3):
        groups = []
        for group in range(4):
            name = luck.choice(names[kind])
            guide = "005010X222A1" if name.startswith("837") else "005010X220A1"
            sets = []
            for number in range(count):
                body = body_of(name)
                for at in range(1, len(body) - 1):
                    if luck.random() < damage:
                        body[at] = luck.choice(
                            (
                                "",
                                "ZZ*1",
                                body[at] + "*X",
                                body[at][:-2],
                                "REF*9F*É",
                                "CLM",
                                "HL*9*8*22*0",
                            )
                        )
                sets.append(set_of(f"{number:04d}", body))
            groups.append(group_of(str(group + 1), sets, guide))
        interchanges += interchange_of(f"{interchange + 1:09d}", groups)
    return joined(interchanges, "~\n" if kind == "837" else "~")


@pytest.mark.parametrize(
    ("kind", "damage"), [("837", 0.0), ("834", 0.0), ("both", 0.0), ("both", 0.03)]
)
def test_block_size_and_threads_leave_no_trace(tmp_path: Path, kind: str, damage: float) -> None:
    path = write(tmp_path, many_sets(kind, 12, random.Random(3), damage))
    wanted = None
    for number, (threads, size) in enumerate(
        ((1, 1 << 22), (1, 1024), (2, 1500), (3, 4099), (2, 20_000))
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        outcome = edi.read_to_parquet(path, folder, threads=threads, block_bytes=size)
        found = digests(folder)
        wanted = wanted or found
        assert found == wanted, (threads, size)
    assert outcome.records > 100
    assert (outcome.findings == 0) == (damage == 0.0)


def test_one_set_across_hundreds_of_blocks_is_one_set(tmp_path: Path) -> None:
    body = body_of()
    claims = body[10:-1]
    long = body[:10]
    for number in range(400):
        long += [
            segment.replace("HL*2*", f"HL*{2 + 2 * number}*").replace(
                "HL*3*", f"HL*{3 + 2 * number}*"
            )
            for segment in claims
        ]
    text = joined(interchange_of("000000001", [group_of("1", [set_of("0001", [*long, "SE"])])]))
    path = write(tmp_path, text)
    outcome = edi.read_to_parquet(path, tmp_path, threads=2, block_bytes=1024)
    assert (outcome.findings, outcome.sets_accepted, outcome.records) == (0, 1, 800)
    assert outcome.conservation.charge_cents_in_rows == 400 * 540_00


def test_a_claim_whose_values_fill_many_blocks_keeps_them_all(tmp_path: Path) -> None:
    """Long values are carried over cuts: the first of a column wins however far back it lies."""
    body = body_of()
    at = next(i for i, s in enumerate(body) if s.startswith("HI*"))
    notes = ["K3*" + "Y" * 80] * 10
    body[at:at] = notes
    body[at - 1] = body[at - 1].replace("PCN-W4", "P" * 38)
    text = joined(interchange_of("000000001", [group_of("1", [set_of("0001", body)])]))
    path = write(tmp_path, text)
    edi.read_to_parquet(path, tmp_path, threads=1, block_bytes=1024)
    reading = edi.read(path)
    assert reading.findings.to_pylist() == []
    assert reading.tables["claims"]["patient_control_number"].to_pylist()[0] == "P" * 38
    assert reading.tables["claims"]["diagnosis_codes"].to_pylist()[0] == ["J029", "E119"]
