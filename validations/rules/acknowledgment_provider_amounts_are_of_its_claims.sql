select
    acknowledgment_provider.file_key,
    acknowledgment_provider.acknowledgment_provider_index
from acknowledgment_provider
where
    acknowledgment_provider.claim_count > 0
    and (
        acknowledgment_provider.told_accepted_usd <> acknowledgment_provider.accepted_usd
        or acknowledgment_provider.told_rejected_usd <> acknowledgment_provider.rejected_usd
    )
