-- The last digit of an NPI checks the others: Luhn over 80840 and the ten digits (45 CFR 162.406).
-- The prefix adds 24; digits in odd places, from the left, count double, two-digit products as the
-- sum of their digits.
with npi as (
    select distinct rendering_provider_npi as npi
    from claim
    where rendering_provider_npi <> ''
),

digit as (
    select
        npi,
        position,
        cast(substr(npi, position, 1) as integer) as value
    from npi
    cross join (
        select 1 as position union all select 2 union all select 3 union all select 4
        union all select 5 union all select 6 union all select 7 union all select 8
        union all select 9 union all select 10
    ) as place
    where length(npi) = 10 and translate(npi, '0123456789', '') = ''
),

valid as (
    select npi
    from digit
    group by npi
    having
        (
            24 + sum(
                case
                    when position % 2 = 0 then value
                    when value > 4 then 2 * value - 9
                    else 2 * value
                end
            )
        ) % 10 = 0
)

select
    claim.file_key,
    claim.claim_index
from claim
left join valid
    on valid.npi = claim.rendering_provider_npi
where claim.rendering_provider_npi <> '' and valid.npi is null
