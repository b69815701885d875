-- Where no claim is told of, all were accepted or rejected together: nothing to count.
select
    acknowledgment_receiver.file_key,
    acknowledgment_receiver.acknowledgment_receiver_index
from acknowledgment_receiver
where
    acknowledgment_receiver.claim_count > 0
    and (
        acknowledgment_receiver.told_accepted_count <> acknowledgment_receiver.accepted_count
        or acknowledgment_receiver.told_rejected_count <> acknowledgment_receiver.rejected_count
    )
