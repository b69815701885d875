-- How many claims ended how, and by which code those that were not simply paid.
-- Grain: night, employer_id, outcome, code. Every claim of an accepted set counts once.
-- REJECTED: returned with a 277CA before any decision, code category:status:entity.
-- PENDED: waits for a person, code of the pend. REVERSED: an earlier decision taken back.
-- WAITING: not decided yet, because the night stopped for its employer.
with rejected as (
    select
        night,
        '' as employer_id,
        'REJECTED' as outcome,
        status_category_code || ':' || status_code
        || case when entity_code = '' then '' else ':' || entity_code end as code,
        charge_usd,
        0 as allowed_usd,
        0 as patient_responsibility_usd,
        0 as paid_usd
    from rejected_claim
),

decided as (
    select
        night,
        employer_id,
        case when decision_kind = 'REVERSAL' then 'REVERSED' else decision end as outcome,
        pend_code as code,
        charge_usd,
        allowed_usd,
        patient_responsibility_usd,
        paid_usd
    from claim_decision
),

waiting as (
    select
        night,
        employer_id,
        'WAITING' as outcome,
        '' as code,
        charge_usd,
        0 as allowed_usd,
        0 as patient_responsibility_usd,
        0 as paid_usd
    from waiting_claim
),

claim as (
    select
        night,
        employer_id,
        outcome,
        code,
        charge_usd,
        allowed_usd,
        patient_responsibility_usd,
        paid_usd
    from rejected
    union all
    select
        night,
        employer_id,
        outcome,
        code,
        charge_usd,
        allowed_usd,
        patient_responsibility_usd,
        paid_usd
    from decided
    union all
    select
        night,
        employer_id,
        outcome,
        code,
        charge_usd,
        allowed_usd,
        patient_responsibility_usd,
        paid_usd
    from waiting
)

select
    night,
    employer_id,
    outcome,
    code,
    count(*) as claim_count,
    cast(sum(charge_usd) as decimal(18, 2)) as charge_usd,
    cast(sum(allowed_usd) as decimal(18, 2)) as allowed_usd,
    cast(sum(patient_responsibility_usd) as decimal(18, 2)) as patient_responsibility_usd,
    cast(sum(paid_usd) as decimal(18, 2)) as paid_usd
from claim
group by night, employer_id, outcome, code
