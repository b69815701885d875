-- Replacements (frequency 7) and voids (8) with the version they name.
-- Grain: claim_key. The version is one decided on an earlier night or an earlier claim of tonight.
-- event_status: UNKNOWN (no such version), GONE (taken back before, or itself a void), MISMATCH
-- (patient, billing tax id or first day of service differ: a person looks), VALID.
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

wanted as (
    select distinct original_number
    from event
),

tonight as (
    select
        claim.claim_key,
        claim.icn,
        claim.claim_frequency_code,
        claim.member_id,
        claim.billing_provider_tax_id,
        dates.service_from_date
    from adjudication_claim as claim
    inner join wanted on claim.icn = wanted.original_number
    inner join adjudication_claim_dates as dates on claim.claim_key = dates.claim_key
),

-- Earlier versions that were reversed, cancelled, or denied and then replaced.
taken_back as (
    select decided.icn
    from decided_claim as decided
    inner join wanted on decided.icn = wanted.original_number
    where
        decided.decision_kind = 'REVERSAL'
        or decided.decision = 'CANCELLED'
    union
    select original.icn
    from decided_claim as original
    inner join wanted on original.icn = wanted.original_number
    inner join decided_claim as replacement
        on
            original.icn = replacement.replaces_icn
            and original.chain_icn = replacement.chain_icn
            and original.employer_id = replacement.employer_id
    where
        original.decision_kind = 'ADJUDICATION'
        and replacement.decision_kind = 'ADJUDICATION'
        and replacement.decision in ('APPROVED', 'DENIED')
),

named as (
    select
        event.claim_key,
        event.icn,
        event.claim_frequency_code,
        event.original_number,
        tonight.claim_key as named_claim_key,
        earlier.chain_icn as decided_chain_icn,
        coalesce(earlier.decided_date, night_run.night) as original_decided_date,
        case
            when tonight.claim_key is null and earlier.icn is null then 'UNKNOWN'
            when taken_back.icn is not null then 'GONE'
            when tonight.claim_frequency_code = '8' then 'GONE'
            when
                event.member_id <> coalesce(tonight.member_id, earlier.member_id)
                or event.billing_provider_tax_id
                <> coalesce(tonight.billing_provider_tax_id, earlier.billing_provider_tax_id)
                or event.service_from_date
                <> coalesce(tonight.service_from_date, earlier.service_from_date)
                then 'MISMATCH'
            else 'VALID'
        end as event_status
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
    -- Absent: the version stands.
    left join taken_back on event.original_number = taken_back.icn
),

-- A version can be taken back once: the first claim of tonight that may takes it.
first_taker as (
    select
        original_number,
        min(claim_key) as claim_key
    from named
    where event_status = 'VALID'
    group by original_number
)

select
    named.claim_key,
    named.icn,
    named.claim_frequency_code,
    named.named_claim_key,
    named.decided_chain_icn,
    named.original_decided_date,
    case when named.event_status = 'VALID' and first_taker.claim_key < named.claim_key then 'GONE'
        else named.event_status
    end as event_status
from named
-- Absent: nothing may take the version back.
left join first_taker on named.original_number = first_taker.original_number
