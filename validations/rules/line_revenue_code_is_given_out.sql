with sent as (
    select distinct revenue_code
    from institutional_line
),

wrong as (
    select sent.revenue_code
    from sent
    left join code_revenue_code as known
        on known.code = sent.revenue_code
    where known.code is null
)

select
    institutional_line.file_key,
    institutional_line.claim_index,
    institutional_line.line_number
from institutional_line
inner join wrong
    on wrong.revenue_code = institutional_line.revenue_code
inner join institutional_claim
    on
        institutional_claim.file_key = institutional_line.file_key
        and institutional_claim.claim_index = institutional_line.claim_index
cross join code_coverage as covered
where
    covered.code_set = 'revenue_code'
    and institutional_claim.statement_end_date between covered.covers_from and covered.covers_through
