-- Every NPI that a claim, a line or a provider of theirs, or a remittance names, once. Grain: npi.
-- `has_form`: ten digits. `has_check_digit`: the last digit checks the others: Luhn over 80840 and the
-- ten digits (45 CFR 162.406). The prefix adds 24; digits in odd places, from the left, count double,
-- two-digit products as the sum of their digits.
with named as (
    select billing_provider_npi as npi from claim
    union
    select rendering_provider_npi as npi from claim
    union
    select referring_provider_npi as npi from claim
    union
    select service_facility_npi as npi from claim
    union
    select rendering_provider_npi as npi from service_line
    union
    select identification as npi from claim_provider where identification_qualifier = 'XX'
    union
    select payee_npi as npi from payment
    union
    select rendering_provider_npi as npi from claim_payment
),

formed as (
    select
        npi,
        length(npi) = 10 and translate(npi, '0123456789', '') = '' as has_form
    from named
    where npi <> ''
),

digit as (
    select
        formed.npi,
        place.position,
        cast(substr(formed.npi, place.position, 1) as integer) as value
    from formed
    cross join (
        select 1 as position union all select 2 union all select 3 union all select 4
        union all select 5 union all select 6 union all select 7 union all select 8
        union all select 9 union all select 10
    ) as place
    where formed.has_form
),

total as (
    select
        npi,
        24 + sum(
            case
                when position % 2 = 0 then value
                when value > 4 then 2 * value - 9
                else 2 * value
            end
        ) as checked
    from digit
    group by npi
)

select
    formed.npi,
    formed.has_form,
    coalesce(total.checked % 10 = 0, false) as has_check_digit
from formed
left join total
    on total.npi = formed.npi
