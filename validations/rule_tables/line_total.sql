-- What the lines of a claim come to. Grain: file_key, claim_index; a claim without lines has no row.
-- `first_date`, `last_date`: the statement of an institution, else the days of the lines, else the day a dentist
-- gives for the whole claim.
with summed as (
    select
        file_key,
        claim_index,
        count(*) as line_count,
        sum(charge_usd) as charge_usd,
        min(service_date) as first_date,
        max(service_end_date) as last_date
    from service_line
    group by file_key, claim_index
),

dated as (
    select
        file_key,
        claim_index,
        statement_begin_date,
        statement_end_date,
        service_date,
        service_end_date
    from claim
    where statement_end_date is not null or service_date is not null
)

select
    summed.file_key,
    summed.claim_index,
    summed.line_count,
    summed.charge_usd,
    coalesce(dated.statement_begin_date, summed.first_date, dated.service_date) as first_date,
    coalesce(dated.statement_end_date, summed.last_date, dated.service_end_date) as last_date
from summed
left join dated -- absent: the claim has no date of its own
    on
        dated.file_key = summed.file_key
        and dated.claim_index = summed.claim_index
