select
    institutional_claim.file_key,
    institutional_claim.claim_index
from institutional_claim
where institutional_claim.statement_end_date < institutional_claim.statement_begin_date
