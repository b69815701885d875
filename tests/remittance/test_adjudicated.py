"""What adjudication decides can always be explained: its decisions become an 835 every judge accepts."""

import shutil
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.adjudication.builder import STRANGER, Claim, Line, Night, World, account
from tests.remittance.lake import RAW_NAMES, golden_texts, payment, provider_adjustments
from tests.remittance.oracles import oxedi_diagnostics, pyx12_complaints, segments
from tests.remittance.samples import AT
from transforms.remittance import build_remittances
from validations.remittance_check import check_remittance, remittance_facts


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "world")


def explained(world: World, lake: Path, nights: Sequence[Night]) -> bytes:
    """One 835 of all decisions of some nights, but for what is pended or cancelled."""
    claims: list[dict[str, Any]] = []
    for number, night in enumerate(nights, start=1):
        shutil.copytree(night.folder, lake / f"adjudicate/n{number}")
        for read in sorted((world.folder / f"night {number}").glob("read *")):
            _copy_with_names(read, lake / f"read/n{number}{read.name[5:]}")
        claims += [
            {
                "payment_id": "P1",
                "decision_id": row["decision_id"],
                "decisions_key": f"adjudicate/n{number}",
                "file_id": row["file_id"],
                "read_key": f"read/n{_night_of(nights, row)}{row['file_id'][4:]}",
                "interest_usd": Decimal("0.00"),
                "received_date": row["received_date"],
                "paid_usd": row["paid_usd"],
            }
            for row in night.rows("claim_decision")
            if row["decision"] in ("APPROVED", "DENIED")
        ]
    paid = sum((row.pop("paid_usd") for row in claims), Decimal(0))
    method = "ACH" if paid else "NON"
    (document,) = build_remittances(
        configuration=world.configuration,
        lake=lake,
        payments=pa.Table.from_pylist(
            [payment(amount_usd=paid, claim_count=len(claims), method=method)]
        ),
        provider_adjustments=provider_adjustments([]),
        payment_claims=pa.Table.from_pylist(claims),
        at=AT,
    )
    assert check_remittance(document.content) == []
    assert pyx12_complaints(document.content) == []
    assert oxedi_diagnostics(document.content) == []
    assert remittance_facts(document.content).payment_cents == int(paid * 100)
    return document.content


def _night_of(nights: Sequence[Night], row: dict[str, Any]) -> int:
    """The night whose file a decision's claim came in: of a reversal, that of its original."""
    if row["decision_kind"] != "REVERSAL":
        return next(n for n, night in enumerate(nights, 1) if row in night.rows("claim_decision"))
    return next(
        number
        for number, night in enumerate(nights, start=1)
        if row["icn"] in {each["decision_id"] for each in night.rows("claim_decision")}
    )


def _copy_with_names(read: Path, folder: Path) -> None:
    """The builder of adjudication's tests leaves out names, which only remittances read."""
    folder.mkdir(parents=True)
    claims = pq.read_table(read / "claims.parquet")
    text = golden_texts()[0]
    for name in RAW_NAMES:
        if name not in claims.column_names:
            values = pa.array([text.get(name)] * claims.num_rows, pa.string())
            claims = claims.append_column(name, values)
    pq.write_table(claims, folder / "claims.parquet")
    lines = pq.read_table(read / "service_lines.parquet")
    if "procedure_qualifier" not in lines.column_names:
        qualifier = pa.array(["HC"] * lines.num_rows)
        lines = lines.append_column("procedure_qualifier", qualifier)
    pq.write_table(lines, folder / "service_lines.parquet")


def cas(content: bytes) -> list[str]:
    return ["*".join(row) for row in segments(content) if row[0] in {"CAS", "LQ"}]


def test_every_kind_of_denial_is_explained(world: World, tmp_path: Path) -> None:
    world.post(account("VISIT", "jane:therapy-visits", "ALL"), 30)
    night = world.decide(
        [
            Claim(1, [Line("99245", "1200.00")]),
            Claim(2, [Line("99213", "165.00"), Line("80053", "75.00")]),
            Claim(3, [Line("99214", "220.00"), Line("15788", "480.00"), Line("36415", "25.00")], taxonomy="207X00000X"),
            Claim(4, [Line("97110", "95.00")]),
            Claim(5, [Line("90717", "140.00")]),
            Claim(6, [Line("99213", "165.00")], service_date=date(2025, 12, 31)),
            Claim(7, [Line("99213", "165.00")], unknown_patient=True),
            Claim(8, [Line("99396", "210.00", ("33",)), Line("99213", "165.00", ("25",))]),
            Claim(9, [Line("99213", "165.00", place_of_service_code="02")], provider=STRANGER, place="02"),
            Claim(10, [Line("29881", "900.00", unit_count="2")], provider=STRANGER),
            Claim(11, [Line("99213", "165.00")], frequency="7", original=9999),
        ],
        [Claim(12, [Line("99213", "165.00"), Line("80053", "75.00")])],
    )  # fmt: skip
    content = explained(world, tmp_path / "lake", [night])
    found = {row.split("*", 3)[2] for row in cas(content) if row.startswith("CAS")}
    assert {"45", "1", "3", "97", "119", "204", "96", "32", "16", "18"} <= found
    assert {row[2] for row in segments(content) if row[0] == "CLP"} == {"1", "4"}


def test_a_replacement_of_a_paid_claim_is_a_reversal_and_a_correction(
    world: World, tmp_path: Path
) -> None:
    world.post(account("IND_DED", "jane"), 118_785)
    first = world.decide(
        [Claim(101, [Line("99245", "1200.00")])], night=date(2026, 2, 12), release=True
    )
    second = world.decide([Claim(177, [Line("99244", "1000.00")], frequency="7", original=101)])
    content = explained(world, tmp_path / "lake", [first, second])
    order = [(row[2], row[4], row[7][-3:]) for row in segments(content) if row[0] == "CLP"]
    assert order == [("1", "450.6", "101"), ("22", "-450.6", "101"), ("1", "334.28", "177")]
    assert cas(content)[2:] == [
        "CAS*CO*45*-324.6",
        "CAS*PR*1*-312.15**2*-112.65",
        "CAS*CO*45*270",
        "CAS*PR*1*312.15**2*83.57",
    ]


def test_a_claim_that_pays_nothing_is_a_notice(world: World, tmp_path: Path) -> None:
    night = world.decide([Claim(1, [Line("80053", "75.00")])])
    content = explained(world, tmp_path / "lake", [night])
    assert b"BPR*H*0*C*NON*" in content
    assert cas(content) == ["CAS*CO*45*60.51", "CAS*PR*1*14.49"]
