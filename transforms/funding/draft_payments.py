"""From decided claims to draft payments: one a plan, payee and part, as sets, never claim by claim.

A payee is a billing NPI and tax id. Claims that pay nothing go into payments of their own, which do
not wait for money. A payment explains at most 10,000 claims, so more are split into parts.

Rules with examples: docs/domain/cycle.md
"""

from datetime import date
from pathlib import Path

from transforms.funding.amounts import cents_sql
from transforms.funding.payees import PRINT_PARTNER, contract_payees, name_payees
from transforms.plan.models import Configuration, Employer
from transforms.warehouse import Connection, read_integer, registered

CLAIMS_A_PART = 9_900
"""Parts begin after so many claims; a reversal and its corrections never part, so some are longer."""

# Decisions of the employer that no cycle has. `is_pair`: a reversal, or what replaces it.
# A claim taken back before any cycle had it never was: neither it nor its reversal is paid. One that
# a cycle has will be paid, however late, so its reversal counts even when it came before the payment.
DECISIONS = f"""
create temp table cycle_decision as
with known as (
    select
        claim_decision.decision_id,
        claim_decision.decision_kind,
        claim_decision.icn,
        claim_decision.chain_icn,
        claim_decision.decision,
        claim_decision.plan_id,
        claim_decision.billing_provider_npi as payee_npi,
        claim_decision.billing_provider_tax_id as payee_tax_id,
        case when claim_decision.network_status = 'IN' then claim_decision.contract_id else '' end
            as contract_id,
        {cents_sql("claim_decision.paid_usd")} as paid_cents,
        claim_decision.received_date
    from claim_decision
    where
        claim_decision.employer_id = ?
        and claim_decision.night <= ?
        and not exists (
            select 1 from cycle_claim where cycle_claim.decision_id = claim_decision.decision_id
        )
),

taken_back as (
    select icn from known where decision_kind = 'REVERSAL'
),

open_decision as (
    select
        decision_id, decision_kind, chain_icn, plan_id, payee_npi, payee_tax_id, contract_id,
        paid_cents, received_date
    from known
    where
        decision_kind = 'ADJUDICATION'
        and decision in ('APPROVED', 'DENIED')
        and not exists (select 1 from taken_back where taken_back.icn = known.decision_id)
    union all
    select
        decision_id, decision_kind, chain_icn, plan_id, payee_npi, payee_tax_id, contract_id,
        paid_cents, received_date
    from known
    where
        decision_kind = 'REVERSAL'
        and exists (select 1 from cycle_claim where cycle_claim.decision_id = known.icn)
),

reversed_chain as (
    select distinct chain_icn from open_decision where decision_kind = 'REVERSAL'
)

select
    open_decision.decision_id,
    open_decision.decision_kind,
    open_decision.chain_icn,
    open_decision.plan_id,
    open_decision.payee_npi,
    open_decision.payee_tax_id,
    open_decision.contract_id,
    open_decision.paid_cents,
    open_decision.received_date,
    reversed_chain.chain_icn is not null as is_pair,
    ? and open_decision.paid_cents = 0 and reversed_chain.chain_icn is null as is_zero_pay
from open_decision
left join reversed_chain on reversed_chain.chain_icn = open_decision.chain_icn
"""

# Which part of its payee's claims a decision is in. Only payees with too many claims are numbered.
PARTS = """
create temp table decision_part as
with payee_size as (
    select plan_id, payee_npi, payee_tax_id, is_zero_pay, count(*) as claim_count
    from cycle_decision
    group by plan_id, payee_npi, payee_tax_id, is_zero_pay
),

placed as (
    select
        cycle_decision.decision_id,
        cycle_decision.chain_icn,
        cycle_decision.is_pair,
        payee_size.plan_id,
        payee_size.payee_npi,
        payee_size.payee_tax_id,
        row_number() over (
            partition by
                payee_size.plan_id, payee_size.payee_npi, payee_size.payee_tax_id,
                payee_size.is_zero_pay
            order by
                cycle_decision.is_pair desc, cycle_decision.chain_icn, cycle_decision.decision_id
        ) - 1 as place
    from cycle_decision
    inner join payee_size
        on
            payee_size.plan_id = cycle_decision.plan_id
            and payee_size.payee_npi = cycle_decision.payee_npi
            and payee_size.payee_tax_id = cycle_decision.payee_tax_id
            and payee_size.is_zero_pay = cycle_decision.is_zero_pay
    where payee_size.claim_count > {claims_a_part}
),

chain_place as (
    select plan_id, payee_npi, payee_tax_id, chain_icn, min(place) as place
    from placed
    where is_pair
    group by plan_id, payee_npi, payee_tax_id, chain_icn
)

select
    placed.decision_id,
    coalesce(chain_place.place, placed.place) // {claims_a_part} as part
from placed
left join chain_place
    on
        placed.is_pair
        and chain_place.plan_id = placed.plan_id
        and chain_place.payee_npi = placed.payee_npi
        and chain_place.payee_tax_id = placed.payee_tax_id
        and chain_place.chain_icn = placed.chain_icn
"""

PAID_DECISIONS = """
create temp table paid_decision as
select
    cycle_decision.decision_id,
    cycle_decision.plan_id,
    cycle_decision.payee_npi,
    cycle_decision.payee_tax_id,
    cycle_decision.is_zero_pay,
    coalesce(decision_part.part, 0) as part,
    cycle_decision.contract_id,
    cycle_decision.paid_cents,
    cycle_decision.received_date
from cycle_decision
left join decision_part on decision_part.decision_id = cycle_decision.decision_id
"""

# The latest contract of the payee speaks for all its claims of the cycle.
PAYMENTS = """
create temp table draft_payment as
with gathered as (
    select
        plan_id,
        payee_npi,
        payee_tax_id,
        is_zero_pay,
        part,
        max(contract_id) as contract_id,
        count(*) as claim_count,
        cast(sum(paid_cents) as bigint) as claims_cents,
        min(received_date) as oldest_received_date,
        min(decision_id) as first_decision_id
    from paid_decision
    group by plan_id, payee_npi, payee_tax_id, is_zero_pay, part
),

payee_contract as (
    select plan_id, payee_npi, payee_tax_id, max(contract_id) as contract_id
    from gathered
    group by plan_id, payee_npi, payee_tax_id
)

select
    sha256(concat_ws(
        chr(10), ?, gathered.plan_id, gathered.payee_npi, gathered.payee_tax_id,
        case when gathered.is_zero_pay then 'Z' else 'P' end || gathered.part
    )) as payment_id,
    gathered.plan_id,
    gathered.payee_npi,
    gathered.payee_tax_id,
    gathered.is_zero_pay,
    gathered.part,
    payee_contract.contract_id as payee_contract_id,
    contract_payee.payee_name,
    coalesce(contract_payee.payee_method, 'CHK') as payee_method,
    coalesce(contract_payee.receiver_partner_id, ?) as receiver_partner_id,
    gathered.claim_count,
    gathered.claims_cents,
    gathered.oldest_received_date,
    gathered.first_decision_id
from gathered
inner join payee_contract
    on
        payee_contract.plan_id = gathered.plan_id
        and payee_contract.payee_npi = gathered.payee_npi
        and payee_contract.payee_tax_id = gathered.payee_tax_id
left join contract_payee on contract_payee.contract_id = payee_contract.contract_id
"""

CYCLE_CLAIMS = """
insert into cycle_claim (decision_id, cycle_id, payment_id)
select paid_decision.decision_id, ?, draft_payment.payment_id
from paid_decision
inner join draft_payment
    on
        draft_payment.plan_id = paid_decision.plan_id
        and draft_payment.payee_npi = paid_decision.payee_npi
        and draft_payment.payee_tax_id = paid_decision.payee_tax_id
        and draft_payment.is_zero_pay = paid_decision.is_zero_pay
        and draft_payment.part = paid_decision.part
"""


def draft_payments(
    connection: Connection,
    configuration: Configuration,
    employer: Employer,
    *,
    lake: Path,
    cycle_id: str,
    night: date,
) -> int:
    """Put every open decision of the employer into the cycle and gather draft payments.

    Leaves the temporary tables `cycle_decision` and `draft_payment`, and rows in `cycle_claim`.

    Returns:
        How many decisions the cycle took.
    """
    connection.execute(DECISIONS, [employer.employer_id, night, employer.funding.zero_pay_separate])
    decisions = read_integer(connection, "select count(*) from cycle_decision")
    connection.execute(PARTS.format(claims_a_part=CLAIMS_A_PART))
    connection.execute(PAID_DECISIONS)
    with registered(connection, "contract_payee", contract_payees(configuration)):
        connection.execute(PAYMENTS, [cycle_id, PRINT_PARTNER])
    name_payees(connection, lake)
    taken = read_integer(connection, CYCLE_CLAIMS, [cycle_id])
    assert taken == decisions, "every decision belongs to exactly one payment"  # noqa: S101
    return decisions
