-- Replacements (frequency 7) and voids (8) with the version they name.
-- Grain: claim_key. The version is one decided on an earlier night or an earlier claim of tonight.
-- is_mismatch: patient, billing tax id or first day of service differ from the version named.
with event as (
    select
        claim.claim_key,
        claim.icn,
        claim.employer_id,
        claim.claim_frequency_code,
        claim.original_number,
        claim.member_id,
        claim.billing_provider_tax_id,
        dates.service_from_date
    from adjudication_claim as claim
    inner join adjudication_claim_dates as dates on claim.claim_key = dates.claim_key
    where claim.claim_frequency_code in ('7', '8')
),

tonight as (
    select
        claim.claim_key,
        claim.icn,
        claim.member_id,
        claim.billing_provider_tax_id,
        dates.service_from_date
    from adjudication_claim as claim
    inner join adjudication_claim_dates as dates on claim.claim_key = dates.claim_key
),

named as (
    select
        event.claim_key,
        event.icn,
        event.claim_frequency_code,
        tonight.claim_key as named_claim_key,
        earlier.chain_icn as decided_chain_icn,
        coalesce(earlier.decided_date, night_run.night) as original_decided_date,
        tonight.claim_key is not null or earlier.icn is not null as is_found,
        event.member_id <> coalesce(tonight.member_id, earlier.member_id)
        or event.billing_provider_tax_id
        <> coalesce(tonight.billing_provider_tax_id, earlier.billing_provider_tax_id)
        or event.service_from_date
        <> coalesce(tonight.service_from_date, earlier.service_from_date) as differs
    from event
    cross join night_run
    -- Absent: the number is no claim of tonight that came before this one.
    left join tonight
        on
            event.original_number = tonight.icn
            and tonight.claim_key < event.claim_key
    -- Absent: the number is no claim of the employer decided on an earlier night.
    left join decided_claim as earlier
        on
            event.original_number = earlier.icn
            and event.employer_id = earlier.employer_id
            and earlier.decision_kind = 'ADJUDICATION'
)

select
    claim_key,
    icn,
    claim_frequency_code,
    named_claim_key,
    decided_chain_icn,
    original_decided_date,
    is_found,
    is_found and differs as is_mismatch
from named
