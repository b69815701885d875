-- A list is silent on days it does not cover.
with sent as (
    select distinct claim_frequency_code as code
    from institutional_claim
    where claim_frequency_code <> ''
),

wrong as (
    select sent.code
    from sent
    left join code_bill_frequency as known
        on known.code = sent.code
    where known.code is null
)

select
    institutional_claim.file_key,
    institutional_claim.claim_index
from institutional_claim
inner join wrong
    on wrong.code = institutional_claim.claim_frequency_code
cross join code_coverage as covered
where
    covered.code_set = 'bill_frequency'
    and institutional_claim.statement_end_date between covered.covers_from and covered.covers_through
