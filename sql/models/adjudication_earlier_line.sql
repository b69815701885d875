-- Lines of earlier nights for the same patient and day as a line of tonight.
-- Grain: decision_id, line_number; decisions that stand, in chains not voided tonight.
-- is_original: paid or denied on its merits, so that a copy of it is a duplicate.
-- is_touched: tonight replaces a version of its chain.
with wanted as (
    select distinct
        patient.member_id,
        line.member_key,
        line.service_date
    from adjudication_line as line
    inner join adjudication_patient as patient on line.member_key = patient.member_key
    where patient.member_id <> ''
),

reversed as (
    select distinct icn
    from decided_claim
    where decision_kind = 'REVERSAL'
)

select
    line.decision_id,
    line.line_number,
    decided.chain_icn,
    wanted.member_key,
    decided.billing_provider_tax_id,
    decided.billing_provider_npi,
    decided.rendering_provider_npi,
    decided.place_of_service_code,
    line.service_date,
    line.service_end_date,
    line.procedure_code,
    line.modifiers,
    cast(line.unit_count * 1000 as bigint) as unit_thousandths,
    cast(line.charge_usd * 100 as bigint) as charge_cents,
    line.line_outcome = 'PAID' as is_paid,
    line.service_category <> '' as is_original,
    state.chain_icn is not null as is_touched
from decided_claim as decided
inner join night_run on decided.employer_id = night_run.employer_id
inner join decided_line as line on decided.decision_id = line.decision_id
inner join wanted
    on
        decided.member_id = wanted.member_id
        and line.service_date = wanted.service_date
-- Absent: still stands.
left join reversed on decided.icn = reversed.icn
-- Absent: tonight does nothing to its chain.
left join adjudication_chain_state as state on decided.chain_icn = state.chain_icn
where
    decided.decision_kind = 'ADJUDICATION'
    and decided.decision in ('APPROVED', 'DENIED')
    and reversed.icn is null
    and not coalesce(state.is_voided, false)
