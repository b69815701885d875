-- Billing providers of a 277CA with their totals as sent and as the claims below come to.
-- Grain: file_key, acknowledgment_provider_index. A total that is not sent is null.
with claims as (
    select
        file_key,
        acknowledgment_provider_index,
        count(*) as claim_count,
        sum(case when action_code = 'WQ' then 1 else 0 end) as accepted_count,
        sum(case when action_code = 'WQ' then 0 else 1 end) as rejected_count,
        sum(case when action_code = 'WQ' then charge_usd else 0 end) as accepted_usd,
        sum(case when action_code = 'WQ' then 0 else charge_usd end) as rejected_usd
    from claim_acknowledgment
    group by file_key, acknowledgment_provider_index
)

select
    raw.file_key,
    raw.acknowledgment_provider_index,
    raw.set_index,
    transaction_set.kind,
    raw.segment_start,
    raw.byte_start,
    raw.accepted_count as told_accepted_count,
    raw.rejected_count as told_rejected_count,
    raw.accepted_usd as told_accepted_usd,
    raw.rejected_usd as told_rejected_usd,
    coalesce(claims.claim_count, 0) as claim_count,
    coalesce(claims.accepted_count, 0) as accepted_count,
    coalesce(claims.rejected_count, 0) as rejected_count,
    coalesce(claims.accepted_usd, 0) as accepted_usd,
    coalesce(claims.rejected_usd, 0) as rejected_usd
from raw_acknowledgment_providers as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
left join claims -- absent: no claim is told of below
    on
        claims.file_key = raw.file_key
        and claims.acknowledgment_provider_index = raw.acknowledgment_provider_index
