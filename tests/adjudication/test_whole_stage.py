"""Laws of the stage over random nights, and the same nights through the Decimal twin."""

import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.adjudication import twin
from tests.adjudication.builder import (
    DECISION_TABLES,
    LAKESIDE,
    STRANGER,
    Claim,
    Line,
    Night,
    Span,
    World,
    empty_table,
    example_configuration,
    icn_text,
    with_plan,
)
from transforms.adjudication import stage, walk
from transforms.adjudication.checks import AdjudicationError
from transforms.adjudication.cost_share import CostShareRows, CostShares, share_costs
from transforms.engine import open_engine
from transforms.plan.models import Benefit, Plan

NORTH = {"billing_provider_npi": "1666666668", "billing_provider_tax_id": "410000002"}
FIRST_NIGHT, SECOND_NIGHT = date(2026, 3, 5), date(2026, 3, 12)
CODES = [
    "99213",
    "99214",
    "80053",
    "36415",
    "81002",
    "97110",
    "97140",
    "90834",
    "71046",
    "29881",
    "45380",
    "99283",
    "99396",
    "15788",
    "99245",
    "0005U",
]
FAMILIES = {"ann": "E1", "bob": "E1", "cid": "E1", "dan": "E2", "eve": "E2", "fay": "E3"}


def plan_with_low_limits() -> Plan:
    """The example plan with limits that a few claims reach."""
    plan = example_configuration().employers["ACME"].plans[0]
    sides = plan.accumulators
    low = {
        "deductible": sides.in_network.deductible.model_copy(
            update={"individual_usd": Decimal("400.00"), "family_usd": Decimal("700.00")}
        ),
        "out_of_pocket": sides.in_network.out_of_pocket.model_copy(
            update={"individual_usd": Decimal("600.00"), "family_usd": Decimal("1100.00")}
        ),
    }
    side = sides.in_network.model_copy(update=low)
    limits = (plan.limits[0].model_copy(update={"maximum": 1}),)
    accumulators = sides.model_copy(update={"in_network": side, "out_of_network": side})
    return plan.model_copy(update={"accumulators": accumulators, "limits": limits})


def random_claims(seed: int, count: int, first_icn: int) -> list[Claim]:
    """Claims of six people in three families; `cid` is claimed under two subscribers."""
    chance = random.Random(seed)
    claims = []
    for number in range(count):
        person = chance.choice(list(FAMILIES))
        family = "E2" if person == "cid" and chance.random() < 0.4 else FAMILIES[person]
        lines = [
            Line(
                chance.choice(CODES),
                f"{chance.randint(1, 90000) / 100:.2f}",
                chance.choice([(), (), ("25",), ("59",), ("33",), ("GT",)]),
                service_date=date(2026, 2, 1) + timedelta(days=chance.randint(0, 12)),
                unit_count=chance.choice(["1", "1", "2", "0.5"]),
                place_of_service_code=chance.choice(["", "", "23", "20", "10"]),
            )
            for _ in range(chance.randint(1, 4))
        ]
        claims.append(
            Claim(
                first_icn + number,
                lines,
                person=person,
                family=family,
                provider=chance.choice([LAKESIDE, LAKESIDE, NORTH, STRANGER]),
                taxonomy=chance.choice(["207Q00000X", "207X00000X"]),
                received_date=chance.choice([FIRST_NIGHT, FIRST_NIGHT - timedelta(days=1)]),
            )
        )
    return claims


def replacements(claims: list[Claim], seed: int) -> list[Claim]:
    """Every fourth claim voided or replaced by one with other charges."""
    chance = random.Random(seed)
    events = []
    for number, original in enumerate(claims[::4]):
        changed = [
            Line(line.procedure_code, "77.77", line.modifiers, line.service_date)
            for line in original.lines
        ]
        events.append(
            Claim(
                9000 + number,
                changed,
                person=original.person,
                family=original.family,
                provider=original.provider,
                frequency=chance.choice("778"),
                original=original.icn,
            )
        )
    return events


def two_nights(folder: Path, seed: int) -> tuple[World, list[tuple[list[Claim], Night]]]:
    world = World(folder)
    plan = plan_with_low_limits()
    world.configuration = with_plan(
        example_configuration(), accumulators=plan.accumulators, limits=plan.limits
    )
    world.spans = [
        Span(person, family=family, tier="EE" if family == "E3" else "FAM")
        for person, family in FAMILIES.items()
    ]
    first = random_claims(seed, 90, 100)
    second = [*random_claims(seed + 1000, 60, 500), *replacements(first, seed)]
    return world, [
        (first, world.decide(first[:50], first[50:], night=FIRST_NIGHT, release=True)),
        (second, world.decide(second, night=SECOND_NIGHT)),
    ]


@pytest.fixture(scope="module", params=[1, 2, 3])
def nights(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[list[Claim], Night]]:
    return two_nights(tmp_path_factory.mktemp("nights"), request.param)[1]


def test_random_nights_hold_every_outcome(nights: list[tuple[list[Claim], Night]]) -> None:
    rows = [row for _, night in nights for row in night.rows("claim_decision")]
    assert {row["decision"] for row in rows} == {"APPROVED", "DENIED", "PENDED", "CANCELLED"}
    reasons = {
        (row["group_code"], row["reason_code"])
        for _, night in nights
        for row in night.rows("line_adjustment")
    }
    assert {("CO", "45"), ("PR", "45"), ("PR", "1"), ("PR", "2"), ("PR", "3")} <= reasons
    assert {("PR", "119"), ("PR", "204"), ("CO", "97")} <= reasons


def test_every_line_adds_up_and_stays_between_its_bounds(
    nights: list[tuple[list[Claim], Night]],
) -> None:
    for _, night in nights:
        adjusted: dict[tuple[str, int], Decimal] = {}
        for row in night.rows("line_adjustment"):
            key = (row["decision_id"], row["line_number"])
            adjusted[key] = adjusted.get(key, Decimal(0)) + row["amount_usd"]
            assert row["amount_usd"] != 0
            assert row["rule_id"]
            assert (row["group_code"] == "PR") or row["reason_code"] not in {"1", "2", "3", "204"}
        for line in night.rows("line_decision"):
            key = (line["decision_id"], line["line_number"])
            assert line["charge_usd"] == line["paid_usd"] + adjusted.get(key, Decimal(0))
            sign = -1 if line["decision_id"].endswith("R") else 1
            share = line["copay_usd"] + line["deductible_usd"] + line["coinsurance_usd"]
            assert 0 <= sign * line["paid_usd"] <= sign * line["allowed_usd"]
            assert sign * share <= sign * line["allowed_usd"]
            assert line["deciding_rule"]
            assert (line["line_outcome"] == "PAID") <= bool(line["pricing_rule"])


def test_a_claim_is_the_sum_of_its_lines(nights: list[tuple[list[Claim], Night]]) -> None:
    for _, night in nights:
        lines, shares = night.rows("line_decision"), night.rows("line_adjustment")
        for claim in night.rows("claim_decision"):
            of_claim = [row for row in lines if row["decision_id"] == claim["decision_id"]]
            if (
                claim["decision"] in ("PENDED", "CANCELLED")
                and claim["decision_kind"] != "REVERSAL"
            ):
                assert of_claim == []
                assert claim["paid_usd"] == claim["allowed_usd"] == 0
                continue
            for amount in ("charge_usd", "allowed_usd", "paid_usd"):
                assert claim[amount] == sum(row[amount] for row in of_claim)
            assert claim["patient_responsibility_usd"] == sum(
                row["amount_usd"]
                for row in shares
                if row["decision_id"] == claim["decision_id"] and row["group_code"] == "PR"
            )


def test_every_claim_gets_one_decision(nights: list[tuple[list[Claim], Night]]) -> None:
    for claims, night in nights:
        decided = [
            row["icn"]
            for row in night.rows("claim_decision")
            if row["decision_kind"] == "ADJUDICATION"
        ]
        assert sorted(decided) == sorted(icn_text(claim.icn) for claim in claims)


def test_the_twin_decides_the_same_cost_shares(nights: list[tuple[list[Claim], Night]]) -> None:
    """Prices and categories are taken from the stage; who shares what is told anew."""
    books = twin.Books()
    plan = plan_with_low_limits()
    for claims, night in nights:
        by_icn = {icn_text(claim.icn): claim for claim in claims}
        events, expected = told(plan, night, by_icn)
        results = twin.decide(books, events)
        for key, row in expected.items():
            result = results[key]
            assert (row["copay_usd"], row["deductible_usd"], row["coinsurance_usd"]) == (
                result.copay,
                result.deductible,
                result.coinsurance,
            )
            assert (row["line_outcome"] == "DENIED") == bool(result.denied_by)


def told(
    plan: Plan, night: Night, claims: dict[str, Claim]
) -> tuple[list[twin.Claim | twin.Reversal], dict[tuple[str, int], dict[str, object]]]:
    """Events of a night in deciding order, in the twin's words, and the rows they are held to."""
    lines: dict[str, list[dict[str, object]]] = {}
    for row in night.rows("line_decision"):
        category = next((c for c in plan.categories if c.id == row["service_category"]), None)
        reached = row["line_outcome"] == "PAID" or ":limit:" in row["deciding_rule"]
        if category is not None and reached:
            lines.setdefault(row["decision_id"], []).append(row)
    decisions = night.rows("claim_decision")
    order = sorted(
        (row for row in decisions if row["decision_kind"] == "ADJUDICATION"),
        key=lambda row: (row["received_date"], row["icn"]),
    )
    taken_back = {row["icn"] for row in decisions if row["decision_kind"] == "REVERSAL"}
    events: list[twin.Claim | twin.Reversal] = []
    expected = {}
    for decision in order:
        if decision["replaces_icn"] in taken_back and decision["decision"] != "PENDED":
            events.append(twin.Reversal(decision["replaces_icn"]))
        rows = sorted(
            lines.get(decision["icn"], []),
            key=lambda row: (row["service_date"], row["line_number"]),
        )
        claim = claims[decision["icn"]]
        told_lines = tuple(told_line(plan, decision, row, claim) for row in rows)
        events.append(twin.Claim(decision["icn"], told_lines))
        for number, row in enumerate(rows, start=1):
            expected[decision["icn"], number] = row
    return events, expected


def told_line(
    plan: Plan, decision: dict[str, object], row: dict[str, object], claim: Claim
) -> twin.Line:
    category = next(c for c in plan.categories if c.id == row["service_category"])
    is_in = decision["network_status"] == "IN"
    benefit: Benefit = category.in_network if is_in else category.out_of_network
    counts_in = benefit.accumulate_as or ("in_network" if is_in else "out_of_network")
    amounts = getattr(plan.accumulators, counts_in)
    key = f"{claim.person} {row['service_date']} {category.id}"
    if benefit.copay_basis != "day":
        key += f" {claim.provider}"
    return twin.Line(
        allowed=row["allowed_usd"],  # type: ignore[arg-type]
        person=f"{claim.person} {counts_in}",
        family=f"{claim.family} {counts_in}",
        benefit=twin.Benefit(
            benefit.copay_usd, benefit.deductible, benefit.coinsurance or Decimal(0)
        ),
        limits=twin.Limits(
            amounts.deductible.individual_usd,
            amounts.deductible.family_usd,
            amounts.out_of_pocket.individual_usd,
            amounts.out_of_pocket.family_usd,
        ),
        copay_key=key,
        visit_limits=tuple(
            (limit.id, limit.maximum) for limit in plan.limits if limit.id in category.limit_ids
        ),
        patient=claim.person,
    )


def test_equal_inputs_give_equal_bytes_with_any_number_of_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, one = two_nights(tmp_path / "one", 4)
    _, again = two_nights(tmp_path / "again", 4)
    monkeypatch.setattr(stage, "open_engine", lambda: open_engine(threads=1))
    monkeypatch.setattr(walk, "share_costs", lambda rows, workers: share_costs(rows, workers=5))
    _, other = two_nights(tmp_path / "other", 4)
    for nights in zip(one, again, other, strict=True):
        for name in stage.OUTPUTS:
            written = {(night.folder / f"{name}.parquet").read_bytes() for _, night in nights}
            assert len(written) == 1, name


def test_outputs_have_exactly_the_columns_of_the_warehouse_in_the_order_of_its_keys(
    nights: list[tuple[list[Claim], Night]],
) -> None:
    keys = {
        "claim_decision": ["decision_id"],
        "line_decision": ["decision_id", "line_number"],
        "line_adjustment": ["decision_id", "line_number", "adjustment_number"],
        "accumulator_transaction": ["accumulator_id", "decision_id", "line_number"],
    }
    for name in DECISION_TABLES:
        table = pq.read_table(nights[1][1].folder / f"{name}.parquet")
        assert table.schema == empty_table(name).schema
        rows = [tuple(row[key] for key in keys[name]) for row in table.to_pylist()]
        assert rows == sorted(set(rows))


def test_a_night_without_claims_writes_empty_tables(tmp_path: Path) -> None:
    night = World(tmp_path).decide()
    for name in DECISION_TABLES:
        table = pq.read_table(night.folder / f"{name}.parquet")
        assert (table.num_rows, table.schema) == (0, empty_table(name).schema)


def test_an_empty_file_between_others_moves_no_claim(tmp_path: Path) -> None:
    visit = Line("99213", "165.00")
    night = World(tmp_path).decide(
        [Claim(1, [visit])], [], [Claim(2, [visit], service_date=date(2026, 3, 3))]
    )
    assert [night.claim(n)["file_id"] for n in (1, 2)] == ["file0", "file2"]


def test_a_decision_that_does_not_add_up_is_never_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def generous(rows: CostShareRows, *, workers: int) -> CostShares:
        shares = share_costs(rows, workers=workers)
        shares.copay[:] = -100
        return shares

    monkeypatch.setattr(walk, "share_costs", generous)
    world = World(tmp_path)
    with pytest.raises(
        AdjudicationError, match="a share below zero or paid above the allowed amount: 1"
    ):
        world.decide([Claim(1, [Line("80053", "75.00")])])
    assert list((tmp_path / "night 1" / "out").iterdir()) == []
