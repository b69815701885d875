with repeated as (
    select
        file_key,
        claim_index
    from diagnosis
    where role in ('principal', 'other')
    group by file_key, claim_index, code
    having count(*) > 1
)

select distinct
    repeated.file_key,
    repeated.claim_index
from repeated
