select
    acknowledgment_receiver.file_key,
    acknowledgment_receiver.acknowledgment_receiver_index
from acknowledgment_receiver
where
    acknowledgment_receiver.claim_count > 0
    and (
        acknowledgment_receiver.told_accepted_usd <> acknowledgment_receiver.accepted_usd
        or acknowledgment_receiver.told_rejected_usd <> acknowledgment_receiver.rejected_usd
    )
