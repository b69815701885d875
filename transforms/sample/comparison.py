"""Compares what a night came to in the warehouse with the known answers of its sample.

Claims are matched by the digest of their file and their row in it. Every comparison is one join in
SQL, so a million claims take seconds. The order of adjustments on a line does not matter.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from duckdb import DuckDBPyConnection

from transforms.sample.comparison_query import CYCLES, Comparison
from transforms.sample.week_comparison import WEEK_COMPARISONS, WEEK_TABLES

EXAMPLES = 3
COPIES = "number_of_copies"
"""How often a key occurs on a side: a thing done twice must not look like a thing done."""
CLAIMS_A_REMITTANCE = 10_000
"""A payee with more claims has several payments, none of them much smaller than need be."""
ANSWER_TABLES = (
    "files", "sets", "spans", "claims", "lines", "adjustments", "funding_lines", "payments",
)  # fmt: skip
WAREHOUSE_TABLES = (
    "accumulator_transaction", "claim_decision", "cycle", "cycle_claim", "deposit",
    "deposit_allocation", "eligibility_span", "event", "funding_line", "funding_request",
    "line_adjustment", "line_decision", "member", "payment", "provider_adjustment",
    "rejected_claim", "transaction_set", "transfer",
)  # fmt: skip


CLAIM_KEY = ("file_number", "claim_index")
LINE_KEY = (*CLAIM_KEY, "line_number")
AMOUNTS = (
    "charge_usd",
    "allowed_usd",
    "copay_usd",
    "deductible_usd",
    "coinsurance_usd",
    "paid_usd",
)

NEXT_EVENT = """
create or replace temp view next_event as
select coalesce(min(event_number), 9223372036854775807) as number
from event
where business_date > (select night from answer_night)
"""
"""Where the night ends among the events: what was known then began before it."""

ANSWERED = """
create or replace temp table answered as
select d.decision_id, f.file_number, d.claim_index, d.decision,
    coalesce(c.outcome = 'VOID', false) as is_void
from claim_decision d
join answer_files f on f.file_id = d.file_id
left join answer_claims c on c.file_number = f.file_number and c.claim_index = d.claim_index
where d.decision_kind = 'ADJUDICATION'
"""
"""Decisions of the sample's claims under the numbers the answers give files and claims."""

LINES = """
select cycle_id, line_kind, quantity, rate_usd, amount_usd,
    case when line_kind <> 'FB' then reference when amount_usd < 0 then 'APPLIED' else 'CARRIED' end
        as reference
from funding_line
"""
"""Lines of requests; a payee's balance is named by what happened to it, not by a trace number."""

COMPARISONS = (
    Comparison(
        "transaction sets",
        """
        select s.file_number, s.set_control_number, s.is_accepted,
            case when s.is_accepted then s.record_count end as record_count,
            case when s.is_accepted then s.charge_usd end as charge_usd
        from answer_sets s
        """,
        """
        select f.file_number, t.set_control_number,
            t.acceptance_code <> 'R' as is_accepted,
            case when t.acceptance_code <> 'R' then t.record_count end as record_count,
            case when t.acceptance_code <> 'R' then t.charge_usd end as charge_usd
        from transaction_set t join answer_files f on f.file_id = t.file_id
        where t.acceptance_code <> 'R' or f.is_readable
        """,
        ("file_number", "set_control_number"),
        ("is_accepted", "record_count", "charge_usd"),
    ),
    Comparison(
        "coverage spans",
        """
        select employer_id, subscriber_id, first_name, birth_date, plan_id, begin_date, end_date,
            coverage_tier, relationship_code
        from answer_spans
        """,
        """
        select s.employer_id, s.subscriber_id, m.first_name, m.birth_date, s.plan_id, s.begin_date,
            s.end_date, s.coverage_tier, m.relationship_code
        from eligibility_span s
        join member m on m.employer_id = s.employer_id and m.member_id = s.member_id
            and m.valid_to_event is null
        where s.valid_from_event < (select number from next_event)
            and (s.valid_to_event is null
                or s.valid_to_event >= (select number from next_event))
            and s.employer_id in (select employer_id from answer_spans)
        """,
        ("employer_id", "subscriber_id", "first_name", "birth_date", "plan_id", "begin_date"),
        ("end_date", "coverage_tier", "relationship_code"),
    ),
    Comparison(
        "returned claims",
        """
        select file_number, claim_index, status_category_code, status_code,
            entity_code, patient_control_number, charge_usd
        from answer_claims
        where outcome = 'REJECTED'
        """,
        """
        select f.file_number, r.claim_index, r.status_category_code, r.status_code,
            r.entity_code, r.patient_control_number, r.charge_usd
        from rejected_claim r join answer_files f on f.file_id = r.file_id
        """,
        CLAIM_KEY,
        (
            "status_category_code",
            "status_code",
            "entity_code",
            "patient_control_number",
            "charge_usd",
        ),
    ),
    Comparison(
        "claims",
        """
        select file_number, claim_index, icn, outcome as decision,
            pend_code, patient_control_number, claim_frequency_code,
            charge_usd, allowed_usd, paid_usd, patient_responsibility_usd,
            employer_id, subscriber_id, service_from_date, service_through_date
        from answer_claims
        where outcome not in ('REJECTED', 'VOID')
        """,
        """
        select a.file_number, d.claim_index, d.icn, d.decision,
            d.pend_code, d.patient_control_number, d.claim_frequency_code,
            d.charge_usd, d.allowed_usd, d.paid_usd, d.patient_responsibility_usd,
            d.employer_id, d.subscriber_id, d.service_from_date, d.service_through_date
        from claim_decision d join answered a on a.decision_id = d.decision_id
        where not a.is_void
        """,
        CLAIM_KEY,
        (
            "icn", "decision", "pend_code", "patient_control_number", "claim_frequency_code",
            "charge_usd", "allowed_usd", "paid_usd", "patient_responsibility_usd", "employer_id",
            "subscriber_id", "service_from_date", "service_through_date",
        ),
    ),
    Comparison(
        "voids",
        """
        select file_number, claim_index, 0.00 as paid_usd, 0 as lines_paid
        from answer_claims
        where outcome = 'VOID'
        """,
        """
        select c.file_number, c.claim_index,
            coalesce(sum(d.paid_usd), 0.00) as paid_usd,
            count(case when l.line_outcome = 'PAID' then 1 end) as lines_paid
        from answer_claims c
        left join answered a on a.file_number = c.file_number and a.claim_index = c.claim_index
        left join claim_decision d on d.decision_id = a.decision_id
        left join line_decision l on l.decision_id = a.decision_id
        where c.outcome = 'VOID'
        group by c.file_number, c.claim_index
        """,
        CLAIM_KEY,
        ("paid_usd", "lines_paid"),
    ),
    Comparison(
        "plan and network of approved claims",
        """
        select file_number, claim_index, plan_id, network_status
        from answer_claims
        where outcome = 'APPROVED'
        """,
        """
        select a.file_number, a.claim_index, d.plan_id, d.network_status
        from claim_decision d join answered a on a.decision_id = d.decision_id
        where a.decision = 'APPROVED'
        """,
        CLAIM_KEY,
        ("plan_id", "network_status"),
    ),
    Comparison(
        "service lines",
        """
        select file_number, claim_index, line_number, procedure_code,
            service_date, line_outcome,
            case when line_outcome = 'PAID' then service_category else '' end as service_category,
            charge_usd, allowed_usd, copay_usd, deductible_usd, coinsurance_usd, paid_usd
        from answer_lines
        """,
        """
        select a.file_number, a.claim_index, l.line_number, l.procedure_code,
            l.service_date, l.line_outcome,
            case when l.line_outcome = 'PAID' then l.service_category else '' end as service_category,
            l.charge_usd, l.allowed_usd, l.copay_usd, l.deductible_usd, l.coinsurance_usd, l.paid_usd
        from line_decision l join answered a on a.decision_id = l.decision_id
        where a.decision in ('APPROVED', 'DENIED') and not a.is_void
        """,
        LINE_KEY,
        ("procedure_code", "service_date", "line_outcome", "service_category", *AMOUNTS),
    ),
    Comparison(
        "adjustments",
        """
        select file_number, claim_index, line_number, group_code,
            reason_code, remark_code, sum(amount_usd) as amount_usd
        from answer_adjustments
        group by file_number, claim_index, line_number, group_code,
            reason_code, remark_code
        """,
        """
        select a.file_number, a.claim_index, l.line_number, l.group_code,
            l.reason_code, l.remark_code, sum(l.amount_usd) as amount_usd
        from line_adjustment l join answered a on a.decision_id = l.decision_id
        where a.decision in ('APPROVED', 'DENIED') and not a.is_void
        group by a.file_number, a.claim_index, l.line_number, l.group_code,
            l.reason_code, l.remark_code
        """,
        (*LINE_KEY, "group_code", "reason_code", "remark_code"),
        ("amount_usd",),
    ),
    Comparison(
        "funding lines",
        """
        select funding_account_id, line_kind, reference,
            case when line_kind in ('FEE', 'PREMIUM') then sum(quantity) end as quantity,
            case when line_kind in ('FEE', 'PREMIUM') then max(rate_usd) end as rate_usd,
            sum(amount_usd) as amount_usd
        from answer_funding_lines
        group by funding_account_id, line_kind, reference
        having sum(amount_usd) <> 0
        """,
        f"""
        select c.funding_account_id, l.line_kind, l.reference,
            case when l.line_kind in ('FEE', 'PREMIUM') then sum(l.quantity) end as quantity,
            case when l.line_kind in ('FEE', 'PREMIUM') then max(l.rate_usd) end as rate_usd,
            sum(l.amount_usd) as amount_usd
        from ({LINES}) l join {CYCLES} c on c.cycle_id = l.cycle_id
        group by c.funding_account_id, l.line_kind, l.reference
        having sum(l.amount_usd) <> 0
        """,
        ("funding_account_id", "line_kind", "reference"),
        ("quantity", "rate_usd", "amount_usd"),
    ),
    Comparison(
        "payments",
        """
        select employer_id, plan_id, payee_tax_id, payee_npi, is_zero_pay, method, claim_count,
            amount_usd, true as is_rightly_split
        from answer_payments
        """,
        f"""
        select p.employer_id, p.plan_id, p.payee_tax_id, p.payee_npi, p.is_zero_pay, min(p.method) as method,
            sum(p.claim_count) as claim_count, sum(p.amount_usd) as amount_usd,
            max(p.claim_count) <= {CLAIMS_A_REMITTANCE}
                and count(*) <= 1 + sum(p.claim_count) // ({CLAIMS_A_REMITTANCE} // 2) as is_rightly_split
        from payment p join {CYCLES} c on c.cycle_id = p.cycle_id
        group by p.employer_id, p.plan_id, p.payee_tax_id, p.payee_npi, p.is_zero_pay
        """,
        ("employer_id", "plan_id", "payee_tax_id", "payee_npi", "is_zero_pay"),
        ("method", "claim_count", "amount_usd", "is_rightly_split"),
    ),
)  # fmt: skip

REQUESTS = Comparison(
    "funding requests",
    """
    select funding_account_id, sum(amount_usd) as request_usd, sum(amount_usd) as deposit_usd
    from answer_funding_lines group by funding_account_id
    """,
    f"""
    select c.funding_account_id, r.request_usd,
        (select sum(d.amount_usd) from deposit d
            where d.funding_account_id = c.funding_account_id
                and d.received_date = (select night from answer_night)) as deposit_usd
    from funding_request r join {CYCLES} c on c.cycle_id = r.cycle_id
    """,
    ("funding_account_id",),
    ("request_usd", "deposit_usd"),
)
"""Of one night alone: its deposits equal its requests."""


def compare_with_answers(answers: Path, connection: DuckDBPyConnection) -> list[str]:
    """What differs between a sample's answers and the warehouse; empty when nothing does.

    Args:
        answers: The folder `answers/` of a sample.
        connection: The warehouse in DuckDB, a read copy of it, or a copy of its WAREHOUSE_TABLES;
            only temporary tables and views are made.
    """
    night = json.loads((answers / "night.json").read_text(encoding="utf-8"))["night"]
    connection.execute(
        f"create or replace temp view answer_night as select date '{night}' as night"
    )
    connection.execute(NEXT_EVENT)
    is_one_of_several = (answers / "books.parquet").exists()
    for name in (*ANSWER_TABLES, *(WEEK_TABLES if is_one_of_several else ())):
        path = str(answers / f"{name}.parquet").replace("'", "''")
        columns = ", ".join(_columns(connection, path))
        connection.execute(
            f"create or replace temp view answer_{name} as "
            f"select {columns} from read_parquet('{path}')"
        )
    connection.execute(ANSWERED)
    differences: list[str] = []
    for comparison in (*COMPARISONS, *(WEEK_COMPARISONS if is_one_of_several else (REQUESTS,))):
        differences += _differences(connection, comparison)
    return differences


def _columns(connection: DuckDBPyConnection, path: str) -> list[str]:
    rows = connection.execute(f"describe select * from read_parquet('{path}')").fetchall()
    return [str(row[0]) for row in rows]


def _differences(connection: DuckDBPyConnection, comparison: Comparison) -> list[str]:
    """Rows on one side alone and columns that differ, each with a count and a few examples."""
    keys = ", ".join(comparison.keys)
    values = (*comparison.values, COPIES)
    columns = (
        f"{', '.join((*comparison.keys, *comparison.values))}, true as is_there, "
        f"count(*) over (partition by {keys}) as {COPIES}"
    )
    joined = (
        f"from (select {columns} from ({comparison.expected})) e "
        f"full join (select {columns} from ({comparison.found})) f using ({keys})"
    )
    tests = {
        "missing": "f.is_there is null",
        "not expected": "e.is_there is null",
        **{
            name: f"e.is_there and f.is_there and e.{name} is distinct from f.{name}"
            for name in values
        },
    }
    counts = connection.execute(
        f"select {', '.join(f'count(case when {test} then 1 end)' for test in tests.values())} {joined}"
    ).fetchone()
    found = []
    for (name, test), count in zip(tests.items(), counts or (), strict=True):
        if count:
            value = name if name in values else COPIES
            rows = connection.execute(
                f"select {keys}, e.{value}, f.{value} {joined} where {test} "
                f"order by {keys} limit {EXAMPLES}"
            ).fetchall()
            found.append(_message(comparison, name, count, rows))
    return found


def _message(
    comparison: Comparison, name: str, count: int, rows: Sequence[tuple[object, ...]]
) -> str:
    hidden = {"first_name", "birth_date", "subscriber_id"}
    examples = []
    for row in rows:
        keys = " ".join(
            f"{key.removesuffix('_number').removesuffix('_index')} {value}"
            for key, value in zip(comparison.keys, row, strict=False)
            if key not in hidden
        )
        if name not in {"missing", "not expected"}:
            keys += f": expected {row[-2]}, found {row[-1]}"
        examples.append(keys)
    what = name if name in {"missing", "not expected"} else f"differ in {name}"
    return f"{comparison.subject}: {count} {what}, e.g. {'; '.join(examples)}"
