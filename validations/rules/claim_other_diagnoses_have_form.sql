-- Diagnoses after the first, joined by a colon; the form is that of the principal one.
select
    claim.file_key,
    claim.claim_index
from claim
where not regexp_matches(claim.other_diagnosis_codes, '^([A-Z][0-9][0-9AB][0-9A-Z]{0,4}(:|$))*$')
