-- CLM05-3: 1 original, 7 replacement, 8 void. Interim and late bills belong to institutions.
select
    claim.file_key,
    claim.claim_index
from claim
where claim.claim_frequency_code not in ('1', '7', '8')
