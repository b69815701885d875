-- 2010BB NM109 must be the payer id of one of our plans.
select
    claim.file_key,
    claim.claim_index
from claim
left join employer
    on employer.payer_id = claim.payer_id
where employer.payer_id is null
