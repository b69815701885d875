-- A list is silent on days it does not cover.
with sent as (
    select distinct admission_source_code as code
    from institutional_claim
    where admission_source_code <> ''
),

wrong as (
    select sent.code
    from sent
    left join code_admission_source as known
        on known.code = sent.code
    where known.code is null
)

select
    institutional_claim.file_key,
    institutional_claim.claim_index
from institutional_claim
inner join wrong
    on wrong.code = institutional_claim.admission_source_code
cross join code_coverage as covered
where
    covered.code_set = 'admission_source'
    and institutional_claim.statement_end_date between covered.covers_from and covered.covers_through
