-- First and last day of service of each claim.
-- Grain: claim_key.
select
    claim_key,
    min(service_date) as service_from_date,
    max(service_end_date) as service_through_date
from adjudication_line
group by claim_key
