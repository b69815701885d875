-- One pass over claims for each list: which list a claim uses, held against its last day.
with used as (
    select
        file_key,
        claim_index,
        min(case when is_icd10 then 1 else 0 end) as all_icd10,
        max(case when is_icd10 then 1 else 0 end) as any_icd10
    from diagnosis
    group by file_key, claim_index
)

select
    used.file_key,
    used.claim_index
from used
inner join line_total
    on
        line_total.file_key = used.file_key
        and line_total.claim_index = used.claim_index
where
    (used.all_icd10 = 0 and line_total.last_date >= date '2015-10-01')
    or (used.any_icd10 = 1 and line_total.last_date < date '2015-10-01')
