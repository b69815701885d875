-- Copay keys: what counts as one visit, so that a copay is taken once and a visit counted once.
-- Grain: visit_key; unique group_year_key, category_number, person_key, service_date, billing_key.
-- visit_name is the key as it stands in accumulator ids. has_copay: a line of it has a copay.
with drawn as (
    select
        group_year_key,
        category_number,
        person_key,
        service_date,
        billing_key,
        1 as has_copay
    from adjudication_payable_line
    where has_copay
    union all
    select
        group_year_key,
        category_number,
        person_key,
        service_date,
        billing_key,
        0 as has_copay
    from adjudication_line_visit
),

visit as (
    select
        group_year_key,
        category_number,
        person_key,
        service_date,
        billing_key,
        max(has_copay) = 1 as has_copay
    from drawn
    group by group_year_key, category_number, person_key, service_date, billing_key
),

person as (
    select distinct
        person_key,
        person_id
    from adjudication_patient
),

category as (
    select distinct
        category_number,
        category_id
    from configured_category
)

select
    cast(
        row_number() over (
            order by
                visit.group_year_key,
                visit.person_key,
                visit.service_date,
                visit.category_number,
                visit.billing_key
        ) as integer
    ) as visit_key,
    visit.group_year_key,
    visit.category_number,
    visit.person_key,
    visit.service_date,
    visit.billing_key,
    visit.has_copay,
    person.person_id
    || ':'
    || category.category_id
    || ':'
    || cast(visit.service_date as varchar)
    || coalesce(
        ':' || provider.billing_provider_tax_id || '-' || provider.billing_provider_npi, ''
    ) as visit_name
from visit
inner join person on visit.person_key = person.person_key
inner join category on visit.category_number = category.category_number
-- Absent: the provider is no part of the key.
left join adjudication_billing_provider as provider on visit.billing_key = provider.billing_key
