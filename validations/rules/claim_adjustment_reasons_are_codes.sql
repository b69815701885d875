select distinct
    adjustment.file_key,
    adjustment.claim_index
from adjustment
where not regexp_matches(adjustment.reason_code, '^([1-9][0-9]{0,2}|[A-Z][0-9]{1,2})$')
