select
    institutional_claim.file_key,
    institutional_claim.claim_index
from institutional_claim
inner join file
    on file.file_key = institutional_claim.file_key
where institutional_claim.statement_end_date > file.received_date
