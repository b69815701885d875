-- A list is silent on days it does not cover.
with sent as (
    select distinct facility_type_code as code
    from institutional_claim
    where facility_type_code <> ''
),

wrong as (
    select sent.code
    from sent
    left join code_bill_type as known
        on known.code = sent.code
    where known.code is null
)

select
    institutional_claim.file_key,
    institutional_claim.claim_index
from institutional_claim
inner join wrong
    on wrong.code = institutional_claim.facility_type_code
cross join code_coverage as covered
where
    covered.code_set = 'bill_type'
    and institutional_claim.statement_end_date between covered.covers_from and covered.covers_through
