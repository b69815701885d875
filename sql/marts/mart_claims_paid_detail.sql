-- Every service line a cycle paid, denied or took back, and where each dollar of its charge went.
-- Grain: decision_id, line_number. Amounts: USD; a reversal has the negatives of what it undoes.
-- charge = discount + above allowed + not covered + deductible + coinsurance + copay + COB + paid.
with adjustment as (
    select
        decision_id,
        line_number,
        group_code,
        reason_code,
        amount_usd,
        case
            when group_code = 'PR' and reason_code = '1' then 'deductible'
            when group_code = 'PR' and reason_code = '2' then 'coinsurance'
            when group_code = 'PR' and reason_code = '3' then 'copay'
            when reason_code = '23' then 'cob'
            when group_code = 'CO' and reason_code in ('45', '59', '94', '131') then 'discount'
            when group_code = 'PR' and reason_code = '45' then 'above_allowed'
            else 'not_covered'
        end as adjustment_kind
    from line_adjustment
),

line_split as (
    select
        decision_id,
        line_number,
        sum(case when adjustment_kind = 'discount' then amount_usd else 0 end) as discount_usd,
        sum(case when adjustment_kind = 'above_allowed' then amount_usd else 0 end)
            as above_allowed_usd,
        sum(case when adjustment_kind = 'not_covered' then amount_usd else 0 end)
            as not_covered_usd,
        sum(case when adjustment_kind = 'deductible' then amount_usd else 0 end) as deductible_usd,
        sum(case when adjustment_kind = 'coinsurance' then amount_usd else 0 end)
            as coinsurance_usd,
        sum(case when adjustment_kind = 'copay' then amount_usd else 0 end) as copay_usd,
        sum(case when adjustment_kind = 'cob' then amount_usd else 0 end) as cob_usd
    from adjustment
    group by decision_id, line_number
),

current_member as (
    select
        employer_id,
        member_id,
        relationship_group
    from member
    where valid_to_event is null
)

-- No split: a line paid in full. No member: the claim names someone unknown today.
-- No payment: the cycle is calculated and its payments are not drawn up yet.
select
    claim_decision.decision_id,
    line_decision.line_number,
    claim_decision.decision_kind,
    claim_decision.icn,
    claim_decision.employer_id,
    claim_decision.plan_id,
    cycle_claim.cycle_id,
    cycle.cycle_date,
    cycle.night as cycle_night,
    cycle_claim.payment_id,
    claim_decision.member_id,
    coalesce(current_member.relationship_group, '') as relationship_group,
    claim_decision.network_status,
    claim_decision.billing_provider_npi,
    line_decision.service_date,
    line_decision.service_end_date,
    line_decision.service_category,
    line_decision.diagnosis_code,
    line_decision.procedure_code,
    line_decision.modifiers,
    line_decision.unit_count,
    line_decision.line_outcome,
    cast(line_decision.charge_usd as decimal(18, 2)) as charge_usd,
    cast(coalesce(line_split.discount_usd, 0) as decimal(18, 2)) as discount_usd,
    cast(coalesce(line_split.above_allowed_usd, 0) as decimal(18, 2)) as above_allowed_usd,
    cast(coalesce(line_split.not_covered_usd, 0) as decimal(18, 2)) as not_covered_usd,
    cast(coalesce(line_split.deductible_usd, 0) as decimal(18, 2)) as deductible_usd,
    cast(coalesce(line_split.coinsurance_usd, 0) as decimal(18, 2)) as coinsurance_usd,
    cast(coalesce(line_split.copay_usd, 0) as decimal(18, 2)) as copay_usd,
    cast(coalesce(line_split.cob_usd, 0) as decimal(18, 2)) as cob_usd,
    cast(line_decision.paid_usd as decimal(18, 2)) as paid_usd,
    payment.released_date as paid_date
from cycle_claim
inner join cycle on cycle_claim.cycle_id = cycle.cycle_id
inner join claim_decision on cycle_claim.decision_id = claim_decision.decision_id
inner join line_decision on claim_decision.decision_id = line_decision.decision_id
left join line_split
    on
        line_decision.decision_id = line_split.decision_id
        and line_decision.line_number = line_split.line_number
left join current_member
    on
        claim_decision.employer_id = current_member.employer_id
        and claim_decision.member_id = current_member.member_id
left join payment on cycle_claim.payment_id = payment.payment_id
