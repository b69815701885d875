-- Copay keys: what counts as one visit, so that a copay is taken once and a visit counted once.
-- Grain: visit_key; unique group_year_key, category_id, person_id, service_date, provider.
-- visit_name is the key as it stands in the accumulator ids.
with visit as (
    select distinct
        group_year_key,
        category_id,
        person_id,
        service_date,
        provider
    from adjudication_payable_line
    where has_copay
    union
    select distinct
        group_year_key,
        category_id,
        person_id,
        service_date,
        provider
    from adjudication_line_visit
)

select
    cast(
        row_number() over (
            order by
                group_year_key,
                person_id collate "C",
                service_date,
                category_id collate "C",
                provider collate "C"
        ) as integer
    ) as visit_key,
    group_year_key,
    category_id,
    person_id,
    service_date,
    provider,
    person_id || ':' || category_id || ':' || cast(service_date as varchar)
    || case when provider = '' then '' else ':' || provider end as visit_name
from visit
