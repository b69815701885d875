-- Claims of a batch of payments in the order the 835 sends them, with the number of their row.
-- Grain: decision_id. A reversal stands right before the version that replaces it; a chain with a
-- reversal stands where its first version would; everything else goes by claim number.
with listed as (
    select
        payment.payment_row,
        claim.decision_id,
        claim.interest_usd,
        claim.received_date,
        decision.decision_kind,
        decision.icn,
        decision.chain_icn,
        decision.replaces_icn,
        decision.claim_frequency_code,
        decision.claim_status_code,
        decision.subscriber_id,
        decision.patient_control_number,
        decision.place_of_service_code,
        decision.service_from_date,
        decision.service_through_date,
        decision.charge_usd,
        decision.paid_usd,
        decision.patient_responsibility_usd,
        claim.file_key,
        decision.claim_index
    from remittance_batch as payment
    inner join payment_claim as claim on payment.payment_id = claim.payment_id
    inner join decided_claim as decision on claim.decision_id = decision.decision_id
),

-- The version that takes the place of a reversed one, when it is in the same payment.
successor as (
    select
        reversal.decision_id,
        min(version.icn) as successor_icn
    from listed as reversal
    inner join listed as version
        on
            reversal.payment_row = version.payment_row
            and reversal.chain_icn = version.chain_icn
    where
        reversal.decision_kind = 'REVERSAL'
        and version.decision_kind <> 'REVERSAL'
        and version.icn > reversal.icn
    group by reversal.decision_id
),

reversed_chain as (
    select
        payment_row,
        chain_icn,
        min(icn) as first_icn
    from listed
    where decision_kind = 'REVERSAL'
    group by payment_row, chain_icn
),

-- What a version replaces: the claim reversed right before it.
replaced as (
    select
        listed.payment_row,
        successor.successor_icn,
        max(listed.icn) as original_icn
    from successor
    inner join listed on successor.decision_id = listed.decision_id
    group by listed.payment_row, successor.successor_icn
),

placed as (
    select
        listed.payment_row,
        listed.decision_id,
        listed.interest_usd,
        listed.received_date,
        listed.decision_kind,
        listed.icn,
        listed.claim_frequency_code,
        listed.claim_status_code,
        listed.subscriber_id,
        listed.patient_control_number,
        listed.place_of_service_code,
        listed.service_from_date,
        listed.service_through_date,
        listed.charge_usd,
        listed.paid_usd,
        listed.patient_responsibility_usd,
        listed.file_key,
        listed.claim_index,
        case
            when listed.decision_kind = 'REVERSAL' then null
            else coalesce(replaced.original_icn, nullif(listed.replaces_icn, ''))
        end as original_icn,
        coalesce(reversed_chain.first_icn, listed.icn) as chain_place,
        coalesce(successor.successor_icn, listed.icn) as version_place,
        case when listed.decision_kind = 'REVERSAL' then 0 else 1 end as kind_place
    from listed
    -- Absent: the chain has no reversal in this payment.
    left join reversed_chain
        on
            listed.payment_row = reversed_chain.payment_row
            and listed.chain_icn = reversed_chain.chain_icn
    -- Absent: not a reversal, or one without a replacement here.
    left join successor on listed.decision_id = successor.decision_id
    -- Absent: replaces nothing that is reversed here.
    left join replaced
        on
            listed.payment_row = replaced.payment_row
            and listed.icn = replaced.successor_icn
)

select
    cast(row_number() over (
        order by
            payment_row,
            chain_place collate "C",
            version_place collate "C",
            kind_place,
            icn collate "C"
    ) - 1 as bigint) as claim_row,
    payment_row,
    decision_id,
    decision_kind,
    icn,
    original_icn,
    interest_usd,
    claim_frequency_code,
    claim_status_code,
    subscriber_id,
    patient_control_number,
    place_of_service_code,
    service_from_date,
    service_through_date,
    received_date,
    charge_usd,
    paid_usd,
    patient_responsibility_usd,
    file_key,
    claim_index
from placed
