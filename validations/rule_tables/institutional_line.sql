-- What only lines of institutions tell. Grain: file_key, claim_index, line_number; others have no row.
-- `is_accommodation`: the revenue code is of a day in a bed.
select
    raw.file_key,
    raw.claim_index,
    raw.line_number,
    transaction_set.kind,
    coalesce(trim(raw.revenue_code), '') as revenue_code,
    coalesce(trim(raw.revenue_code), '') between '0100' and '0219'
    or coalesce(trim(raw.revenue_code), '') between '1000' and '1005' as is_accommodation,
    raw.charge_usd,
    raw.noncovered_usd,
    raw.unit_count,
    coalesce(raw.drug_code, '') as drug_code,
    raw.service_date,
    coalesce(raw.service_end_date, raw.service_date) as service_end_date
from raw_service_lines as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
where transaction_set.kind = '837I'
