-- Decisions of the night as the warehouse keeps them: claims of tonight and decisions taken back.
-- Grain: decision_id.
with tonight as (
    select
        claim.icn as decision_id,
        'ADJUDICATION' as decision_kind,
        claim.icn,
        route.chain_icn,
        claim.original_number as replaces_icn,
        claim.claim_frequency_code,
        case
            when route.route <> 'DECIDED' then route.route
            when total.is_approved then 'APPROVED'
            else 'DENIED'
        end as decision,
        case when route.route = 'PENDED' then route.pend_code else '' end as pend_code,
        case when claim.member_id = '' then '4' else '1' end as claim_status_code,
        claim.employer_id,
        claim_plan.plan_id,
        claim.member_id,
        claim.subscriber_id,
        claim_plan.network_status,
        claim_plan.contract_id,
        claim.billing_provider_npi,
        claim.billing_provider_tax_id,
        claim.rendering_provider_npi,
        claim.patient_control_number,
        claim.place_of_service_code,
        dates.service_from_date,
        dates.service_through_date,
        claim.received_date,
        claim.charge_cents,
        coalesce(total.allowed_cents, 0) as allowed_cents,
        coalesce(total.paid_cents, 0) as paid_cents,
        coalesce(total.patient_responsibility_cents, 0) as patient_responsibility_cents,
        claim.file_id,
        claim.claim_index
    from adjudication_claim as claim
    inner join adjudication_claim_route as route on claim.claim_key = route.claim_key
    inner join adjudication_claim_plan as claim_plan on claim.claim_key = claim_plan.claim_key
    inner join adjudication_claim_dates as dates on claim.claim_key = dates.claim_key
    -- Absent: not decided.
    left join adjudication_claim_total as total on claim.claim_key = total.claim_key
),

decision as (
    select
        decision_id,
        decision_kind,
        icn,
        chain_icn,
        case when claim_frequency_code in ('7', '8') then replaces_icn else '' end as replaces_icn,
        claim_frequency_code,
        decision,
        pend_code,
        claim_status_code,
        employer_id,
        plan_id,
        member_id,
        subscriber_id,
        network_status,
        contract_id,
        billing_provider_npi,
        billing_provider_tax_id,
        rendering_provider_npi,
        patient_control_number,
        place_of_service_code,
        service_from_date,
        service_through_date,
        received_date,
        cast(cast(charge_cents as decimal(18, 0)) * 0.01 as decimal(14, 2)) as charge_usd,
        cast(cast(allowed_cents as decimal(18, 0)) * 0.01 as decimal(14, 2)) as allowed_usd,
        cast(cast(paid_cents as decimal(18, 0)) * 0.01 as decimal(14, 2)) as paid_usd,
        cast(cast(patient_responsibility_cents as decimal(18, 0)) * 0.01 as decimal(14, 2))
            as patient_responsibility_usd,
        file_id,
        claim_index
    from tonight
    union all
    select
        decided.decision_id || 'R' as decision_id,
        'REVERSAL' as decision_kind,
        decided.icn,
        decided.chain_icn,
        decided.replaces_icn,
        decided.claim_frequency_code,
        case when reversal.is_released then 'APPROVED' else 'CANCELLED' end as decision,
        '' as pend_code,
        '22' as claim_status_code,
        decided.employer_id,
        decided.plan_id,
        decided.member_id,
        decided.subscriber_id,
        decided.network_status,
        decided.contract_id,
        decided.billing_provider_npi,
        decided.billing_provider_tax_id,
        decided.rendering_provider_npi,
        decided.patient_control_number,
        decided.place_of_service_code,
        decided.service_from_date,
        decided.service_through_date,
        event.received_date,
        -decided.charge_usd as charge_usd,
        -decided.allowed_usd as allowed_usd,
        -decided.paid_usd as paid_usd,
        -decided.patient_responsibility_usd as patient_responsibility_usd,
        decided.file_id,
        decided.claim_index
    from adjudication_reversal as reversal
    inner join decided_claim as decided on reversal.decision_id = decided.decision_id
    inner join adjudication_claim as event on reversal.event_claim_key = event.claim_key
)

select
    decision.decision_id,
    decision.decision_kind,
    decision.icn,
    decision.chain_icn,
    decision.replaces_icn,
    decision.claim_frequency_code,
    decision.decision,
    decision.pend_code,
    decision.claim_status_code,
    decision.employer_id,
    decision.plan_id,
    decision.member_id,
    decision.subscriber_id,
    decision.network_status,
    decision.contract_id,
    decision.billing_provider_npi,
    decision.billing_provider_tax_id,
    decision.rendering_provider_npi,
    decision.patient_control_number,
    decision.place_of_service_code,
    decision.service_from_date,
    decision.service_through_date,
    decision.received_date,
    night_run.night as decided_date,
    decision.charge_usd,
    decision.allowed_usd,
    decision.paid_usd,
    decision.patient_responsibility_usd,
    decision.file_id,
    decision.claim_index,
    night_run.decisions_key,
    night_run.night
from decision
cross join night_run
order by decision.decision_id collate "C"
