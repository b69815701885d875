"""Every cent of a request leads to its source, and what does not add up is said."""

import io
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from tests.report.night_money import NIGHT, NightRows, usd
from tests.report.night_rows import believable_night, write_raw
from transforms.plan.loader import load_configuration
from transforms.plan.models import Configuration
from transforms.trace import (
    ClaimsTrace,
    CountTrace,
    OriginTrace,
    RawFiles,
    ReferenceNotFoundError,
    follow,
)
from transforms.trace.output import render_trace, write_json_lines
from transforms.trace.raw_bytes import charge_of, service_segment_of

ROOT = Path(__file__).resolve().parents[2]
CYCLE = f"ACME-CLAIMS:{NIGHT}:REGULAR"
Made = tuple[duckdb.DuckDBPyConnection, NightRows, Configuration]


@pytest.fixture(scope="module")
def made() -> Made:
    return believable_night(load_configuration(ROOT), claims_per_cycle=20)


@pytest.fixture
def connection(made: Made) -> duckdb.DuckDBPyConnection:
    return made[0].cursor()


@pytest.fixture
def raw(made: Made, tmp_path: Path) -> RawFiles:
    write_raw(made[1], tmp_path)
    return RawFiles(tmp_path / "raw")


def test_every_cent_of_a_claims_line_stands_in_the_837_it_names(
    made: Made, connection: duckdb.DuckDBPyConnection, raw: RawFiles
) -> None:
    with raw:
        trace = follow(connection, made[2], f"{CYCLE}#1", raw=raw)
        assert isinstance(trace, ClaimsTrace)
        lines = list(trace.lines)
    assert trace.ties
    assert len(lines) == trace.line_count > 40
    assert sum(line.paid_usd for line in lines) == trace.subject.amount_usd
    for line in lines:
        adjusted = sum((one.amount_usd for one in line.adjustments), Decimal(0))
        assert line.charge_usd - adjusted == line.paid_usd
        assert line.segment is not None
        assert line.segment.startswith(f"SV1*HC:{line.procedure_code}*")
        assert charge_of(line.segment) == line.charge_usd
        assert line.is_same_charge
    assert trace.subject.cause.startswith("event ")


def test_the_totals_cover_everything_however_few_rows_are_shown(
    made: Made, connection: duckdb.DuckDBPyConnection
) -> None:
    whole = follow(connection, made[2], f"{CYCLE}#1")
    assert isinstance(whole, ClaimsTrace)
    everything = list(whole.lines)
    page = follow(connection, made[2], f"{CYCLE}#1", limit=3, offset=5)
    assert isinstance(page, ClaimsTrace)
    assert list(page.lines) == everything[5:8]
    assert (page.line_count, page.paid_usd, page.ties) == (len(everything), whole.paid_usd, True)


def test_a_changed_charge_in_the_raw_file_is_seen(
    made: Made, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    _, rows, configuration = made
    for file_id, content in rows.raw.items():
        path = tmp_path / file_id[:2] / file_id
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.replace(b"*165*", b"*166*"))
    with RawFiles(tmp_path) as changed:
        trace = follow(connection, configuration, f"{CYCLE}#1", raw=changed)
        assert isinstance(trace, ClaimsTrace)
        seen = {(line.procedure_code, line.is_same_charge) for line in trace.lines}
    assert ("99213", False) in seen
    assert ("80053", True) in seen


def test_a_fee_leads_to_the_agreement_and_to_everybody_counted(
    made: Made, connection: duckdb.DuckDBPyConnection
) -> None:
    trace = follow(connection, made[2], f"{CYCLE}#2")
    assert isinstance(trace, CountTrace)
    members = list(trace.members)
    assert trace.ties
    assert len(members) == trace.counted == trace.quantity == 214
    assert (trace.rate_usd, trace.subject.amount_usd) == (Decimal("28.50"), Decimal("6099.00"))
    file, _, number = trace.agreement.partition(":")
    stated = (ROOT / file).read_text().splitlines()[int(number) - 1]
    assert "id: admin" in stated
    assert "28.50" in stated
    assert trace.source == "Agreement schedule B, line 1"
    assert {(member.source_segment - 12) % 9 for member in members} == {0}


def test_one_person_too_few_does_not_add_up(made: Made) -> None:
    connection, _, configuration = made
    connection.execute("begin transaction")
    try:
        connection.execute(
            "delete from counted_member where cycle_id = ? and line_number = 2 and member_id ="
            " (select min(member_id) from counted_member where cycle_id = ?)",
            [CYCLE, CYCLE],
        )
        trace = follow(connection, configuration, f"{CYCLE}#2")
    finally:
        connection.execute("rollback")
    assert isinstance(trace, CountTrace)
    assert not trace.ties


def test_a_rate_the_agreement_no_longer_has_is_said(
    made: Made, connection: duckdb.DuckDBPyConnection
) -> None:
    configuration = made[2]
    acme = configuration.employers["ACME"].model_copy(update={"fees": ()})
    changed = replace(configuration, employers={"ACME": acme})
    trace = follow(connection, changed, f"{CYCLE}#2", limit=1)
    assert isinstance(trace, CountTrace)
    assert trace.agreement == ""
    assert trace.ties


def test_a_payment_is_its_claims_less_its_provider_adjustments(made: Made) -> None:
    connection, rows, configuration = made
    payment = next(row for row in rows.tables["payment"] if row["cycle_id"] == CYCLE)
    for reference in (payment["payment_id"], payment["payment_id"][:10], payment["trace_number"]):
        trace = follow(connection, configuration, reference)
        assert isinstance(trace, ClaimsTrace)
        assert trace.ties
        assert trace.claim_count == payment["claim_count"]
        assert trace.subject.reference == payment["payment_id"]
    connection.execute("begin transaction")
    try:
        connection.execute(
            "update payment set provider_adjustment_usd = 16, amount_usd = amount_usd - 16"
            " where payment_id = ?",
            [payment["payment_id"]],
        )
        adjusted = follow(connection, configuration, payment["payment_id"])
    finally:
        connection.execute("rollback")
    assert isinstance(adjusted, ClaimsTrace)
    assert adjusted.other_usd == Decimal("-16.00")
    assert adjusted.ties


def test_a_claim_number_shows_every_decision_of_that_version(made: Made) -> None:
    connection, rows, configuration = made
    claim = next(row for row in rows.tables["claim_decision"] if row["decision"] == "APPROVED")
    trace = follow(connection, configuration, claim["icn"])
    assert isinstance(trace, ClaimsTrace)
    assert trace.subject.amount_usd == claim["paid_usd"] == trace.paid_usd
    assert {line.icn for line in trace.lines} == {claim["icn"]}


def test_reversals_trace_to_the_bytes_of_the_claim_they_take_back(
    made: Made, raw: RawFiles
) -> None:
    connection, _, configuration = made
    connection.execute("begin transaction")
    try:
        original = connection.execute(
            "select min(decision_id) from cycle_claim where cycle_id = ? and decision_id in"
            " (select decision_id from claim_decision where paid_usd > 0)",
            [CYCLE],
        ).fetchone()
        assert original is not None
        take_back(connection, original[0])
        with raw:
            trace = follow(connection, configuration, f"{CYCLE}#90", raw=raw)
            assert isinstance(trace, ClaimsTrace)
            lines = list(trace.lines)
    finally:
        connection.execute("rollback")
    assert trace.ties
    assert trace.subject.amount_usd < 0
    assert all(line.is_same_charge and line.charge_usd < 0 for line in lines)


def take_back(connection: duckdb.DuckDBPyConnection, decision_id: str) -> None:
    """Add the reversal of a decision and a REVERSALS line 90 to the cycle."""
    for table, negated in (
        ("claim_decision", ("charge_usd", "allowed_usd", "paid_usd")),
        ("line_decision", ("charge_usd", "allowed_usd", "paid_usd")),
        ("line_adjustment", ("amount_usd",)),
    ):
        changes = ", ".join(f"-{column} as {column}" for column in negated)
        kind = ", 'REVERSAL' as decision_kind" if table == "claim_decision" else ""
        connection.execute(
            f"insert into {table} by name select * replace (decision_id || 'R' as decision_id,"
            f" {changes}{kind}) from {table} where decision_id = ?",
            [decision_id],
        )
    connection.execute(
        (
            "insert into cycle_claim select decision_id || 'R', cycle_id, payment_id from cycle_claim"
            " where decision_id = ?"
        ),
        [decision_id],
    )
    connection.execute(
        (
            "insert into funding_line select ?, 90, 'REVERSALS', plan_id, 'Taken back', 1, null,"
            " paid_usd, 'CLAIMS' from claim_decision where decision_id = ? || 'R'"
        ),
        [CYCLE, decision_id],
    )


OTHERS = [
    (
        "CREDIT",
        "REFUND:B7",
        "-125.00",
        (
            "insert into fund_credit values ('REFUND:B7', 'ACME-CLAIMS', 'REFUND', 'B7',"
            " date '2026-03-03', 125.00, ?)"
        ),
        ("Credit REFUND", "B7"),
    ),
    (
        "PRIOR_BALANCE",
        "BK-9",
        "-37.25",
        (
            "insert into fund_credit values ('OVER_FUNDING:BK-9:x', 'ACME-CLAIMS', 'OVER_FUNDING',"
            " 'BK-9', date '2026-03-03', 37.25, ?)"
        ),
        ("Credit OVER_FUNDING", "BK-9"),
    ),
    (
        "FB",
        "000000077",
        "116.32",
        (
            "insert into provider_adjustment select payment_id, 1, 'FB', '000000077', -116.32"
            " from payment where cycle_id = ? limit 1"
        ),
        (None, "000000077"),
    ),
]


@pytest.mark.parametrize(
    ("kind", "reference", "amount", "cause", "expected"), OTHERS, ids=[one[0] for one in OTHERS]
)
def test_other_lines_lead_to_what_caused_them(
    made: Made,
    kind: str,
    reference: str,
    amount: str,
    cause: str,
    expected: tuple[str | None, str],
) -> None:
    connection, _, configuration = made
    connection.execute("begin transaction")
    try:
        connection.execute(
            "insert into funding_line values (?, 90, ?, ?, '', 1, null, ?, 'CLAIMS')",
            [CYCLE, kind, reference, amount],
        )
        without = follow(connection, configuration, f"{CYCLE}#90")
        connection.execute(cause, [CYCLE])
        trace = follow(connection, configuration, f"{CYCLE}#90")
    finally:
        connection.execute("rollback")
    assert isinstance(without, OriginTrace)
    assert not without.ties
    assert isinstance(trace, OriginTrace)
    assert trace.ties
    assert trace.origins[0].reference == expected[1]
    assert expected[0] in {None, trace.origins[0].kind}


def test_a_balance_carried_leads_to_the_earlier_cycle(made: Made) -> None:
    connection, _, configuration = made
    earlier = CYCLE.replace("2026-03-05", "2026-02-26")
    connection.execute("begin transaction")
    try:
        connection.execute(
            "update funding_request set carried_usd = -2500 where cycle_id = ?", [earlier]
        )
        connection.execute(
            "insert into funding_line values (?, 90, 'PRIOR_BALANCE', ?, '', 1, null, -2500,"
            " 'CLAIMS')",
            [CYCLE, earlier],
        )
        trace = follow(connection, configuration, f"{CYCLE}#90")
    finally:
        connection.execute("rollback")
    assert isinstance(trace, OriginTrace)
    assert trace.ties
    assert trace.origins[0].reference == earlier


@pytest.mark.parametrize("reference", [f"{CYCLE}#77", f"{CYCLE}#one", "nothing", "#", "000"])
def test_what_nobody_knows_is_refused(
    made: Made, connection: duckdb.DuckDBPyConnection, reference: str
) -> None:
    with pytest.raises(ReferenceNotFoundError):
        follow(connection, made[2], reference)


def test_json_lines_add_up_and_name_nobody(
    made: Made, connection: duckdb.DuckDBPyConnection
) -> None:
    written: list[str] = []
    write_json_lines(follow(connection, made[2], f"{CYCLE}#1"), written.append)
    values = [json.loads(text) for text in written]
    paid = sum(Decimal(value["row"]["paid_usd"]) for value in values[1:-1])
    assert values[-1]["total"]["ties"] is True
    assert Decimal(values[0]["subject"]["amount_usd"]) == paid
    assert Decimal(values[-1]["total"]["paid_usd"]) == paid
    assert len(values[1]["row"]["file_id"]) == 64
    assert not {"subscriber_id", "member_id", "patient_control_number"} & set(values[1]["row"])


@pytest.mark.parametrize("number", [1, 2])
def test_the_terminal_says_the_total_and_the_verdict(
    made: Made, connection: duckdb.DuckDBPyConnection, number: int
) -> None:
    console = Console(file=io.StringIO(), width=160)
    trace = follow(connection, made[2], f"{CYCLE}#{number}", limit=2)
    render_trace(trace, console)
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert f"{trace.subject.amount_usd:,.2f}" in shown
    assert "2 of " in shown
    assert "adds up to the cent" in shown


@pytest.mark.parametrize(
    ("loop", "segment"),
    [
        (b"LX*1~SV1*HC:99213*165*UN*1***1~DTP*472*D8*20260301~", "SV1*HC:99213*165*UN*1***1"),
        (b"LX|12\nSV1|HC>99213|165.5\nREF|6R|1\n", "SV1|HC>99213|165.5"),
        (b"\r\nLX*1~\r\nSV2*0120*HC:1*6400*DA*3~\r\n", "SV2*0120*HC:1*6400*DA*3"),
        (b"LX*1~DTP*472*D8*20260301~", None),
        (b"CLM*P1*100~SV1*HC:1*1~", None),
        (b"LX", None),
        (b"", None),
    ],
)
def test_a_loop_tells_its_own_delimiters(loop: bytes, segment: str | None) -> None:
    assert service_segment_of(loop) == segment


def test_only_the_service_segment_leaves_the_raw_file() -> None:
    loop = b"LX*1~SV1*HC:99213*165*UN*1***1~NTE*ADD*JANE DOE~"
    shown = service_segment_of(loop)
    assert shown is not None
    assert "JANE" not in shown


def test_charges_are_where_their_segment_has_them() -> None:
    assert charge_of("SV1*HC:99213*165.50*UN*1") == usd(165_50)
    assert charge_of("SV2*0120**6400*DA*3") == 6400
    assert charge_of("SV1*HC:99213") is None
    assert charge_of("SV1*HC:99213*x*UN") is None
