"""Release with the real 835s and bank files: what the writers make is what the payments say."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from tests.funding.world import FILE, FILE_NIGHT, LAKESIDE, NORTH, OUTSIDER, Decided, World
from tests.remittance.lake import RAW_NAMES
from transforms.manifest import recorded_key
from transforms.remittance import build_ach_file, build_remittances
from transforms.warehouse import select_table
from validations.ach_check import ach_facts, check_ach
from validations.remittance_check import remittance_facts

NIGHT, NEXT = date(2026, 3, 5), date(2026, 3, 12)

LINES = """
select
    decision_id, cast(1 as integer) as line_number, service_from_date as service_date,
    service_from_date as service_end_date, '99213' as procedure_code, '' as modifiers,
    cast(1 as decimal(15, 3)) as unit_count, charge_usd, allowed_usd, paid_usd,
    '1' as line_control_number
from claim_decision order by decision_id
"""

ADJUSTMENTS = """
select
    decision_id, cast(1 as integer) as line_number, cast(1 as integer) as adjustment_number,
    'CO' as group_code, case when paid_usd = 0 then '29' else '45' end as reason_code,
    cast(charge_usd - paid_usd as decimal(14, 2)) as amount_usd, '' as remark_code
from claim_decision where charge_usd <> paid_usd order by decision_id
"""


def write_lake(world: World) -> None:
    """One line and one adjustment a decision, and the texts of their claims."""
    decided = world.lake / "adjudicate" / "test"
    decided.mkdir(parents=True, exist_ok=True)
    with world.warehouse.transaction() as connection:
        for name, statement in (
            ("claim_decision", "select * from claim_decision order by decision_id"),
            ("line_decision", LINES),
            ("line_adjustment", ADJUSTMENTS),
        ):
            pq.write_table(select_table(connection, statement), decided / f"{name}.parquet")
    read = world.lake / recorded_key(world.lake, FILE_NIGHT, "read", FILE)
    texts = {
        "subscriber_last_name": "DOE",
        "subscriber_first_name": "JANE",
        "billing_provider_street": "9 FAR RD",
        "billing_provider_city": "FARGO",
        "billing_provider_state_code": "ND",
        "billing_provider_zip_code": "581020001",
    }
    claims = {
        "claim_index": pa.array(range(50), pa.int64()),
        "billing_provider_name": pa.array(["OUTSIDE CLINIC"] * 50),
        **{name: pa.array([texts.get(name)] * 50, pa.string()) for name in RAW_NAMES},
    }
    pq.write_table(pa.table(claims), read / "claims.parquet")
    lines = {
        "claim_index": pa.array(range(50), pa.int64()),
        "line_number": pa.array([1] * 50, pa.int32()),
        "procedure_qualifier": pa.array(["HC"] * 50),
    }
    pq.write_table(pa.table(lines), read / "service_lines.parquet")


def release(world: World, night: date) -> None:
    write_lake(world)
    world.release(night, build_remittances=build_remittances, build_ach_file=build_ach_file)


def test_two_cycles_of_real_documents_say_what_the_payments_say(world: World) -> None:
    world.without_fees()
    world.decide(
        Decided("TPA1", "450.60"),
        Decided("TPA2", "100.00", payee=NORTH),
        Decided("TPA3", "55.55", payee=OUTSIDER),
        Decided("TPA4", "0.00"),
    )
    world.cut(NIGHT)
    world.approve(NIGHT)
    world.deposit("B1", "606.15", NIGHT)
    release(world, NIGHT)
    world.decide(
        Decided("TPA1", "-450.60", night=NEXT),
        Decided("TPA9", "334.28", replaces="TPA1", night=NEXT),
        Decided("TPA5", "10.00", payee=NORTH, night=NEXT),
    )
    world.cut(NEXT)
    world.approve(NEXT)
    world.deposit("B2", "10.00", NEXT)
    release(world, NEXT)
    assert world.value("select count(*) from payment where status <> 'RELEASED'") == 0
    world.require_right_books()

    documents = world.rows(
        "select document_kind, partner_id, content_digest from outbox"
        " where document_kind in ('835', 'ACH')"
    )
    contents = [
        (kind, partner, (world.documents / digest[:2] / digest).read_bytes())
        for kind, partner, digest in documents
    ]
    facts = {
        found.trace_number: (partner, found.payment_method_code, found.payment_cents)
        for kind, partner, content in contents
        if kind == "835"
        for found in [remittance_facts(content)]
    }
    assert sorted(facts.values()) == [
        ("lakeside", "ACH", 45060),
        ("lakeside", "NON", 0),  # the claim that paid nothing
        ("lakeside", "NON", 0),  # the payee who owes
        ("north", "ACH", 1000),
        ("north", "ACH", 10000),
        ("print", "CHK", 5555),
    ]
    owing = [content for kind, _, content in contents if b"FB:NP" in content]
    assert len(owing) == 1
    assert remittance_facts(owing[0]).provider_adjustment_cents == -11632
    assert remittance_facts(owing[0]).claim_count == 2
    bank = [content for kind, _, content in contents if kind == "ACH"]
    assert len(bank) == 2
    assert [check_ach(content) for content in bank] == [[], []]
    assert sum(entry.amount_cents for content in bank for entry in ach_facts(content)) == 56060
    assert world.released_usd() == Decimal("616.15")
    assert LAKESIDE[0] in owing[0].decode()
