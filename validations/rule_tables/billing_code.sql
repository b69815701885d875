-- Condition, occurrence and value codes of claims. Grain: a component group of HI.
-- `role`: condition, occurrence, span (of occurrence) or value.
select
    raw.file_key,
    raw.claim_index,
    transaction_set.kind,
    'condition' as role,
    coalesce(raw.code, '') as code,
    cast(null as date) as begin_date,
    cast(null as date) as end_date,
    cast(null as decimal(14, 2)) as amount_usd
from raw_condition_codes as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
union all
select
    raw.file_key,
    raw.claim_index,
    transaction_set.kind,
    case when raw.qualifier = 'BI' then 'span' else 'occurrence' end as role,
    coalesce(raw.code, '') as code,
    raw.begin_date,
    raw.end_date,
    cast(null as decimal(14, 2)) as amount_usd
from raw_occurrences as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
union all
select
    raw.file_key,
    raw.claim_index,
    transaction_set.kind,
    'value' as role,
    coalesce(raw.code, '') as code,
    cast(null as date) as begin_date,
    cast(null as date) as end_date,
    raw.amount_usd
from raw_value_codes as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
