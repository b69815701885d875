-- The list is a copy and codes are added to it: an unknown one is told, not returned.
with unknown as (
    select distinct adjustment.reason_code
    from adjustment
    left join code_carc as known
        on known.code = adjustment.reason_code
    where
        known.code is null
        and regexp_matches(adjustment.reason_code, '^([1-9][0-9]{0,2}|[A-Z][0-9]{1,2})$')
)

select distinct
    adjustment.file_key,
    adjustment.claim_index
from adjustment
inner join unknown
    on unknown.reason_code = adjustment.reason_code
