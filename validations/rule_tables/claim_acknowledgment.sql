-- Claims that a 277CA answers, by their first status: whether it accepts (STC03 WQ), and their charge.
-- Grain: file_key, claim_acknowledgment_index.
with first_status as (
    select
        file_key,
        claim_acknowledgment_index,
        category_code,
        action_code,
        charge_usd
    from raw_statuses
    where claim_acknowledgment_index is not null and line_acknowledgment_index is null
    qualify row_number() over (
        partition by file_key, claim_acknowledgment_index
        order by segment_start
    ) = 1
)

select
    raw.file_key,
    raw.claim_acknowledgment_index,
    raw.acknowledgment_receiver_index,
    raw.acknowledgment_provider_index,
    raw.set_index,
    transaction_set.kind,
    raw.segment_start,
    raw.byte_start,
    coalesce(raw.payer_claim_number, '') as payer_claim_number,
    coalesce(first_status.category_code, '') as category_code,
    coalesce(first_status.action_code, '') as action_code,
    coalesce(first_status.charge_usd, 0) as charge_usd
from raw_claim_acknowledgments as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
left join first_status -- absent: no status, which the reader finds
    on
        first_status.file_key = raw.file_key
        and first_status.claim_acknowledgment_index = raw.claim_acknowledgment_index
