-- What the lines of a claim come to. Grain: file_key, claim_index; a claim without lines has no row.
select
    file_key,
    claim_index,
    count(*) as line_count,
    sum(charge_usd) as charge_usd,
    min(service_date) as first_date,
    max(service_end_date) as last_date
from service_line
group by file_key, claim_index
