-- The member id names a subscriber of the employer that the group number names. Coverage on the day
-- of service is not asked here: that is decided, and denied, later.
select
    claim.file_key,
    claim.claim_index
from claim
left join claim_subscriber
    on
        claim_subscriber.file_key = claim.file_key
        and claim_subscriber.claim_index = claim.claim_index
where claim_subscriber.claim_index is null
