-- Decisions of the night: claims of tonight and decisions taken back, which repeat the stored one
-- negated. Grain: decision_id. Amounts: cents.
with decision as (
    select
        number.decision_number,
        number.decision_id,
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
        patient.subscriber_id,
        claim_plan.network_status,
        claim_plan.contract_id,
        claim.billing_provider_npi,
        claim.billing_provider_tax_id,
        claim.rendering_provider_npi,
        claim.patient_control_number,
        claim.place_code as place_of_service_code,
        dates.service_from_date,
        dates.service_through_date,
        claim.received_date,
        claim.charge_cents,
        coalesce(total.allowed_cents, 0) as allowed_cents,
        coalesce(total.paid_cents, 0) as paid_cents,
        coalesce(total.patient_responsibility_cents, 0) as patient_responsibility_cents,
        night_file.file_id,
        claim.claim_index
    from adjudication_claim as claim
    inner join adjudication_decision_number as number on claim.claim_key = number.claim_key
    inner join adjudication_claim_route as route on claim.claim_key = route.claim_key
    inner join adjudication_claim_plan as claim_plan on claim.claim_key = claim_plan.claim_key
    inner join adjudication_claim_dates as dates on claim.claim_key = dates.claim_key
    inner join adjudication_patient as patient on claim.patient_key = patient.patient_key
    inner join night_file on claim.file_key = night_file.file_key
    -- Absent: not decided.
    left join adjudication_claim_total as total on claim.claim_key = total.claim_key
    union all
    select
        number.decision_number,
        number.decision_id,
        'REVERSAL' as decision_kind,
        stored.icn,
        stored.chain_icn,
        stored.replaces_icn,
        stored.claim_frequency_code,
        case when reversal.is_in_cycle then 'APPROVED' else 'CANCELLED' end as decision,
        '' as pend_code,
        '22' as claim_status_code,
        stored.employer_id,
        stored.plan_id,
        stored.member_id,
        stored.subscriber_id,
        stored.network_status,
        stored.contract_id,
        stored.billing_provider_npi,
        stored.billing_provider_tax_id,
        stored.rendering_provider_npi,
        stored.patient_control_number,
        stored.place_of_service_code,
        stored.service_from_date,
        stored.service_through_date,
        stored.received_date,
        cast(stored.charge_usd * -100 as bigint) as charge_cents,
        cast(stored.allowed_usd * -100 as bigint) as allowed_cents,
        cast(stored.paid_usd * -100 as bigint) as paid_cents,
        cast(stored.patient_responsibility_usd * -100 as bigint) as patient_responsibility_cents,
        stored.file_id,
        stored.claim_index
    from adjudication_reversal as reversal
    inner join adjudication_decision_number as number
        on reversal.decision_id = number.stored_decision_id
    inner join decided_claim as stored on reversal.decision_id = stored.decision_id
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
    decision.charge_cents,
    decision.allowed_cents,
    decision.paid_cents,
    decision.patient_responsibility_cents,
    decision.file_id,
    decision.claim_index,
    night_run.decisions_key,
    night_run.night
from decision
cross join night_run
order by decision.decision_number
