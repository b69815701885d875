"""What several nights have beside the comparisons of one: reversals, balances, accumulators, books.

Everything is taken as it stood at the end of the night, so a night can be compared after later ones
ran. `answer_night` names the night, `next_event` the first event of a later one.
"""

from transforms.sample.comparison_query import CYCLES, Comparison

WEEK_TABLES = ("reversals", "accumulators", "balances", "open_balances", "cycles", "books")

PAYEE = ("employer_id", "plan_id", "payee_tax_id", "payee_npi")
NIGHT = "(select night from answer_night)"

# Totals by payee and cycle of what balances changed.
ADJUSTED = """
select p.employer_id, p.plan_id, p.payee_tax_id, p.payee_npi, c.cycle_date,
    coalesce(sum(case when a.amount_usd > 0 then a.amount_usd end), 0.00) as applied_usd,
    coalesce(-sum(case when a.amount_usd < 0 then a.amount_usd end), 0.00) as carried_usd
from provider_adjustment a
join payment p on p.payment_id = a.payment_id
join cycle c on c.cycle_id = p.cycle_id
group by p.employer_id, p.plan_id, p.payee_tax_id, p.payee_npi, c.cycle_date
"""

WEEK_COMPARISONS = (
    Comparison(
        "reversals",
        """
        select icn, plan_id, charge_usd, allowed_usd, patient_responsibility_usd, paid_usd
        from answer_reversals
        """,
        f"""
        select icn, plan_id, charge_usd, allowed_usd, patient_responsibility_usd, paid_usd
        from claim_decision where decision_kind = 'REVERSAL' and night = {NIGHT}
        """,
        ("icn",),
        ("plan_id", "charge_usd", "allowed_usd", "patient_responsibility_usd", "paid_usd"),
    ),
    Comparison(
        "lines and adjustments of reversals",
        """
        select icn, 0.00 as line_difference_usd, 0.00 as adjustment_difference_usd
        from answer_reversals
        """,
        f"""
        select d.icn,
            d.paid_usd - coalesce(l.paid_usd, 0.00) as line_difference_usd,
            coalesce(l.charge_usd, 0.00) - coalesce(l.paid_usd, 0.00) - coalesce(a.amount_usd, 0.00)
                as adjustment_difference_usd
        from claim_decision d
        left join (
            select decision_id, sum(paid_usd) as paid_usd, sum(charge_usd) as charge_usd
            from line_decision group by decision_id
        ) l on l.decision_id = d.decision_id
        left join (
            select decision_id, sum(amount_usd) as amount_usd
            from line_adjustment group by decision_id
        ) a on a.decision_id = d.decision_id
        where d.decision_kind = 'REVERSAL' and d.night = {NIGHT}
        """,
        ("icn",),
        ("line_difference_usd", "adjustment_difference_usd"),
    ),
    Comparison(
        "reversals in cycles",
        f"""
        select icn from answer_reversals r
        where r.is_paid_back and exists (
            select 1 from answer_cycles c
            join cycle on cycle.funding_account_id = c.funding_account_id
                and cycle.cycle_date = c.cycle_date
            join claim_decision d on d.employer_id = cycle.employer_id and d.icn = r.icn
            where c.cycle_date = {NIGHT}
        )
        """,
        f"""
        select d.icn from claim_decision d
        join cycle_claim cc on cc.decision_id = d.decision_id
        join cycle c on c.cycle_id = cc.cycle_id
        where d.decision_kind = 'REVERSAL' and d.night = {NIGHT} and c.cycle_date = {NIGHT}
        """,
        ("icn",),
        (),
    ),
    Comparison(
        "accumulators",
        """
        select employer_id, subscriber_id, first_name,
            coalesce(birth_date, date '1900-01-01') as birth_date, kind, side, accumulator_group,
            year_begin, limit_id, total
        from answer_accumulators
        """,
        f"""
        with posted as (
            select split_part(accumulator_id, '|', 1) as kind,
                split_part(accumulator_id, '|', 2) as side,
                split_part(accumulator_id, '|', 3) as employer_id,
                split_part(accumulator_id, '|', 4) as accumulator_group,
                cast(split_part(accumulator_id, '|', 5) as date) as year_begin,
                split_part(split_part(accumulator_id, '|', 6), ':', 1) as owner,
                split_part(split_part(accumulator_id, '|', 6), ':', 2) as limit_id,
                sum(amount) as total
            from accumulator_transaction
            where night <= {NIGHT} and split_part(accumulator_id, '|', 1) not in ('COPAY', 'VISIT_KEY')
            group by all
            having sum(amount) <> 0
        )
        select p.employer_id, coalesce(m.subscriber_id, p.owner) as subscriber_id,
            coalesce(m.first_name, '') as first_name,
            coalesce(m.birth_date, date '1900-01-01') as birth_date, p.kind, p.side,
            p.accumulator_group, p.year_begin, p.limit_id, p.total
        from posted p
        left join member m on m.employer_id = p.employer_id and m.person_id = p.owner
            and m.valid_to_event is null and p.kind not like 'FAM%'
        """,
        (
            "employer_id", "subscriber_id", "first_name", "birth_date", "kind", "side",
            "accumulator_group", "year_begin", "limit_id",
        ),
        ("total",),
    ),
    Comparison(
        "forward balances",
        """
        select employer_id, plan_id, payee_tax_id, payee_npi, applied_usd, carried_usd
        from answer_balances
        """,
        f"""
        select employer_id, plan_id, payee_tax_id, payee_npi, applied_usd, carried_usd
        from ({ADJUSTED}) where cycle_date = {NIGHT}
        """,
        PAYEE,
        ("applied_usd", "carried_usd"),
    ),
    Comparison(
        "what payees owe",
        """
        select employer_id, plan_id, payee_tax_id, payee_npi, owed_usd from answer_open_balances
        """,
        f"""
        select employer_id, plan_id, payee_tax_id, payee_npi,
            sum(carried_usd) - sum(applied_usd) as owed_usd
        from ({ADJUSTED}) where cycle_date <= {NIGHT}
        group by employer_id, plan_id, payee_tax_id, payee_npi
        having sum(carried_usd) <> sum(applied_usd)
        """,
        PAYEE,
        ("owed_usd",),
    ),
    Comparison(
        "funding requests",
        """
        select funding_account_id, cycle_date, is_requested, request_usd, received_usd, payments_usd
        from answer_cycles
        """,
        f"""
        select c.funding_account_id, c.cycle_date,
            exists (
                select 1 from event e
                where e.business_key = 'funding_requested:' || c.cycle_id
                    and e.business_date <= {NIGHT}
            ) as is_requested,
            r.request_usd,
            coalesce((
                select sum(a.amount_usd) from deposit_allocation a
                join deposit d on d.bank_reference = a.bank_reference
                where a.cycle_id = c.cycle_id and d.received_date <= {NIGHT}
            ), 0.00) as received_usd,
            (select sum(p.amount_usd) from payment p where p.cycle_id = c.cycle_id) as payments_usd
        from cycle c join funding_request r on r.cycle_id = c.cycle_id
        where c.cycle_date <= {NIGHT}
        """,
        ("funding_account_id", "cycle_date"),
        ("is_requested", "request_usd", "received_usd", "payments_usd"),
    ),
    Comparison(
        "books",
        """
        select funding_account_id, account, balance_usd from answer_books where balance_usd <> 0
        """,
        f"""
        with posted as (
            select funding_account_id, debit_account as account, amount_cents as cents
            from transfer where business_date <= {NIGHT}
            union all
            select funding_account_id, credit_account, -amount_cents
            from transfer where business_date <= {NIGHT}
        ),
        named as (
            select funding_account_id, account, cents from posted
            union all
            select funding_account_id, '2000+2020', cents from posted
            where account in ('2000', '2020')
        )
        select n.funding_account_id, n.account,
            cast(sum(n.cents) as decimal(18, 0)) / 100 as balance_usd
        from named n
        where n.account not in ('2000', '2020') or exists (
            select 1 from answer_books b
            where b.funding_account_id = n.funding_account_id and b.account = n.account
        )
        group by n.funding_account_id, n.account
        having sum(n.cents) <> 0
        """,
        ("funding_account_id", "account"),
        ("balance_usd",),
    ),
    Comparison(
        "payments without a right 835",
        "select '' as payment_id where false",
        f"""
        select p.payment_id from payment p join {CYCLES} c on c.cycle_id = p.cycle_id
        where p.status = 'RELEASED' and (p.trace_number is null or p.remittance_document_id is null)
        """,
        ("payment_id",),
        (),
    ),
)  # fmt: skip
