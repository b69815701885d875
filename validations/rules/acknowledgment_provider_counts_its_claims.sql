-- Where no claim is told of, all were accepted or rejected together: nothing to count.
select
    acknowledgment_provider.file_key,
    acknowledgment_provider.acknowledgment_provider_index
from acknowledgment_provider
where
    acknowledgment_provider.claim_count > 0
    and (
        acknowledgment_provider.told_accepted_count <> acknowledgment_provider.accepted_count
        or acknowledgment_provider.told_rejected_count <> acknowledgment_provider.rejected_count
    )
