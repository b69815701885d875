-- A letter, a digit, a digit or A or B, then up to four more. Whether the code exists and was billable
-- on the day needs the licensed table and is not asked here.
select
    claim.file_key,
    claim.claim_index
from claim
where not regexp_matches(claim.principal_diagnosis_code, '^[A-Z][0-9][0-9AB][0-9A-Z]{0,4}$')
