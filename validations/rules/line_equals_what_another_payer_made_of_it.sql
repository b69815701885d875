-- A line that another payer split into several has an adjudication for each part: they count together.
with told as (
    select
        file_key,
        line_index,
        payer_id,
        sum(paid_usd) + sum(adjusted_usd) as told_usd
    from line_adjudication
    group by file_key, line_index, payer_id
)

select distinct
    service_line.file_key,
    service_line.claim_index,
    service_line.line_number
from told
inner join service_line
    on
        service_line.file_key = told.file_key
        and service_line.line_index = told.line_index
where service_line.charge_usd <> told.told_usd
